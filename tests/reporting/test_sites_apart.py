"""A site's rows are read by its whole code: `pjo-31` is no part of `pjo-3104`, nor the other way.

The longer-named site says the same visits, references and numbers, and only half of them, so that
whatever is read by the beginning of a code shows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest

from libs.standards.values import Site
from services.reporting.commands import figures
from services.reporting.commands.figures import Question
from services.reporting.figures.assembly import Asked
from services.reporting.model.periods import Period
from services.reporting.reads import questions, rollup_sums
from services.reporting.reads.rollup_sums import By, Scope
from services.reporting.reads.site_days import read_site_days
from services.reporting.verification import reconcile
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on, standards
from tests.reporting.streams import Message, SiteStreams

SHORT, LONG = "pjo-31", "pjo-3104"
DAYS = (date(2026, 3, 16), date(2026, 3, 17))
PERIOD = Period(*DAYS)
TODAY = date(2026, 3, 18)
SERVICE = "JF-BAIL"


def office(code: str) -> Site:
    return replace(standards().sites["pjo-50"], code=code)


KNOWN = replace(standards(), sites={code: office(code) for code in (SHORT, LONG)})
ASKED = Asked(KNOWN, PERIOD, TODAY)

Read = Callable[[Nation], Awaitable[object]]


def sums(by: By) -> Read:
    async def read(nation: Nation) -> object:
        async with rollup_sums.snapshot(nation.pool) as connection:
            return await rollup_sums.sums(connection, Scope([SHORT], PERIOD), by)

    return read


async def days(nation: Nation) -> object:
    async with rollup_sums.snapshot(nation.pool) as connection:
        return await rollup_sums.days(connection, Scope([SHORT], PERIOD))


async def reaches(nation: Nation) -> object:
    async with rollup_sums.snapshot(nation.pool) as connection:
        return await rollup_sums.reaches(connection, [SHORT])


async def page(nation: Nation) -> object:
    async with rollup_sums.snapshot(nation.pool) as connection:
        return await questions.one_site(connection, ASKED, office(SHORT))


async def national_row(nation: Nation) -> object:
    async with rollup_sums.snapshot(nation.pool) as connection:
        view = await questions.nation(connection, ASKED)
    return next(row for row in view.rows if row.site.code == SHORT)


async def due_days(nation: Nation) -> object:
    async with rollup_sums.snapshot(nation.pool) as connection:
        found = await read_site_days(connection, KNOWN, PERIOD, TODAY)
    return found.days[SHORT]


async def operator(nation: Nation) -> object:
    whole = await figures.answer(nation.pool, Question(SHORT, PERIOD, None, [900]))
    part = await figures.answer(nation.pool, Question(SHORT, PERIOD, SERVICE, []))
    return whole, part


async def reconciled(nation: Nation) -> object:
    question = reconcile.Question(*DAYS, SHORT)
    found = await reconcile.reconcile(nation.pool, question)
    return list(reconcile.report(question, found))


def table(name: str) -> Read:
    async def read(nation: Nation) -> object:
        rows = await nation.rows("rows_of_site", SHORT, name)
        return [row["told"] for row in rows]

    return read


TABLES = (
    *("steps", "step_rollup", "step_cells", "visit_rollup", "responses", "feedback_rollup"),
    *("rating_rollup", "feedback_day_rollup", "day_progress", "gaps", "streams"),
)
READS: dict[str, Read] = {
    **{f"sums by {by}": sums(by) for by in By},
    "days": days,
    "reaches": reaches,
    "page": page,
    "national row": national_row,
    "due days": due_days,
    "operator": operator,
    "reconcile": reconciled,
    **{f"table {name}": table(name) for name in TABLES},
}


def renamed(message: Message) -> Message:
    """The same as another site would say it."""
    value = (message.value or b"").replace(SHORT.encode(), LONG.encode())
    return message._replace(topic=message.topic.replace(SHORT, LONG), value=value)


@pytest.fixture
def said() -> list[Message]:
    streams = SiteStreams(SHORT, 1)
    for day in DAYS:
        streams.play(day, 30, corrections=2)
    return streams.messages


async def test_every_read_of_a_site_leaves_those_of_a_longer_code(
    fresh_database: FreshDatabase, said: list[Message]
) -> None:
    other = [renamed(one) for one in said]
    half = other[: len(other) // 2] + other[len(other) // 2 + 9 :: 3]
    async with (
        nation_on(await fresh_database("reporting")) as alone,
        nation_on(await fresh_database("reporting")) as beside,
    ):
        await alone.take_all(said)
        for start in range(0, len(said), 60):
            await beside.take([*half[start : start + 60], *said[start : start + 60]])
        for name, read in READS.items():
            assert await read(beside) == await read(alone), name
        assert await beside.check() == []
        await beside.rebuild()
        for name, read in READS.items():
            assert await read(beside) == await read(alone), f"{name}, made anew"
