"""Reads the rollups for pages, API and terminal: one snapshot a question, nothing written."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.codes import Dimension, VisitorClass
from services.reporting.figures.coverage import DayState, Reach, SiteDay
from services.reporting.figures.sums import STEP_COUNTERS, Ratings, StepSums, Sums
from services.reporting.model.periods import Period

SQL = statements("services.reporting", "sql/read_figures.sql")
FREE_WITHIN_S = 3.0
"""A reader waits so long for its turn, and is then told to come again."""
DAYS_SQL = statements("services.reporting", "sql/read_days.sql")


class Crowded(TimeoutError):
    """So much is asked at once that this question has no turn."""


class By(StrEnum):
    """What sums are summed by."""

    SITE = "site"
    SERVICE = "service"
    HOUR = "hour"
    """The local hour in which a step entered its queue; answers and visits have none."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The sites and days that a question is about."""

    sites: Sequence[str]
    period: Period


@asynccontextmanager
async def snapshot(pool: Pool) -> AsyncGenerator[Connection]:
    """A connection on which every read sees the same moment.

    Raises :class:`Crowded` where all of the pool's are busy for
    ``FREE_WITHIN_S``.
    """
    async with (
        _free(pool) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection


@asynccontextmanager
async def _free(pool: Pool) -> AsyncGenerator[Connection]:
    try:
        connection = await pool.acquire(timeout=FREE_WITHIN_S)
    except TimeoutError:
        if pool.get_size() < pool.get_max_size():
            raise  # not for want of a free one: the database does not let us in
        raise Crowded(f"no connection became free within {FREE_WITHIN_S:.0f} s") from None
    try:
        yield connection
    finally:
        await pool.release(connection)


async def sums(connection: Connection, scope: Scope, by: By) -> dict[str, Sums]:
    """The sums of the scope's rollup rows, by code of site or service, or by hour ("9")."""
    parts: defaultdict[str, Sums] = defaultdict(Sums)
    for key, classes in (await _steps(connection, scope, by)).items():
        everyone = sum(classes.values(), StepSums())
        parts[key] = replace(parts[key], steps=everyone, by_class=classes)
    arguments = (scope.period.first, scope.period.last, scope.sites)
    for row in await connection.fetch(SQL.cells, *arguments, by):
        cells = dict(zip(row["cells"], row["counts"], strict=True))
        part = parts[row["key"]]
        parts[row["key"]] = (
            replace(part, wait_cells=cells)
            if row["measure"] == "wait"
            else replace(part, service_cells=cells)
        )
    if by is By.SITE:
        for row in await connection.fetch(SQL.visits, *arguments):
            parts[row["key"]] = replace(parts[row["key"]], **_without_key(dict(row)))
    if by is not By.HOUR:
        for row in await connection.fetch(SQL.answers, *arguments, by):
            parts[row["key"]] = replace(parts[row["key"]], **_without_key(dict(row)))
        for key, ratings in (await _ratings(connection, scope, by)).items():
            parts[key] = replace(parts[key], ratings=ratings)
    return dict(parts)


async def _steps(
    connection: Connection, scope: Scope, by: By
) -> dict[str, dict[VisitorClass, StepSums]]:
    found: defaultdict[str, dict[VisitorClass, StepSums]] = defaultdict(dict)
    period = scope.period
    for row in await connection.fetch(SQL.steps, period.first, period.last, scope.sites, by):
        counters = {name: row[name] for name in STEP_COUNTERS}
        found[row["key"]][VisitorClass(row["visitor_class"])] = StepSums(**counters)
    return found


async def _ratings(
    connection: Connection, scope: Scope, by: By
) -> dict[str, dict[Dimension, Ratings]]:
    found: defaultdict[str, defaultdict[Dimension, Ratings]] = defaultdict(
        lambda: defaultdict(Ratings)
    )
    period = scope.period
    for row in await connection.fetch(SQL.ratings, period.first, period.last, scope.sites, by):
        dimension, level = Dimension(row["dimension"]), row["level"]
        one = Ratings({level: row["n"]}, {level: row["cleaned_n"]})
        found[row["key"]][dimension] = found[row["key"]][dimension] + one
    return {key: dict(ratings) for key, ratings in found.items()}


def _without_key(row: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in row.items() if name != "key"}


async def days(connection: Connection, scope: Scope) -> dict[str, dict[date, SiteDay]]:
    """What is known of the scope's days, by site and day."""
    found: defaultdict[str, dict[date, SiteDay]] = defaultdict(dict)
    period = scope.period
    for row in await connection.fetch(DAYS_SQL.days, period.first, period.last, scope.sites):
        day = row["service_day"]
        state = DayState(row["state"])
        found[row["site"]][day] = SiteDay(day, state, row["detail"], row["ticketing_revision"])
    return dict(found)


async def reaches(connection: Connection, sites: Sequence[str]) -> dict[str, Reach]:
    """How far the data reach of those sites of which anything has come."""
    rows = await connection.fetch(SQL.reaches, sites)
    return {row["site"]: Reach(row["first_day"], row["last_day"], row["until"]) for row in rows}


async def newest_day(pool: Pool) -> date | None:
    """The last service day anything is known of at any site."""
    async with _free(pool) as connection:
        return await connection.fetchval(SQL.newest_day)
