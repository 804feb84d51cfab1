"""The figures made anew from the events, or held against them.

A pool for long work is wanted: a statement over all there is, and waiting for another replica that
rebuilds, may take an hour.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.catalogue import RELEASED
from libs.stream.watermark import Gap, Watermark
from services.reporting.ingest import changed_periods, vacancies, watermarks
from services.reporting.ingest.messages import EpochKey
from services.reporting.model.rollups import COUNTING
from services.reporting.model.targets import Yardsticks
from services.reporting.verification.derived_tables import DERIVED, Derived, comparable
from services.reporting.verification.recomputation import Refold, Stored

SQL = statements("services.reporting", "sql/rebuild.sql")
AT_A_TIME = 5000
"""Events read into memory at once."""

Report = Callable[[str, int], None]
"""Told, after each site, its code and how many of its events were read."""


class Difference(NamedTuple):
    """A row that is not as the events have it."""

    table: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.what}"


async def prepare(pool: Pool, yardsticks: Yardsticks, report: Report) -> bool:
    """Rebuild if the figures were judged by other standards than ours, or hold events that this
    release knows; whether that was so. To be called before any ingest."""
    async with pool.acquire() as connection:
        if not await _is_due(connection, yardsticks):
            return False
    async with _alone(pool) as connection:
        if await _is_due(connection, yardsticks):  # no other replica has done it meanwhile
            await _rebuild(connection, yardsticks, report)
            return True
    return False


async def rebuild(pool: Pool, yardsticks: Yardsticks, report: Report) -> int:
    """Replace everything that follows from the events, in one transaction; how many they are.

    Ingest waits meanwhile, and readers see the old rows until the new ones stand.
    """
    async with _alone(pool) as connection:
        return await _rebuild(connection, yardsticks, report)


async def check(
    pool: Pool, yardsticks: Yardsticks, report: Report, only: str | None = None
) -> list[Difference]:
    """Every row that is not as the events and the standards have it, at one moment; of one site
    where ``only`` names it."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        if other := await _judged_otherwise(connection, yardsticks):
            return [Difference("standards_in_force", "", other)]
        found: list[Difference] = []
        for (site,) in await connection.fetch(SQL.sites):
            if only not in {None, site}:
                continue
            refold = await refolded(connection, site, yardsticks)
            found += _faults(refold)
            found += await _stream_differences(connection, refold)
            for derived in DERIVED:
                found += await _table_differences(connection, derived, refold)
            report(site, refold.events)
        return found


async def remarks(pool: Pool) -> list[str]:
    """What is as it should be and yet not whole: numbers without an event, unknown services."""
    return [f"{row['of']}: {row['what']}" for row in await pool.fetch(SQL.not_folded)]


@asynccontextmanager
async def _alone(pool: Pool) -> AsyncGenerator[Connection]:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL.have_the_rollups_alone)
        yield connection


async def _is_due(connection: Connection, yardsticks: Yardsticks) -> bool:
    if await _judged_otherwise(connection, yardsticks):
        return True
    return any(row["type"] in RELEASED for row in await connection.fetch(SQL.held_types))


async def _judged_otherwise(connection: Connection, yardsticks: Yardsticks) -> str | None:
    """What else than ours the figures were made by: other standards, or other rules."""
    row = await connection.fetchrow(SQL.judged_by)
    version, counting = row or (None, None)
    if version != yardsticks.version:
        return f"the figures are judged by {version}, these standards are {yardsticks.version}"
    if counting != COUNTING:
        return f"the figures are counted by rules {counting}, this release's are {COUNTING}"
    return None


async def _rebuild(connection: Connection, yardsticks: Yardsticks, report: Report) -> int:
    events = 0
    sites = await connection.fetch(SQL.sites)
    for derived in DERIVED:
        await connection.execute(derived.clear)
    for (site,) in sites:
        refold = await refolded(connection, site, yardsticks)
        await _mark_held(connection, refold)
        await _mend_streams(connection, refold)
        for derived in DERIVED:
            await derived.write(connection, refold)
        events += refold.events
        report(site, refold.events)
    await changed_periods.mark_every_day(connection)
    await connection.execute(SQL.put_in_force, yardsticks.version, COUNTING)
    return events


async def refolded(connection: Connection, site: str, yardsticks: Yardsticks) -> Refold:
    """All that follows from one site's events; inside a transaction."""
    refold = Refold(site, yardsticks)
    cursor = await connection.cursor(SQL.events_of_site, site)
    while rows := await cursor.fetch(AT_A_TIME):
        refold.take(Stored(*row) for row in rows)
    refold.pass_over(await vacancies.of_site(connection, site))
    refold.finish()
    return refold


async def _mark_held(connection: Connection, refold: Refold) -> None:
    if refold.held:
        rows = [(*key.run, key.sequence, held) for key, held in refold.held.items()]
        await connection.execute(
            SQL.now_known, *(list(column) for column in zip(*rows, strict=True))
        )


async def _mend_streams(connection: Connection, refold: Refold) -> None:
    stored, marks = await _stored_watermarks(connection, refold.site), refold.watermarks
    if marks:
        before = {run: stored.get(run, Watermark()) for run in marks}
        await watermarks.begin(connection, sorted(marks))
        await watermarks.move(connection, before, marks)


async def _stored_watermarks(connection: Connection, site: str) -> dict[EpochKey, Watermark]:
    gaps: dict[EpochKey, list[Gap]] = {}
    for *run, first, last in await connection.fetch(SQL.gaps_of_site, site):
        gaps.setdefault(EpochKey(*run), []).append(Gap(first, last))
    return {
        (key := EpochKey(*run)): Watermark(highest, tuple(gaps.get(key, ())))
        for *run, highest in await connection.fetch(SQL.streams_of_site, site)
    }


def _faults(refold: Refold) -> list[Difference]:
    wrong = [Difference("events", _place(*fault.key), fault.what) for fault in refold.faults]
    for key, held in refold.held.items():
        what = "its type is not known" if held else "it is held, and its type is known"
        wrong.append(Difference("events", _place(*key), what))
    return wrong


def _place(run: EpochKey, sequence: int) -> str:
    return f"{run.site} {run.stream}, epoch {run.epoch}, sequence {sequence}"


async def _stream_differences(connection: Connection, refold: Refold) -> list[Difference]:
    stored = await _stored_watermarks(connection, refold.site)
    events_say = refold.watermarks
    found: list[Difference] = []
    for run in sorted(stored.keys() | events_say.keys()):
        is_, should = stored.get(run, Watermark()), events_say.get(run, Watermark())
        name = f"{run.site} {run.stream}, epoch {run.epoch}"
        if is_.highest != should.highest:
            what = f"highest is {is_.highest}, the events say {should.highest}"
            found.append(Difference("streams", name, what))
        if is_.gaps != should.gaps:
            what = f"{_listed(is_.gaps)}, the events say {_listed(should.gaps)}"
            found.append(Difference("gaps", name, what))
    return found


def _listed(gaps: tuple[Gap, ...]) -> str:
    return ", ".join(f"{gap.first}-{gap.last}" for gap in gaps) or "none"


async def _table_differences(
    connection: Connection, derived: Derived, refold: Refold
) -> list[Difference]:
    expected = dict(derived.split(row) for row in derived.rows(refold))
    found: list[Difference] = []
    cursor = await connection.cursor(derived.of_site, refold.site)
    while rows := await cursor.fetch(AT_A_TIME):
        for row in rows:
            key, values = derived.split(tuple(row))
            should = expected.pop(key, None)
            if values != should and (should is None or comparable(values) != comparable(should)):
                found.append(_difference(derived, key, values, should))
    found += [Difference(derived.name, _named(key), "the row is missing") for key in expected]
    return found


def _difference(
    derived: Derived, key: tuple[object, ...], values: tuple[object, ...], should: object
) -> Difference:
    if not isinstance(should, tuple):
        return Difference(derived.name, _named(key), "the row should not be there")
    columns = derived.columns[derived.keys :]
    what = "; ".join(
        f"{column} is {is_}, should be {said}"
        for column, is_, said in zip(columns, values, should, strict=True)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if is_ != said
    )
    return Difference(derived.name, _named(key), what)


def _named(key: tuple[object, ...]) -> str:
    return ", ".join(str(part) for part in key)
