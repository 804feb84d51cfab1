"""The scorecard in a terminal."""

from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from services.reporting.commands.scorecard import national_table, print_national_table
from services.reporting.model.periods import range_of
from services.reporting.reads import questions, rollup_sums
from tests.databases import FreshDatabase
from tests.reporting.streams import SiteStreams
from tests.reporting_web.country import DAYS, NOW, STANDARDS, country


async def test_the_table_names_offices_and_points_and_no_level(
    fresh_database: FreshDatabase,
) -> None:
    async with country(await fresh_database("reporting")) as nation:
        await nation.play(visits=10, sites=("pjo-50", "led-bkk4"))
        small = SiteStreams("pjo-57", seed=9)
        small.play(DAYS[0], visits=3)
        await nation.take(small)
        period = range_of(DAYS[0], DAYS[-1], NOW.date())
        async with rollup_sums.snapshot(nation.pool) as connection:
            asked = questions.Asked(STANDARDS, period, date(2026, 3, 19))
            view = await questions.nation(connection, asked)
    console = Console(width=120)
    with console.capture() as captured:
        console.print(national_table(view))
    text = captured.get()
    assert "pjo-50  Provincial" in text
    chiang_rai = next(line for line in text.splitlines() if "pjo-57" in line)
    assert "<5" in chiang_rai
    assert chiang_rai.rstrip().endswith("1/1")  # it takes no part yet: no other day is due of it
    assert "not judged" in chiang_rai
    assert "Basic" not in text
    assert "No level is named" in text
    assert "working model" in text
    assert "All offices" in text


@pytest.mark.parametrize("columns", [60, 100, 124])
async def test_a_narrow_terminal_loses_no_column(
    fresh_database: FreshDatabase, columns: int
) -> None:
    async with country(await fresh_database("reporting")) as nation:
        await nation.play(visits=10, sites=("pjo-50", "led-bkk4"))
        period = range_of(DAYS[0], DAYS[-1], NOW.date())
        async with rollup_sums.snapshot(nation.pool) as connection:
            asked = questions.Asked(STANDARDS, period, date(2026, 3, 19))
            view = await questions.nation(connection, asked)
    printed = StringIO()
    print_national_table(Console(file=printed, width=columns), view)
    table, _, _ = printed.getvalue().partition("working model")
    for words in (
        "standard",
        "points",
        "visits",
        "announced",
        "satisfied",
        "replies",
        "days",
        "3/3",
    ):
        assert words in table, table
