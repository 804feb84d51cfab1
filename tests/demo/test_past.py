"""Which days are played, and what a second start finds."""

from datetime import date, timedelta

import pytest

from libs.standards import Standards
from saduak.demo.past import NoWorkingDays, play_past, working_days
from saduak.demo.scenario import Scenario
from services.ticketing.reads import days, working_day
from services.ticketing.usecases import open_day
from tests.demo.conftest import NewCentre

SITE = "pjo-65"
TODAY = date(2026, 12, 8)
"""A Tuesday; the Saturday and Sunday before, and Monday 7 December, were free."""
FRIDAY = date(2026, 12, 4)


def quietly(site: str, gone: int, planned: int) -> None:
    """Progress that nobody watches."""


def test_weekends_and_public_holidays_are_no_working_days(standards: Standards) -> None:
    assert standards.holiday_name(date(2026, 12, 7)), "the King's birthday, observed"
    found = working_days(standards, SITE, TODAY, 3)
    assert found == [date(2026, 12, 2), date(2026, 12, 3), FRIDAY]
    assert working_days(standards, SITE, TODAY, 0) == []


def test_today_is_never_played(standards: Standards) -> None:
    assert TODAY not in working_days(standards, SITE, TODAY, 30)


def test_more_days_than_there_are_is_said(standards: Standards) -> None:
    with pytest.raises(NoWorkingDays, match=f"{SITE} has only .* ask for fewer with --days"):
        working_days(standards, SITE, TODAY, 399)


async def test_a_second_start_plays_only_what_is_missing(
    new_centre: NewCentre, scenario: Scenario
) -> None:
    centre = (await new_centre(SITE)).centre
    told: list[tuple[int, int]] = []
    first = await play_past(
        centre, scenario, [FRIDAY], TODAY, lambda _, gone, planned: told.append((gone, planned))
    )
    assert first.played == 1
    assert told[0][0] == 0
    assert told[-1] == (told[0][1], told[0][1]), "the bar ends full"
    earlier = FRIDAY - timedelta(days=1)
    second = await play_past(centre, scenario, [earlier, FRIDAY], TODAY, quietly)
    assert second.played == 1
    assert second.revisions.keys() == {earlier, FRIDAY}
    assert second.revisions[FRIDAY] == first.revisions[FRIDAY]
    assert (await play_past(centre, scenario, [earlier, FRIDAY], TODAY, quietly)).played == 0


async def test_a_day_left_open_is_closed_first(new_centre: NewCentre, scenario: Scenario) -> None:
    """By a demo that was killed while it played, or that ran on past midnight."""
    centre = (await new_centre(SITE)).centre
    await open_day(centre.office, FRIDAY)
    found = await play_past(centre, scenario, [FRIDAY], TODAY, quietly)
    assert found.played == 0
    assert found.revisions == {FRIDAY: 1}
    assert await working_day(centre.office) is None


async def test_today_stays_open_unless_there_is_a_past_to_play(
    new_centre: NewCentre, scenario: Scenario
) -> None:
    centre = (await new_centre(SITE)).centre
    await open_day(centre.office, TODAY)
    await play_past(centre, scenario, [], TODAY, quietly)
    assert await working_day(centre.office) == TODAY
    await play_past(centre, scenario, [FRIDAY], TODAY, quietly)
    assert [(one.day, one.open) for one in await days(centre.office, 9)] == [
        (TODAY, False),
        (FRIDAY, False),
    ]
