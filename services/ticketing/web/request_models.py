"""What the API is asked: every field bounded and checked before a use case sees it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.events.codes import (
    CorrectionReason,
    CounterNumber,
    Outcome,
    OutOfOrder,
    ServiceCode,
    StepNumber,
    VisitorClass,
)
from libs.events.restoration import ResolutionReason
from libs.service.times import AskedMoment, AskedPastMoment
from services.ticketing.model.corrections import (
    Change,
    NewEnd,
    NewOutcome,
    NewService,
    NewStart,
)

Counter = CounterNumber


class Asked(BaseModel):
    """A request's body; a field that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewTicket(Asked):
    """A ticket for a service. A booked visitor has a booked time, and nobody else."""

    service: ServiceCode
    visitor_class: VisitorClass = VisitorClass.NORMAL
    appointment: AskedMoment | None = None
    wish: UUID | None = None
    """A name for this wish, so that it can be said again after a lost answer: it gets the same
    ticket, not another, for as long as that ticket waits and the request is the same; then it is
    refused (409, ``wish_spent``)."""


class OneVisit(Asked):
    """The visit that the counter has."""

    visit: UUID


class ChosenVisit(Asked):
    """A waiting visit, and why it is called before others."""

    visit: UUID
    reason: OutOfOrder


class Ending(Asked):
    """How the visit at the counter ended."""

    visit: UUID
    outcome: Literal[Outcome.SERVED, Outcome.LEFT, Outcome.REMOVED] = Outcome.SERVED


class Withdrawal(Asked):
    """How a visit ended away from any counter."""

    outcome: Literal[Outcome.LEFT, Outcome.REMOVED]


class OutcomeChange(Asked):
    field: Literal["outcome"]
    new: Outcome

    def change(self) -> Change:
        return NewOutcome(self.new)


class ServiceChange(Asked):
    field: Literal["service"]
    new: ServiceCode

    def change(self) -> Change:
        return NewService(self.new)


class StartChange(Asked):
    field: Literal["started_at"]
    new: AskedPastMoment

    def change(self) -> Change:
        return NewStart(whole_ms(self.new))


class EndChange(Asked):
    field: Literal["ended_at"]
    new: AskedPastMoment

    def change(self) -> Change:
        return NewEnd(whole_ms(self.new))


class NewCorrection(Asked):
    """One field of an ended step, its new value, and why."""

    step: StepNumber = 1
    reason: CorrectionReason
    change: Annotated[
        OutcomeChange | ServiceChange | StartChange | EndChange, Field(discriminator="field")
    ]


class Resolution(Asked):
    """What was found out of a day whose records were lost."""

    reason: ResolutionReason


def whole_ms(moment: datetime) -> datetime:
    """``moment`` cut to whole milliseconds, the grain of every duration."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
