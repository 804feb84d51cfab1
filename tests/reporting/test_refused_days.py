"""The day of a refused message is disputed until an operator has looked into the message."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from services.reporting.ingest import quarantine
from services.reporting.ingest.messages import StreamKey
from services.reporting.ingest.quarantine import Finding
from services.reporting.ingest.vacancies import accept_loss
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums
from services.reporting.reads.rollup_sums import Scope
from services.reporting.verification import rebuild
from services.reporting.verification.reconcile import Question, reconcile, report
from tests.reporting.nation import Nation
from tests.reporting.streams import Message, SiteStreams

SITE = "pjo-50"
MONDAY, TUESDAY, FAR = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 20)
REFUSED = ("disputed", "refused")
COMPLETE = ("complete", None)
WEEKS = Period(MONDAY, FAR)
FINDING = Finding("a broken kiosk, mended", datetime(2026, 3, 21, tzinfo=UTC))


async def states(nation: Nation) -> dict[date, tuple[str, str | None]]:
    """The state of each day, which two statements tell alike."""
    found = {date.fromisoformat(day): state for (_, day), state in (await nation.states()).items()}
    async with rollup_sums.snapshot(nation.pool) as connection:
        read = (await rollup_sums.days(connection, Scope([SITE], WEEKS))).get(SITE, {})
    assert {day: (one.state.value, one.detail) for day, one in read.items()} == found
    return found


async def settle_all(nation: Nation) -> None:
    _, kept = await quarantine.newest(nation.pool, 100)
    assert await quarantine.settle(nation.pool, [one.id for one in kept], FINDING) == 0


def spoilt(message: Message, **changed: object) -> Message:
    """The message as poison: a field of its envelope is none, or is changed besides."""
    assert message.value is not None
    envelope = json.loads(message.value) | {"type": 7} | changed
    return message._replace(value=json.dumps(envelope).encode())


def two_days() -> SiteStreams:
    streams = SiteStreams(SITE, 1)
    streams.play(MONDAY, 6)
    streams.play(TUESDAY, 6)
    return streams


def index_of(streams: SiteStreams, day: date, type_: str) -> int:
    """Where in the ticketing stream the first event of this day and type is."""
    for place, message in enumerate(streams.ticketing.sent):
        envelope = json.loads(message.value or b"")
        if envelope["serviceday"] == str(day) and envelope["type"] == type_:
            return place
    raise AssertionError(type_)


@pytest.mark.parametrize("type_", ["day.opened.v1", "visit.called.v1", "day.closed.v1"])
async def test_the_day_that_it_names(nation: Nation, type_: str) -> None:
    """Whether the day would be complete, differ or be open without the message."""
    streams = two_days()
    place = index_of(streams, MONDAY, type_)
    sent = list(streams.ticketing.sent)
    sent[place] = spoilt(sent[place])
    await nation.take_all([*sent, *streams.feedback.sent])
    assert await nation.rows("gaps") == []
    assert await states(nation) == {MONDAY: REFUSED, TUESDAY: COMPLETE}
    assert await nation.check() == []
    await settle_all(nation)
    assert (await states(nation))[MONDAY] == {
        "day.opened.v1": COMPLETE,
        "visit.called.v1": ("disputed", "totals_differ"),
        "day.closed.v1": ("arriving", "ticketing_manifest_missing"),
    }[type_]


async def test_a_day_of_which_nothing_else_is_known(nation: Nation) -> None:
    streams = two_days()
    last = streams.ticketing.sent[-1]
    alone = spoilt(last, serviceday=str(FAR), streamseq=len(streams.ticketing.sent) + 1)
    await nation.take_all([*streams.messages, alone._replace(offset=last.offset + 1)])
    assert await states(nation) == {MONDAY: COMPLETE, TUESDAY: COMPLETE, FAR: REFUSED}
    await settle_all(nation)
    assert await states(nation) == {MONDAY: COMPLETE, TUESDAY: COMPLETE}


@pytest.mark.parametrize("named", [None, "never", "2569-03-02", "0001-01-01", 7])
async def test_a_day_that_can_not_be_read(nation: Nation, named: object) -> None:
    """The days of the events beside it in the stream, whichever it was."""
    streams = two_days()
    sent = list(streams.ticketing.sent)
    within = index_of(streams, TUESDAY, "visit.called.v1")
    sent[within] = spoilt(sent[within], serviceday=named)
    await nation.take_all([*sent, *streams.feedback.sent])
    (vacancy,) = await nation.rows("vacancies")
    assert vacancy["service_day"] is None
    assert await states(nation) == {MONDAY: COMPLETE, TUESDAY: REFUSED}


async def test_between_two_days_both_are_disputed(nation: Nation) -> None:
    streams = two_days()
    sent = list(streams.ticketing.sent)
    first = index_of(streams, TUESDAY, "day.opened.v1")
    sent[first] = spoilt(sent[first], serviceday="never")
    await nation.take_all([*sent, *streams.feedback.sent])
    assert await states(nation) == {MONDAY: REFUSED, TUESDAY: REFUSED}


async def test_each_message_is_settled_for_itself(nation: Nation) -> None:
    streams = two_days()
    sent = list(streams.ticketing.sent)
    for day in (MONDAY, TUESDAY):
        place = index_of(streams, day, "day.opened.v1")
        sent[place] = spoilt(sent[place])
    await nation.take_all([*sent, *streams.feedback.sent])
    _, kept = await quarantine.newest(nation.pool, 100)
    await quarantine.settle(nation.pool, [min(one.id for one in kept)], FINDING)
    assert await states(nation) == {MONDAY: COMPLETE, TUESDAY: REFUSED}


async def test_a_good_event_that_comes_after_all_settles_it(nation: Nation) -> None:
    streams = two_days()
    place = index_of(streams, MONDAY, "visit.called.v1")
    good, sent = streams.ticketing.sent[place], list(streams.ticketing.sent)
    sent[place] = spoilt(good)
    await nation.take_all([*sent, *streams.feedback.sent])
    assert (await states(nation))[MONDAY] == REFUSED
    await nation.take([good._replace(offset=len(sent))])
    assert await states(nation) == {MONDAY: COMPLETE, TUESDAY: COMPLETE}
    assert await nation.check() == []


async def test_reconcile_and_rebuild_name_refused_and_lost(nation: Nation) -> None:
    streams = two_days()
    sent = list(streams.ticketing.sent)
    place = index_of(streams, MONDAY, "day.opened.v1")
    sent[place] = spoilt(sent[place])
    lost = index_of(streams, TUESDAY, "day.opened.v1")
    await nation.take_all([*sent[:lost], *sent[lost + 1 :], *streams.feedback.sent])
    await accept_loss(nation.pool, StreamKey(SITE, "ticketing"), FINDING)
    question = Question(MONDAY, TUESDAY)
    found = await reconcile(nation.pool, question)
    assert found.differences == []
    assert found.refused == [f"{SITE} {MONDAY}: 1 refused"]
    assert found.lost == [f"{SITE} ticketing epoch 1, {lost + 1} to {lost + 1}: {FINDING.text}"]
    lines = list(report(question, found))
    assert any("quarantine" in line for line in lines)
    assert any("given up as lost" in line for line in lines)
    assert await nation.check() == []
    assert await rebuild.remarks(nation.pool) == [
        f"{SITE} ticketing: 1 numbers without an event: lost",
        f"{SITE} ticketing: 1 numbers without an event: refused",
    ]


async def test_days_beyond_the_question_cost_and_show_nothing(nation: Nation) -> None:
    streams = two_days()
    sent = list(streams.ticketing.sent)
    place = index_of(streams, MONDAY, "day.opened.v1")
    sent[place] = spoilt(sent[place])
    await nation.take_all([*sent, *streams.feedback.sent])
    async with rollup_sums.snapshot(nation.pool) as connection:
        later = Period(TUESDAY, TUESDAY + timedelta(days=3))
        read: Mapping[str, Mapping[date, object]] = await rollup_sums.days(
            connection, Scope([SITE], later)
        )
    assert set(read[SITE]) == {TUESDAY}
