"""A site puts back a backup: nothing is lost here, and its days are disputed until resolved."""

import json
from copy import deepcopy
from datetime import date

import pytest

from libs.events.codes import Stream
from libs.events.restoration import DayResolved, ResolutionReason, StreamRestored
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums
from services.reporting.reads.rollup_sums import Scope
from services.reporting.verification import reconcile
from tests.reporting.nation import Nation
from tests.reporting.streams import Message, SiteStreams, Writer, local

SITE = "pjo-50"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 18)
WEEK = Period(MONDAY, WEDNESDAY)


def site() -> SiteStreams:
    streams = SiteStreams(SITE, 1)
    streams.play(MONDAY, 12)
    streams.open(TUESDAY)
    streams.serve(TUESDAY, 10)
    return streams


def put_back(backup: SiteStreams, today: SiteStreams, day: date) -> SiteStreams:
    """The site goes on from ``backup``, which knows nothing of what ``today`` has sent since."""
    restored = deepcopy(backup)
    restored.rng.seed("after the restore")
    for stream in Stream:
        mine, theirs = writer(restored, stream), writer(today, stream)
        known, lost = mine.sequence, len(theirs.sent) - len(mine.sent)
        if lost:
            mine.restore()
            said = StreamRestored(after_epoch=1, after_sequence=known, lost=lost)
            mine.emit(said, None, local(day, 15, 0), day)
    return restored


def writer(streams: SiteStreams, stream: Stream) -> Writer:
    return streams.ticketing if stream is Stream.TICKETING else streams.feedback


def since(later: SiteStreams, earlier: SiteStreams) -> list[Message]:
    return [
        message
        for stream in Stream
        for message in writer(later, stream).sent[len(writer(earlier, stream).sent) :]
    ]


async def days(nation: Nation) -> dict[date, tuple[str, str | None]]:
    """The state of each day, which two statements tell alike."""
    found = {date.fromisoformat(day): state for (_, day), state in (await nation.states()).items()}
    async with rollup_sums.snapshot(nation.pool) as connection:
        read = (await rollup_sums.days(connection, Scope([SITE], WEEK)))[SITE]
    assert {day: (one.state.value, one.detail) for day, one in read.items()} == found
    return found


async def test_a_restored_day_is_disputed_until_a_person_has_looked(nation: Nation) -> None:
    backup = site()
    today = deepcopy(backup)
    today.serve(TUESDAY, 8)
    restored = put_back(backup, today, TUESDAY)
    restored.serve(TUESDAY, 5)
    await nation.take_all([*today.messages, *since(restored, backup)])
    assert (await days(nation))[TUESDAY] == ("open", None)

    closing = deepcopy(restored)
    closing.close(TUESDAY)
    await nation.take_all(since(closing, restored))
    assert await days(nation) == {
        MONDAY: ("complete", None),
        TUESDAY: ("disputed", "restored"),
    }
    assert await nation.check() == []

    reason = ResolutionReason.REPEATED
    for stream, state in (
        (Stream.TICKETING, ("disputed", "restored")),
        (Stream.FEEDBACK, ("resolved", "resolved_repeated")),
    ):
        saying = deepcopy(closing)
        at = local(WEDNESDAY, 9, 0)
        writer(saying, stream).emit(DayResolved(reason=reason), None, at, TUESDAY)
        await nation.take_all(since(saying, closing))
        assert (await days(nation))[TUESDAY] == state
    assert await nation.check() == []
    found = await reconcile.reconcile(nation.pool, reconcile.Question(MONDAY, WEDNESDAY, None))
    assert list(found.resolved) == [f"{SITE} {TUESDAY}: repeated"]
    assert not found.differences
    assert not found.waiting


async def test_days_that_were_over_before_stay_complete(nation: Nation) -> None:
    """The backup is older than the closing of Tuesday; the office opens on Wednesday."""
    backup = site()
    today = deepcopy(backup)
    today.close(TUESDAY)
    restored = put_back(backup, today, WEDNESDAY)
    restored.play(WEDNESDAY, 6)
    await nation.take_all([*today.messages, *since(restored, backup)])
    assert await days(nation) == {
        MONDAY: ("complete", None),
        TUESDAY: ("complete", None),
        WEDNESDAY: ("complete", None),
    }


@pytest.mark.parametrize("answered", [False, True])
async def test_a_day_that_nobody_can_close_any_more_is_resolved(
    nation: Nation, answered: bool
) -> None:
    """Everything was lost with the day open: only a person can end it."""
    today = site()
    nothing = SiteStreams(SITE, 1)
    restored = put_back(nothing, today, WEDNESDAY)
    restored.play(WEDNESDAY, 4)
    await nation.take_all([*today.messages, *since(restored, nothing)])
    if answered:
        saying = deepcopy(restored)
        for stream in Stream:
            event = DayResolved(reason=ResolutionReason.UNKNOWN)
            writer(saying, stream).emit(event, None, local(WEDNESDAY, 9, 0), TUESDAY)
        await nation.take_all(since(saying, restored))
    assert await days(nation) == {
        MONDAY: ("complete", None),
        TUESDAY: ("resolved", "resolved_unknown") if answered else ("open", None),
        WEDNESDAY: ("complete", None),
    }
    assert await nation.check() == []


MANY = 20_000
BUFFERS = 10_000
"""Pages of 8 KB that reading may touch: some twenty for each of 500 days. Every event read once
for each day would be a thousand times as many."""


def touched(plan: list[dict[str, dict[str, int]]]) -> int:
    top = plan[0]["Plan"]
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"]


@pytest.mark.parametrize("restores", [1, 200])
async def test_a_restore_of_many_events_costs_no_page(nation: Nation, restores: int) -> None:
    """Told by what the database touches, not by a clock."""
    await nation.rows("restore_long_ago", SITE, MANY, restores)
    await nation.owner.execute("ANALYZE")
    statement = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {rollup_sums.DAYS_SQL.days}"
    period = (date(2024, 1, 1), date(2025, 6, 30), [SITE])
    read = json.loads(await nation.pool.fetchval(statement, *period))
    assert touched(read) < BUFFERS
    (view,) = await nation.rows("explained_view")
    assert touched(json.loads(view[0])) < BUFFERS
    async with rollup_sums.snapshot(nation.pool) as connection:
        found = await rollup_sums.days(connection, Scope([SITE], Period(*period[:2])))
    assert len(found[SITE]) == 500
