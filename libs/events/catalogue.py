"""The released event types, and how a message is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal, cast, get_args

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from libs.events.bounds import EPOCH, KEPT_BYTES, PAST, SEQUENCE, VALUE_BYTES
from libs.events.envelope import DayEnvelope, Header, SubjectEnvelope, of_its_time
from libs.events.faults import faults_of
from libs.events.json_rules import Shape, Unruly, check_json, commas_in, oversize, shape_of
from libs.events.payloads import Payload
from libs.events.responses import (
    FeedbackDayClosed,
    FeedbackGiven,
    FeedbackGivenV2,
    FeedbackOffered,
)
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
    VisitReopened,
    VisitStarted,
)

Event = (
    SubjectEnvelope[Literal["visit.issued.v1"], VisitIssued]
    | SubjectEnvelope[Literal["visit.called.v1"], VisitCalled]
    | SubjectEnvelope[Literal["visit.started.v1"], VisitStarted]
    | SubjectEnvelope[Literal["visit.ended.v1"], VisitEnded]
    | SubjectEnvelope[Literal["visit.corrected.v1"], VisitCorrected]
    | SubjectEnvelope[Literal["visit.reopened.v1"], VisitReopened]
    | DayEnvelope[Literal["counter.opened.v1"], CounterOpened]
    | DayEnvelope[Literal["counter.closed.v1"], CounterClosed]
    | DayEnvelope[Literal["day.opened.v1"], DayOpened]
    | DayEnvelope[Literal["day.closed.v1"], DayClosed]
    | SubjectEnvelope[Literal["feedback.offered.v1"], FeedbackOffered]
    | SubjectEnvelope[Literal["feedback.given.v1"], FeedbackGiven]
    | SubjectEnvelope[Literal["feedback.given.v2"], FeedbackGivenV2]
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
        VisitReopened,
        CounterOpened,
        CounterClosed,
        DayOpened,
        DayClosed,
        FeedbackOffered,
        FeedbackGiven,
        FeedbackGivenV2,
        FeedbackDayClosed,
        StreamRestored,
        DayResolved,
    )
}
"""Every released type by its name and version."""

EVENT: TypeAdapter[Event] = TypeAdapter(
    Annotated[Event, Field(discriminator="type"), AfterValidator(of_its_time)]
)
HEADER: TypeAdapter[Header] = TypeAdapter(Annotated[Header, AfterValidator(of_its_time)])

COMMA: Final = ord(",")
SHAPES: Final = {
    payload: Shape(shape_of(event).commas + shape_of(payload).commas, shape_of(payload).more)
    for event in get_args(Event)
    for payload in (event.model_fields["data"].annotation,)
}
"""The shape of a whole message by the type of its payload."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed event of a type or version this reader does not know: held for replay."""

    header: Header


class Poison(ValueError):
    """A message that is no event of ours: not JSON, not the envelope, or not its own schema.

    The text is printable, of bounded length and free of what the message holds.
    """


class Oversized(Poison):
    """A message that is too large to be looked into."""


def read(raw: bytes) -> Event | Unknown:
    """The event in ``raw``.

    Raises :class:`Poison`, whose text names the fields and never their values; of more than
    :data:`~libs.events.bounds.VALUE_BYTES`, unparsed, :class:`Oversized`.
    """
    if len(raw) > VALUE_BYTES:
        raise Oversized(oversize(raw, VALUE_BYTES))
    try:
        event = EVENT.validate_json(raw)
    except ValidationError as error:
        if not _of_unknown_type(error):
            raise Poison(faults_of(error)) from None
        header = _header(raw)
        _check(raw)
        return Unknown(header)
    data = event.data
    commas, more = SHAPES[type(data)]
    for name in more:
        commas += commas_in(getattr(data, name))
    if raw.count(COMMA) != commas:
        _check(raw)
    return event


def _check(raw: bytes) -> None:
    """Look for what pydantic lets pass: a key twice, and in skipped parts whatever can be there."""
    try:
        check_json(raw)
    except Unruly as fault:
        raise Poison(str(fault)) from None


def _of_unknown_type(error: ValidationError) -> bool:
    """Whether the one fault is the message's own type, and not that of a part of its data."""
    if error.error_count() != 1:
        return False
    (fault,) = error.errors(include_url=False, include_input=False, include_context=False)
    return fault["type"] == "union_tag_invalid" and not fault["loc"]


def _header(raw: bytes) -> Header:
    try:
        return HEADER.validate_json(raw)
    except ValidationError as error:
        raise Poison(faults_of(error)) from None


SOURCE = re.compile(r"/sites/[a-z]{3}-[a-z0-9]{2,4}/(?:ticketing|feedback)")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

GAP: Final = rb"[ \t\r\n]{0,8}"
TEXT: Final = rb'"([^"\\]{1,60})"'
NUMBER: Final = rb"([1-9][0-9]{0,15})" + GAP + rb"[,}]"
"""With what follows it: the first digits of a number that was cut off are another number."""
SIGNS: Final = {
    name: re.compile(b'"' + name.encode() + b'"' + GAP + b":" + GAP + value)
    for name, value in (
        ("source", TEXT),
        ("streamepoch", NUMBER),
        ("streamseq", NUMBER),
        ("serviceday", TEXT),
    )
}


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The place that a refused message has in its stream, as it says itself."""

    source: str
    """``/sites/<code>/<stream>``; whether that is its topic's is for the caller to judge."""
    epoch: int
    """From 1 to :data:`~libs.events.bounds.EPOCH`."""
    sequence: int
    """From 1 to :data:`~libs.events.bounds.SEQUENCE`."""
    service_day: date | None
    """Within :data:`~libs.events.bounds.PAST`; None where none can be read."""


def glimpse(raw: bytes) -> Glimpse | None:
    """The place of the message in ``raw``; None where it can't be made out without doubt.

    For what :func:`read` refused. Of a field that is there twice the last counts, as with every
    reader of JSON. Where it is no JSON, or too large to be parsed (then the first
    :data:`~libs.events.bounds.KEPT_BYTES` are looked at), the envelope's fields are found by
    their names, and a field that says two things says nothing. Raises nothing.
    """
    fields = _parsed(raw) if len(raw) <= VALUE_BYTES else None
    if fields is None:
        fields = _found(raw if len(raw) <= VALUE_BYTES else raw[:KEPT_BYTES])
    source = fields.get("source")
    if not isinstance(source, str) or not SOURCE.fullmatch(source):
        return None
    epoch = _number(fields.get("streamepoch"), EPOCH)
    sequence = _number(fields.get("streamseq"), SEQUENCE)
    if epoch is None or sequence is None:
        return None
    return Glimpse(source, epoch, sequence, _day(fields.get("serviceday")))


def _parsed(raw: bytes) -> Mapping[str, object] | None:
    try:
        message: object = from_json(raw)
    except ValueError:
        return None
    return cast("Mapping[str, object]", message) if isinstance(message, dict) else None


def _found(raw: bytes) -> Mapping[str, object]:
    fields: dict[str, object] = {}
    for name, sign in SIGNS.items():
        said = set(cast("list[bytes]", sign.findall(raw)))
        if len(said) == 1:
            text = said.pop().decode("utf-8", "replace")
            fields[name] = int(text) if name.startswith("stream") else text
    return fields


def _number(value: object, most: int) -> int | None:
    return value if type(value) is int and 1 <= value <= most else None


def _day(value: object) -> date | None:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if PAST.holds(day) else None
