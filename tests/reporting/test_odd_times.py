"""A booking or a correction outside the span: kept in its event, null and flagged beside it, and
counted as its site counts it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from libs.events.catalogue import EVENT
from libs.events.codes import CorrectionReason, Outcome
from libs.events.visits import EndCorrection, StartCorrection, VisitCorrected
from services.reporting.model.contributions import of_visit
from services.reporting.model.rollups import STEPS
from services.reporting.model.targets import Yardsticks
from services.reporting.model.visits import Step, VisitEvent, fold, is_of_visit
from tests.reporting.messages import DAY, SITE, one_day, rewritten
from tests.reporting.nation import Nation, standards
from tests.reporting.streams import Message, SiteStreams, local

NEVER = ("0001-01-01T00:00:00Z", "1000-06-01T00:00:00Z", "2569-03-02T09:00:00Z",
         "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999-12:00")  # fmt: skip
SOME = datetime(2026, 3, 2, 9, tzinfo=UTC)


def of_message(message: Message) -> VisitEvent:
    event = EVENT.validate_json(message.value or b"")
    assert is_of_visit(event)
    return event


def corrected(streams: SiteStreams, field: str, moment: str) -> None:
    """A supervisor of an earlier release corrects the first served visit; the day closes again."""
    told = next(told for told in streams.visits[DAY] if told.outcome is Outcome.SERVED)
    if field == "ended_at":
        correction = EndCorrection(field="ended_at", old=told.ended, new=SOME)
        told.ended = datetime.max.replace(tzinfo=UTC)
    else:
        correction = StartCorrection(field="started_at", old=told.started, new=SOME)
        told.started = datetime.min.replace(tzinfo=UTC)
    reason = CorrectionReason.WRONG_BUTTON
    event = VisitCorrected(step=1, correction=correction, reason=reason)
    streams.ticketing.emit(event, told.visit, local(DAY, 18, 0), DAY)
    sent = streams.ticketing.sent
    said = sent[-1]
    sent[-1] = rewritten(
        said, lambda raw: raw.replace(b'"new":"2026-03-02T09:00:00Z"', f'"new":"{moment}"'.encode())
    )
    assert sent[-1] != said
    streams.close(DAY)


@pytest.mark.parametrize("moment", NEVER)
@pytest.mark.parametrize("field", ["ended_at", "started_at"])
async def test_a_corrected_time_that_can_not_be_is_implausible_on_both_sides(
    nation: Nation, field: str, moment: str
) -> None:
    streams = one_day(10)
    corrected(streams, field, moment)
    await nation.take(streams.messages)
    assert await nation.states() == {(SITE, str(DAY)): ("complete", None)}
    (odd,) = [step for step in await nation.rows("steps") if step["odd_end"] or step["odd_start"]]
    assert odd[field] is None
    assert odd["odd_end"] is (field == "ended_at")
    stored = {row["envelope"].encode() for row in await nation.rows("messages")}
    assert {message.value for message in streams.messages} == stored
    assert await nation.check() == []


@pytest.mark.parametrize("moment", NEVER)
async def test_a_booking_that_can_not_be_is_none(nation: Nation, moment: str) -> None:
    streams = one_day(10)
    sent = streams.ticketing.sent
    place = next(n for n, one in enumerate(sent) if b'"appointment":null' in (one.value or b""))
    sent[place] = rewritten(
        sent[place],
        lambda raw: raw.replace(b'"appointment":null', f'"appointment":"{moment}"'.encode()),
    )
    await nation.take(streams.messages)
    assert await nation.states() == {(SITE, str(DAY)): ("complete", None)}
    (odd,) = [step for step in await nation.rows("steps") if step["odd_appointment"]]
    assert odd["appointment"] is None
    assert await nation.check() == []


def test_a_later_correction_mends_it() -> None:
    streams = one_day(10)
    corrected(streams, "ended_at", NEVER[-2])
    told = next(told for told in streams.visits[DAY] if told.outcome is Outcome.SERVED)
    mending = EndCorrection(field="ended_at", old=None, new=SOME)
    event = VisitCorrected(step=1, correction=mending, reason=CorrectionReason.WRONG_BUTTON)
    streams.ticketing.emit(event, told.visit, local(DAY, 18, 0), DAY)
    events = [
        of_message(message)
        for message in streams.ticketing.sent
        if str(told.visit).encode() in (message.value or b"")
    ]
    (odd,) = fold(events[:-1]).values()
    (mended,) = fold(events).values()
    assert (odd.ended_at, odd.odd_end) == (None, True)
    assert (mended.ended_at, mended.odd_end) == (SOME, False)


STEP = Step(
    1, DAY, "live", service="INF", visitor_class="normal", entered_at=SOME, first_called_at=SOME,
    started_at=SOME, ended_at=SOME, outcome="served",
)  # fmt: skip


@pytest.mark.parametrize(
    ("step", "implausible"),
    [
        (STEP, 0),
        (replace(STEP, started_at=None, odd_start=True), 1),
        (replace(STEP, ended_at=None, odd_end=True), 1),
        (replace(STEP, started_at=None, odd_start=True, ended_at=None, odd_end=True), 1),
        (replace(STEP, started_at=None, ended_at=None, odd_end=True), 0),
        (replace(STEP, ended_at=None, odd_end=True, outcome="left"), 0),
    ],
)
def test_what_is_implausible(step: Step, implausible: int) -> None:
    (counted,) = [
        entry.amounts.get("implausible", 0)
        for entry in of_visit(SITE, {1: step}, Yardsticks(standards()))
        if entry.rollup is STEPS
    ]
    assert counted == implausible
