"""What a correction makes of a step, and which it may not make: without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from libs.events.codes import Outcome
from libs.events.visits import (
    EndCorrection,
    OutcomeCorrection,
    ServiceCorrection,
    StartCorrection,
)
from services.ticketing import errors
from services.ticketing.model.corrections import (
    Change,
    Correction,
    EndedStep,
    NewEnd,
    NewOutcome,
    NewService,
    NewStart,
    corrected,
)
from services.ticketing.model.visits import ENDS_FROM, State, may_end

DAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 2, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
SERVED = EndedStep(
    called=True, service="INF", outcome=Outcome.SERVED, started_at=NINE, ended_at=TEN
)
FORGOTTEN = replace(SERVED, outcome=Outcome.FORGOTTEN)
LEFT = EndedStep(called=False, service="INF", outcome=Outcome.LEFT, started_at=None, ended_at=TEN)


@pytest.mark.parametrize(
    ("change", "after", "said"),
    [
        (
            NewOutcome(Outcome.REMOVED),
            replace(SERVED, outcome=Outcome.REMOVED),
            OutcomeCorrection(field="outcome", old=Outcome.SERVED, new=Outcome.REMOVED),
        ),
        (
            NewService("MED"),
            replace(SERVED, service="MED"),
            ServiceCorrection(field="service", old="INF", new="MED"),
        ),
        (
            NewStart(NINE + timedelta(minutes=5)),
            replace(SERVED, started_at=NINE + timedelta(minutes=5)),
            StartCorrection(field="started_at", old=NINE, new=NINE + timedelta(minutes=5)),
        ),
        (
            NewEnd(TEN + timedelta(minutes=5)),
            replace(SERVED, ended_at=TEN + timedelta(minutes=5)),
            EndCorrection(field="ended_at", old=TEN, new=TEN + timedelta(minutes=5)),
        ),
    ],
)
def test_a_correction_changes_one_field_and_says_its_old_and_new_value(
    change: Change, after: EndedStep, said: Correction
) -> None:
    assert corrected(SERVED, change, DAY) == (after, said)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (NewOutcome(Outcome.SERVED), "outcome"),
        (NewService("INF"), "service"),
        (NewStart(NINE), "started_at"),
        (NewEnd(TEN), "ended_at"),
    ],
)
def test_what_changes_nothing_is_refused_by_the_name_of_its_field(
    change: Change, field: str
) -> None:
    with pytest.raises(errors.NothingToCorrect) as refused:
        corrected(SERVED, change, DAY)
    assert refused.value.where["field"] == field


@pytest.mark.parametrize(
    ("step", "change", "field"),
    [
        (LEFT, NewOutcome(Outcome.SERVED), "outcome"),
        (LEFT, NewOutcome(Outcome.NO_SHOW), "outcome"),
        (LEFT, NewStart(NINE), "started_at"),
        (replace(LEFT, called=True), NewOutcome(Outcome.SERVED), "outcome"),
        (SERVED, NewStart(TEN + timedelta(microseconds=1)), "started_at"),
        (SERVED, NewEnd(NINE - timedelta(microseconds=1)), "ended_at"),
    ],
)
def test_what_could_not_have_happened_is_refused_by_the_name_of_its_field(
    step: EndedStep, change: Change, field: str
) -> None:
    with pytest.raises(errors.CorrectionImpossible) as refused:
        corrected(step, change, DAY)
    assert refused.value.where["field"] == field


@pytest.mark.parametrize(
    ("step", "change"),
    [
        (SERVED, NewStart(TEN)),  # a service may take no time
        (SERVED, NewEnd(NINE)),
        (replace(LEFT, called=True), NewOutcome(Outcome.NO_SHOW)),
        (replace(LEFT, called=True), NewStart(NINE)),
        (LEFT, NewOutcome(Outcome.REMOVED)),
        (SERVED, NewOutcome(Outcome.NO_SHOW)),
        (FORGOTTEN, NewOutcome(Outcome.SERVED)),
        (FORGOTTEN, NewService("MED")),  # it stays forgotten, which nobody gave it
    ],
)
def test_what_could_have_happened_is_taken(step: EndedStep, change: Change) -> None:
    after, _ = corrected(step, change, DAY)
    assert after != step


def test_nobody_can_make_a_visit_forgotten() -> None:
    with pytest.raises(errors.OutcomeNotGiven) as refused:
        corrected(SERVED, NewOutcome(Outcome.FORGOTTEN), DAY)
    assert refused.value.where["outcome"] == Outcome.FORGOTTEN


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (NewStart(datetime(2026, 3, 1, 16, 59, 59, tzinfo=UTC)), "started_at"),
        (NewEnd(datetime(2026, 3, 3, 17, tzinfo=UTC)), "ended_at"),
    ],
)
def test_a_time_beside_the_day_is_refused_with_what_was_said_and_the_day(
    change: NewStart | NewEnd, field: str
) -> None:
    new = change.started_at if isinstance(change, NewStart) else change.ended_at
    with pytest.raises(errors.CorrectionOutOfReach) as refused:
        corrected(SERVED, change, DAY)
    where = {"field": field, "new": new.isoformat(), "day": str(DAY)}
    assert refused.value.where == where


def test_an_outcome_ends_a_step_from_its_own_states_only() -> None:
    ends = {(s, o) for s, o in product(State, Outcome) if may_end(s, o)}
    assert ends == {(s, o) for o, states in ENDS_FROM.items() for s in states}
