"""The released event types, and how a message is read."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from libs.events.envelope import DayEnvelope, Header, SubjectEnvelope
from libs.events.payloads import Payload
from libs.events.responses import FeedbackDayClosed, FeedbackGiven, FeedbackOffered
from libs.events.restoration import DayResolved, StreamRestored
from libs.events.visits import (
    CounterClosed,
    CounterOpened,
    DayClosed,
    DayOpened,
    VisitCalled,
    VisitCorrected,
    VisitEnded,
    VisitIssued,
    VisitStarted,
)

Event = (
    SubjectEnvelope[Literal["visit.issued.v1"], VisitIssued]
    | SubjectEnvelope[Literal["visit.called.v1"], VisitCalled]
    | SubjectEnvelope[Literal["visit.started.v1"], VisitStarted]
    | SubjectEnvelope[Literal["visit.ended.v1"], VisitEnded]
    | SubjectEnvelope[Literal["visit.corrected.v1"], VisitCorrected]
    | DayEnvelope[Literal["counter.opened.v1"], CounterOpened]
    | DayEnvelope[Literal["counter.closed.v1"], CounterClosed]
    | DayEnvelope[Literal["day.opened.v1"], DayOpened]
    | DayEnvelope[Literal["day.closed.v1"], DayClosed]
    | SubjectEnvelope[Literal["feedback.offered.v1"], FeedbackOffered]
    | SubjectEnvelope[Literal["feedback.given.v1"], FeedbackGiven]
    | DayEnvelope[Literal["feedback.day.closed.v1"], FeedbackDayClosed]
    | DayEnvelope[Literal["stream.restored.v1"], StreamRestored]
    | DayEnvelope[Literal["day.resolved.v1"], DayResolved]
)

RELEASED: dict[str, type[Payload]] = {
    payload.TYPE: payload
    for payload in (
        VisitIssued,
        VisitCalled,
        VisitStarted,
        VisitEnded,
        VisitCorrected,
        CounterOpened,
        CounterClosed,
        DayOpened,
        DayClosed,
        FeedbackOffered,
        FeedbackGiven,
        FeedbackDayClosed,
        StreamRestored,
        DayResolved,
    )
}
"""Every released type by its name and version."""

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed event of a type or version this reader does not know: held for replay."""

    header: Header


class Poison(ValueError):
    """A message that is no event of ours: not JSON, not the envelope, or not its own schema."""


def read(raw: bytes) -> Event | Unknown:
    """The event in ``raw``.

    Raises :class:`Poison`, whose text names the fields and never their values.
    """
    try:
        return EVENT.validate_json(raw)
    except ValidationError as error:
        if any(detail["type"] == "union_tag_invalid" for detail in error.errors()):
            return Unknown(_header(raw))
        raise Poison(_faults(error)) from None


def _header(raw: bytes) -> Header:
    try:
        return Header.model_validate_json(raw)
    except ValidationError as error:
        raise Poison(_faults(error)) from None


def _faults(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        f"{'.'.join(str(part) for part in detail['loc']) or 'message'}: {detail['type']}"
        for detail in details[:8]
    )
