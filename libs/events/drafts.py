"""Types that nothing emits yet. A draft may still change; a reader holds it as unknown."""

from enum import StrEnum
from typing import ClassVar

from libs.events.codes import (
    CounterNumber,
    ServiceCode,
    SiteCode,
    StepNumber,
)
from libs.events.payloads import Payload


class PauseReason(StrEnum):
    """Why a counter stood still."""

    BREAK = "break"
    BACK_OFFICE = "back_office"
    SYSTEM = "system"


class ComplaintCause(StrEnum):
    """The root cause found for a complaint."""

    WAITING = "waiting"
    STAFF = "staff"
    INFORMATION = "information"
    PROCESS = "process"
    PLACE = "place"


class VisitHeld(Payload):
    """Service was interrupted, the visitor stays."""

    TYPE: ClassVar[str] = "visit.held.v1"
    step: StepNumber


class VisitResumed(Payload):
    """Service went on after a hold."""

    TYPE: ClassVar[str] = "visit.resumed.v1"
    step: StepNumber


class VisitTransferred(Payload):
    """A step closed and the next one opened, in another service's queue."""

    TYPE: ClassVar[str] = "visit.transferred.v1"
    step: StepNumber
    next_step: StepNumber
    service: ServiceCode


class VisitReferred(Payload):
    """The visitor was sent to another site."""

    TYPE: ClassVar[str] = "visit.referred.v1"
    step: StepNumber
    site: SiteCode


class CounterPaused(Payload):
    """A counter stopped calling for a while."""

    TYPE: ClassVar[str] = "counter.paused.v1"
    counter: CounterNumber
    reason: PauseReason


class ComplaintFiled(Payload):
    """A complaint was filed; its words stay at the site."""

    TYPE: ClassVar[str] = "complaint.filed.v1"
    service: ServiceCode


class ComplaintAcknowledged(Payload):
    """The complainant was told that the complaint is in hand."""

    TYPE: ClassVar[str] = "complaint.acknowledged.v1"


class ComplaintResolved(Payload):
    """A complaint was closed."""

    TYPE: ClassVar[str] = "complaint.resolved.v1"
    cause: ComplaintCause


class ComplaintReopened(Payload):
    """A complaint that had been closed was opened again."""

    TYPE: ClassVar[str] = "complaint.reopened.v1"


DRAFTS: tuple[type[Payload], ...] = (
    VisitHeld,
    VisitResumed,
    VisitTransferred,
    VisitReferred,
    CounterPaused,
    ComplaintFiled,
    ComplaintAcknowledged,
    ComplaintResolved,
    ComplaintReopened,
)
