"""A visit is the fold of its set of events."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.catalogue import EVENT
from libs.events.codes import (
    Channel,
    CorrectionReason,
    Outcome,
    OutOfOrder,
    TimeQuality,
    VisitorClass,
)
from libs.events.examples import examples
from libs.events.payloads import Payload
from libs.events.visits import (
    Correction,
    EndCorrection,
    OutcomeCorrection,
    ServiceCorrection,
    StartCorrection,
    VisitCalled,
    VisitCorrected,
    VisitEnded,
    VisitIssued,
    VisitReopened,
    VisitStarted,
    WaitEstimate,
)
from services.reporting.model.visits import (
    NOWHERE,
    STEP_FIELDS,
    Place,
    Step,
    VisitEvent,
    advance,
    events_of,
    fold,
    is_of_visit,
    last_place,
    place,
)
from tests.reporting.arbitrary import DAY, event, visits


def at(minute: int) -> datetime:
    return datetime(2026, 3, 2, 2, minute, tzinfo=UTC)


def told(*happened: tuple[Payload, int]) -> list[VisitEvent]:
    """Events in stream order, each at its minute."""
    return [
        event((1, sequence), data, at(minute))
        for sequence, (data, minute) in enumerate(happened, start=1)
    ]


def issued() -> VisitIssued:
    return VisitIssued(
        step=1,
        ticket="A042",
        service="INF",
        channel=Channel.KIOSK,
        visitor_class=VisitorClass.NORMAL,
        appointment=None,
        estimate=None,
        feedback_link=True,
    )


def called(call: int, counter: int = 1) -> VisitCalled:
    return VisitCalled(step=1, counter=counter, call=call, out_of_order=None)


def ended(outcome: Outcome) -> VisitEnded:
    return VisitEnded(step=1, outcome=outcome, time_quality=TimeQuality.ACTUAL)


def corrected(correction: Correction) -> VisitCorrected:
    return VisitCorrected(step=1, correction=correction, reason=CorrectionReason.WRONG_BUTTON)


SERVED = (
    (issued(), 0),
    (called(1), 4),
    (called(2, counter=2), 6),
    (VisitStarted(step=1, counter=2), 7),
    (ended(Outcome.SERVED), 19),
)


@given(visits(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_visit(
    events: list[VisitEvent], chance: Random
) -> None:
    shuffled = events + [chance.choice(events) for _ in range(len(events))]
    chance.shuffle(shuffled)
    assert fold(shuffled) == fold(events)


@given(visits(), st.data())
def test_folding_on_is_folding_anew(events: list[VisitEvent], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(events)))
    assert advance(fold(events[:cut]), events[cut:]) == fold(events)


@given(visits())
def test_last_place_is_of_the_latest_event(events: list[VisitEvent]) -> None:
    latest = events[-1]
    assert last_place(fold(events)) == Place(latest.streamepoch, latest.streamseq)


def test_nothing_is_folded_from_nothing() -> None:
    assert fold([]) == {}
    assert last_place({}) == NOWHERE


def test_a_served_visit() -> None:
    (step,) = fold(told(*SERVED)).values()
    assert step == Step(
        step=1,
        service_day=DAY,
        origin="live",
        ticket="A042",
        service="INF",
        visitor_class="normal",
        channel="kiosk",
        feedback_link=True,
        entered_at=at(0),
        first_called_at=at(4),
        last_called_at=at(6),
        calls=2,
        counter=2,
        started_at=at(7),
        ended_at=at(19),
        outcome="served",
        time_quality="actual",
        last_epoch=1,
        last_sequence=5,
        events=5,
    )


@pytest.mark.parametrize("missing", range(5))
def test_what_has_not_arrived_is_none(missing: int) -> None:
    events = told(*SERVED)
    del events[missing]
    (step,) = fold(events).values()
    (whole,) = fold(told(*SERVED)).values()
    expected = {
        0: {"entered_at", "service", "ticket"},
        1: {"first_called_at"},
        2: set[str](),
        3: {"started_at"},
        4: {"ended_at", "outcome", "time_quality"},
    }[missing]
    unknown = {
        name
        for name in STEP_FIELDS
        if getattr(step, name) is None and getattr(whole, name) is not None
    }
    assert expected <= unknown


@pytest.mark.parametrize(
    "correction",
    [
        OutcomeCorrection(field="outcome", old=Outcome.SERVED, new=Outcome.NO_SHOW),
        ServiceCorrection(field="service", old="INF", new="MED"),
        StartCorrection(field="started_at", old=at(7), new=at(8)),
        EndCorrection(field="ended_at", old=at(19), new=at(25)),
    ],
    ids=lambda correction: correction.field,
)
def test_a_correction_holds(correction: Correction) -> None:
    (before,) = fold(told(*SERVED)).values()
    (after,) = fold(told(*SERVED, (corrected(correction), 50))).values()
    changed = {name for name in STEP_FIELDS if getattr(before, name) != getattr(after, name)} - {
        "last_sequence",
        "events",
    }
    assert changed == {correction.field}
    assert getattr(after, correction.field) == correction.new


def test_a_later_epoch_speaks_after_an_earlier_one() -> None:
    late = event((1, 60), ended(Outcome.NO_SHOW), at(50))
    restored = event((2, 1), ended(Outcome.SERVED), at(19))
    (step,) = fold([restored, late]).values()
    assert step.outcome == "served"


def test_a_visit_knows_its_last_place_and_how_many_events_it_has() -> None:
    events = told(*SERVED)
    assert [tuple(place(one)) for one in events] == [(1, n) for n in range(1, 6)]
    assert events_of(fold(events)) == 5


def test_a_visit_whose_day_goes_on_stands_where_it_stood() -> None:
    forgotten = VisitEnded(step=1, outcome=Outcome.FORGOTTEN, time_quality=TimeQuality.ESTIMATED)
    before = fold(told(*SERVED[:4]))[1]
    again = fold(told(*SERVED[:4], (forgotten, 30), (VisitReopened(step=1), 31)))[1]
    assert again == replace(before, last_sequence=6, events=6)


def test_each_event_says_what_it_knows_of_its_step() -> None:
    booked = issued().model_copy(
        update={
            "appointment": at(30),
            "estimate": WaitEstimate(likely_ms=180_000, pessimistic_ms=420_000),
        }
    )
    first = called(1, counter=3).model_copy(update={"out_of_order": OutOfOrder.FRAIL})
    waiting = fold(told((booked, 0)))[1]
    assert (waiting.appointment, waiting.odd_appointment) == (at(30), False)
    assert (waiting.likely_ms, waiting.pessimistic_ms) == (180_000, 420_000)
    awaited = fold(told((booked, 0), (first, 4)))[1]
    assert awaited == replace(
        waiting,
        first_called_at=at(4),
        last_called_at=at(4),
        calls=1,
        counter=3,
        out_of_order="frail",
        last_sequence=2,
        events=2,
    )
    # The second call goes to another counter, and leaves the first one's reason as it was.
    again = fold(told((booked, 0), (first, 4), (called(2, counter=5), 6)))[1]
    assert again == replace(
        awaited, last_called_at=at(6), calls=2, counter=5, last_sequence=3, events=3
    )


@pytest.mark.parametrize(
    ("example", "said", "field", "odd"),
    [
        ("visit.corrected.v1.3.json", "2021-12-02T03:10:00Z", "started_at", "odd_start"),
        ("visit.corrected.v1.4.json", "2021-12-02T03:40:00.250000Z", "ended_at", "odd_end"),
    ],
)
def test_a_correction_to_a_time_that_can_not_be_leaves_none_and_says_so(
    example: str, said: str, field: str, odd: str
) -> None:
    raw = examples()[example]

    def corrected_to(moment: str) -> VisitEvent:
        found = EVENT.validate_json(raw.replace(f'"new":"{said}"'.encode(), moment.encode()))
        assert is_of_visit(found)
        return found

    before = fold(told(*SERVED))
    never, some = corrected_to('"new":"9999-12-31T23:59:59Z"'), corrected_to(f'"new":"{said}"')
    step = advance(before, [never])[1]
    assert (getattr(step, field), getattr(step, odd)) == (None, True)
    mended = advance(before, [some])[1]
    assert (getattr(mended, field), getattr(mended, odd)) == (datetime.fromisoformat(said), False)


def test_only_a_visits_event_is_folded() -> None:
    assert not is_of_visit(None)
    for name in ("day.opened", "counter.opened", "feedback.offered"):
        assert not is_of_visit(EVENT.validate_json(examples()[f"{name}.v1.1.json"]))
