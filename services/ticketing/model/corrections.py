"""What a correction may change in a step that has ended."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from libs.events.codes import Outcome
from libs.events.visits import (
    EndCorrection,
    OutcomeCorrection,
    ServiceCorrection,
    StartCorrection,
)
from services.ticketing import errors
from services.ticketing.model.service_day import within_reach

Correction = OutcomeCorrection | ServiceCorrection | StartCorrection | EndCorrection


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """The step ended otherwise."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class NewService:
    """The step was for another service."""

    service: str


@dataclass(frozen=True, slots=True)
class NewStart:
    """Service began at another time, or began at all."""

    started_at: datetime


@dataclass(frozen=True, slots=True)
class NewEnd:
    """The step ended at another time."""

    ended_at: datetime


Change = NewOutcome | NewService | NewStart | NewEnd


@dataclass(frozen=True, slots=True)
class EndedStep:
    """What can be corrected of a step, and whether it was ever called."""

    called: bool
    service: str
    outcome: Outcome
    started_at: datetime | None
    ended_at: datetime


def corrected(step: EndedStep, change: Change, day: date) -> tuple[EndedStep, Correction]:
    """``step`` of service day ``day`` after ``change``, and the correction as the event says it.

    Raises NothingToCorrect, OutcomeNotGiven, CorrectionOutOfReach for a time that is not of the
    day, and CorrectionImpossible where the result could not have happened: served without a call
    or a start, or ended before it began.
    """
    match change:
        case NewStart(moment) if not within_reach(day, moment):
            raise errors.CorrectionOutOfReach(field="started_at", new=moment.isoformat(), day=day)
        case NewEnd(moment) if not within_reach(day, moment):
            raise errors.CorrectionOutOfReach(field="ended_at", new=moment.isoformat(), day=day)
        case _:
            after, correction = _apply(step, change)
    if after == step:
        raise errors.NothingToCorrect(field=correction.field)
    if after.outcome is Outcome.FORGOTTEN and step.outcome is not Outcome.FORGOTTEN:
        raise errors.OutcomeNotGiven(outcome=after.outcome)
    if not _could_be(after):
        raise errors.CorrectionImpossible(field=correction.field)
    return after, correction


def _apply(step: EndedStep, change: Change) -> tuple[EndedStep, Correction]:
    match change:
        case NewOutcome(outcome):
            said = OutcomeCorrection(field="outcome", old=step.outcome, new=outcome)
            return replace(step, outcome=outcome), said
        case NewService(service):
            said = ServiceCorrection(field="service", old=step.service, new=service)
            return replace(step, service=service), said
        case NewStart(started_at):
            said = StartCorrection(field="started_at", old=step.started_at, new=started_at)
            return replace(step, started_at=started_at), said
        case NewEnd(ended_at):
            said = EndCorrection(field="ended_at", old=step.ended_at, new=ended_at)
            return replace(step, ended_at=ended_at), said


def _could_be(step: EndedStep) -> bool:
    if step.started_at is not None and not step.started_at <= step.ended_at:
        return False
    if step.started_at is not None and not step.called:
        return False
    match step.outcome:
        case Outcome.SERVED:
            return step.called and step.started_at is not None
        case Outcome.NO_SHOW:
            return step.called
        case _:
            return True
