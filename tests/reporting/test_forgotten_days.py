"""Days that nobody closed, and days that were closed by mistake, as the centre sees them."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from libs.events.codes import Outcome, TimeQuality
from libs.events.visits import DayOpened, VisitCalled, VisitEnded, VisitReopened, VisitStarted
from libs.standards import load
from services.reporting.dashboards.publisher import Publisher
from services.reporting.figures.coverage import DayState, SiteDay
from services.reporting.sites.metrics import Vigil, is_forgotten
from tests.reporting.nation import Nation
from tests.reporting.streams import Message, SiteStreams, Told, local

STANDARDS = load(Path(__file__).parents[2] / "standards")
SITE = "pjo-50"
DAY = date(2026, 3, 16)
LATE = datetime(2026, 3, 16, 16, 59, tzinfo=UTC)
"""A minute before midnight in Bangkok."""


def test_only_a_day_whose_date_is_over_is_forgotten() -> None:
    def day(state: DayState, detail: str | None = None) -> SiteDay:
        return SiteDay(DAY, state, detail, None)

    tomorrow = DAY + timedelta(days=1)
    assert not is_forgotten(day(DayState.OPEN), DAY)
    assert not is_forgotten(day(DayState.OPEN), None)
    assert is_forgotten(day(DayState.OPEN), tomorrow)
    assert is_forgotten(day(DayState.ARRIVING, "ticketing_revision_due"), tomorrow)
    assert not is_forgotten(day(DayState.ARRIVING, "feedback_revision_due"), tomorrow)
    assert not is_forgotten(day(DayState.COMPLETE), tomorrow)
    assert not is_forgotten(day(DayState.MISSING), tomorrow)


async def forgotten(nation: Nation, moment: datetime) -> float | None:
    registry = CollectorRegistry()
    vigil = Vigil(nation.pool, STANDARDS, registry)
    vigil.show(await vigil.look(moment))
    return registry.get_sample_value("saduak_site_forgotten_days", {"site": SITE})


async def test_a_day_still_open_after_midnight_is_counted(nation: Nation) -> None:
    streams = SiteStreams(SITE, 1)
    streams.open(DAY)
    streams.serve(DAY, 6)
    await nation.take_all(streams.messages)
    assert await forgotten(nation, LATE) == 0
    assert await forgotten(nation, LATE + timedelta(minutes=2)) == 1
    closing = deepcopy(streams)
    closing.close(DAY)
    await nation.take_all(new(closing, streams))
    assert await forgotten(nation, LATE + timedelta(minutes=2)) == 0


async def test_a_forgotten_day_is_counted_until_it_is_closed_however_long_ago(
    nation: Nation,
) -> None:
    streams = SiteStreams(SITE, 1)
    streams.open(DAY)
    streams.serve(DAY, 6)
    await nation.take_all(streams.messages)
    for later in (timedelta(days=13), timedelta(days=14), timedelta(days=400)):
        await publish(nation, LATE + later)
        assert await forgotten(nation, LATE + later) == 1, later
    going_on = deepcopy(streams)
    going_on.close(DAY)
    await nation.take_all(new(going_on, streams))
    await publish(nation, LATE + timedelta(days=400))
    assert await forgotten(nation, LATE + timedelta(days=400)) == 0
    reopened = deepcopy(going_on)
    reopen(reopened)
    await nation.take_all(new(reopened, going_on))
    await publish(nation, LATE + timedelta(days=400))
    assert await forgotten(nation, LATE + timedelta(days=400)) == 1


async def publish(nation: Nation, moment: datetime) -> None:
    assert await Publisher(nation.pool, STANDARDS, CollectorRegistry()).publish(moment)


def new(later: SiteStreams, earlier: SiteStreams) -> list[Message]:
    """What was written since."""
    return [
        *later.ticketing.sent[len(earlier.ticketing.sent) :],
        *later.feedback.sent[len(earlier.feedback.sent) :],
    ]


def reopen(streams: SiteStreams) -> list[Told]:
    """The closing was a mistake; those it ended go on."""
    at = local(DAY, 17, 10)
    streams.ticketing.emit(DayOpened(), None, at, DAY)
    again = [told for told in streams.visits[DAY] if told.outcome is Outcome.FORGOTTEN]
    for told in again:
        streams.ticketing.emit(VisitReopened(step=1), told.visit, at, DAY)
    return again


def serve(streams: SiteStreams, told: Told) -> None:
    """Who was forgotten is called again, and served."""
    at = local(DAY, 17, 20)
    called = VisitCalled(step=1, counter=1, call=1, out_of_order=None)
    ended = VisitEnded(step=1, outcome=Outcome.SERVED, time_quality=TimeQuality.ACTUAL)
    for data in (called, VisitStarted(step=1, counter=1), ended):
        at += timedelta(minutes=5)
        streams.ticketing.emit(data, told.visit, at, DAY)
    told.called, told.started, told.ended = (at - timedelta(minutes=m) for m in (10, 5, 0))
    told.outcome = Outcome.SERVED


async def test_a_reopened_day_arrives_and_is_complete_with_its_next_revision(
    nation: Nation,
) -> None:
    streams = SiteStreams(SITE, 3)
    streams.play(DAY, 200)
    await nation.take_all(streams.messages)
    assert await nation.states() == {(SITE, str(DAY)): ("complete", None)}

    going_on = deepcopy(streams)
    again = reopen(going_on)
    assert len(again) >= 2, "the seed leaves some to be forgotten"
    await nation.take_all(new(going_on, streams))
    assert await nation.states() == {(SITE, str(DAY)): ("arriving", "ticketing_revision_due")}
    assert await forgotten(nation, LATE) == 0
    assert await forgotten(nation, LATE + timedelta(minutes=2)) == 1
    rows = {row["visit"]: row for row in await nation.rows("steps")}
    assert {rows[told.visit]["outcome"] for told in again} == {None}

    closed = deepcopy(going_on)
    remaining = [told for told in closed.visits[DAY] if told.outcome is Outcome.FORGOTTEN]
    serve(closed, remaining[0])
    for told in remaining[1:]:
        told.ended = local(DAY, 18, 0)
        end = VisitEnded(step=1, outcome=Outcome.FORGOTTEN, time_quality=TimeQuality.ESTIMATED)
        closed.ticketing.emit(end, told.visit, told.ended, DAY)
    closed.close(DAY)
    await nation.take_all(new(closed, going_on))
    assert await nation.states() == {(SITE, str(DAY)): ("complete", None)}
    assert await nation.check() == []
