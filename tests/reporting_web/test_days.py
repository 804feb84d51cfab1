"""The days that pages read at once are those of the view, whatever has happened to them."""

from collections.abc import AsyncGenerator, Sequence
from datetime import date
from random import Random

import pytest

from services.reporting.figures.coverage import DayState
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums
from services.reporting.reads.rollup_sums import Scope
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on
from tests.reporting.streams import Message, SiteStreams
from tests.reporting_web.country import STANDARDS

DAYS = (date(2026, 3, 2), date(2026, 3, 3))
SITES = tuple(STANDARDS.sites)[:24]


@pytest.fixture
async def nation(fresh_database: FreshDatabase) -> AsyncGenerator[Nation]:
    async with nation_on(await fresh_database("reporting")) as made:
        yield made


async def agree(nation: Nation, sites: Sequence[str] = SITES) -> dict[tuple[str, str], DayState]:
    """The states as pages read them, once they are those of the view."""
    async with rollup_sums.snapshot(nation.pool) as connection:
        found = await rollup_sums.days(connection, Scope(sites, Period(DAYS[0], DAYS[-1])))
    read = {
        (site, str(day)): (one.state.value, one.detail)
        for site, days in found.items()
        for day, one in days.items()
    }
    assert read == await nation.states()
    return {key: DayState(state) for key, (state, _) in read.items()}


def some_lost(rng: Random, messages: Sequence[Message]) -> list[Message]:
    """The messages without a few, or without an end."""
    if rng.random() < 0.3:
        return list(messages[: rng.randrange(1, len(messages))])
    lost = set(rng.sample(range(len(messages)), rng.randrange(3)))
    return [message for place, message in enumerate(messages) if place not in lost]


@pytest.mark.parametrize("seed", range(3))
async def test_days_whose_events_were_lost_on_the_way(nation: Nation, seed: int) -> None:
    rng = Random(seed)
    for site in SITES:
        streams = SiteStreams(site, seed)
        streams.play(DAYS[0], visits=4, corrections=rng.randrange(3))
        if rng.random() < 0.2:
            streams.ticketing.restore()
        streams.open(DAYS[1])
        streams.serve(DAYS[1], visits=3)
        if rng.random() < 0.7:
            streams.close(DAYS[1])
        sent = streams.ticketing.sent, streams.feedback.sent
        await nation.take([message for one in sent for message in some_lost(rng, one)])
    states = await agree(nation)
    assert {DayState.COMPLETE, DayState.ARRIVING, DayState.OPEN} <= set(states.values())


@pytest.mark.parametrize(
    "change",
    ["alter_rollup", "alter_visits", "alter_feedback_day", "alter_manifest_visits",
     "alter_manifest_steps", "alter_manifest_answers"],
)  # fmt: skip
async def test_a_total_that_differs_disputes_its_day(nation: Nation, change: str) -> None:
    for site in SITES[:2]:
        streams = SiteStreams(site, seed=1)
        for day in DAYS:
            streams.play(day, visits=6)
        await nation.take(streams.messages)
    assert set((await agree(nation)).values()) == {DayState.COMPLETE}
    await nation.alter(change)
    states = list((await agree(nation)).values())
    assert states.count(DayState.DISPUTED) == 1
    assert states.count(DayState.COMPLETE) == 3
