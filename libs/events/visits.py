"""The ticketing stream: visits, counters and the service day. All released."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from libs.events.codes import (
    CallNumber,
    Channel,
    CorrectionReason,
    Count,
    CounterNumber,
    Outcome,
    OutOfOrder,
    Revision,
    ServiceCode,
    StepNumber,
    TicketNumber,
    TimeQuality,
    VisitorClass,
)
from libs.events.durations import Milliseconds
from libs.events.moments import Booked, CorrectedFrom, CorrectedTo
from libs.events.payloads import Part, Payload


class WaitEstimate(Part):
    """The range of waiting time shown to the visitor when the ticket was issued."""

    likely_ms: Milliseconds
    pessimistic_ms: Milliseconds


class VisitIssued(Payload):
    """A ticket was issued: the visit begins, and its step 1 waits."""

    TYPE: ClassVar[str] = "visit.issued.v1"

    step: StepNumber
    ticket: TicketNumber
    service: ServiceCode
    channel: Channel
    visitor_class: VisitorClass
    appointment: Booked | None
    """The booked time, of a booked visit."""
    estimate: WaitEstimate | None
    """Null where too little was known to show one."""
    feedback_link: bool
    """Whether the ticket carries a link to rate the visit."""


class VisitCalled(Payload):
    """A counter called the visitor of a waiting step."""

    TYPE: ClassVar[str] = "visit.called.v1"

    step: StepNumber
    counter: CounterNumber
    call: CallNumber
    out_of_order: OutOfOrder | None
    """Null when the visitor was next by the queue's rule."""


class VisitStarted(Payload):
    """The visitor came to the counter and service began."""

    TYPE: ClassVar[str] = "visit.started.v1"

    step: StepNumber
    counter: CounterNumber


class VisitEnded(Payload):
    """A step, and with it the visit, ended."""

    TYPE: ClassVar[str] = "visit.ended.v1"

    step: StepNumber
    outcome: Outcome
    time_quality: TimeQuality


class VisitReopened(Payload):
    """A day that was closed by mistake goes on: the step, which that closing had ended as
    forgotten, is where it stood before. A second ``day.opened`` of the day goes before it; the next
    ``day.closed`` bears the next revision."""

    TYPE: ClassVar[str] = "visit.reopened.v1"

    step: StepNumber


class OutcomeCorrection(Part):
    field: Literal["outcome"]
    old: Outcome
    new: Outcome


class ServiceCorrection(Part):
    field: Literal["service"]
    old: ServiceCode
    new: ServiceCode


class StartCorrection(Part):
    field: Literal["started_at"]
    old: CorrectedFrom | None
    new: CorrectedTo


class EndCorrection(Part):
    field: Literal["ended_at"]
    old: CorrectedFrom | None
    new: CorrectedTo


Correction = Annotated[
    OutcomeCorrection | ServiceCorrection | StartCorrection | EndCorrection,
    Field(discriminator="field"),
]


class VisitCorrected(Payload):
    """A supervisor corrected one field of a step that had ended."""

    TYPE: ClassVar[str] = "visit.corrected.v1"

    step: StepNumber
    correction: Correction
    reason: CorrectionReason


class CounterOpened(Payload):
    """A clerk opened a counter."""

    TYPE: ClassVar[str] = "counter.opened.v1"

    counter: CounterNumber


class CounterClosed(Payload):
    """A clerk, or the day's closing, closed a counter."""

    TYPE: ClassVar[str] = "counter.closed.v1"

    counter: CounterNumber


class DayOpened(Payload):
    """A service day began at the site; the envelope's ``serviceday`` names it."""

    TYPE: ClassVar[str] = "day.opened.v1"


class ServiceTotals(Part):
    """Control totals of one service on one day, over its steps as they stand."""

    service: ServiceCode
    steps: Count
    served: Count
    no_show: Count
    left: Count
    removed: Count
    forgotten: Count
    wait_ms: Milliseconds
    """Sum over served steps of the plausible waits, entering the queue to the first call."""
    service_ms: Milliseconds
    """Sum over served steps of the plausible services, start to end."""
    implausible: Count
    """Waits and services of served steps that entered no sum."""


class DayClosed(Payload):
    """The day's manifest: what the site counts, for the nation to agree with.

    The envelope's own ``streamseq`` is the last sequence the totals cover. A change to a closed
    day sends the next revision.
    """

    TYPE: ClassVar[str] = "day.closed.v1"

    revision: Revision
    visits: Count
    services: tuple[ServiceTotals, ...] = Field(max_length=200)
    """One row a service that had a step, by code."""
