"""From raw messages to what may be stored: each message is an arrival or is refused. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias

from libs.events.bounds import VALUE_BYTES
from libs.events.catalogue import Event, Poison, Unknown, glimpse, read
from libs.events.codes import Stream
from libs.events.envelope import Header, source_of
from libs.events.responses import (
    FeedbackDayClosed,
    FeedbackGiven,
    FeedbackGivenV2,
    FeedbackOffered,
)
from libs.events.restoration import DayResolved, StreamRestored
from libs.events.topics import stream_of
from services.reporting.model.horizon import too_far_ahead

FEEDBACK_TYPES = frozenset(
    payload.TYPE for payload in (FeedbackOffered, FeedbackGiven, FeedbackGivenV2, FeedbackDayClosed)
)

OF_EITHER = frozenset({StreamRestored.TYPE, DayResolved.TYPE})


class Reason(StrEnum):
    """Why a message is kept apart."""

    POISON = "poison"
    """No event of ours: not JSON, not the envelope, or not its own schema."""
    TOO_LARGE = "too_large"
    """Larger than any event; it was not read."""
    FOREIGN_SOURCE = "foreign_source"
    """Its source is not the site and service whose topic it came on."""
    FOREIGN_TYPE = "foreign_type"
    """A type of the other service."""
    AHEAD = "ahead"
    """It tells of a day or a time that the broker's clock has not come near."""
    FORK = "fork"
    """Another event has this place in its stream already."""
    SURPLUS = "surplus"
    """Its visit has as many events as a visit can have."""
    FAULT = "fault"
    """The ingest fails on it: a mistake of this program, which a developer must see."""


class Record(Protocol):
    """A message of Kafka."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """When the broker took it, in milliseconds since 1970."""
        ...

    @property
    def value(self) -> bytes | None: ...


class StreamKey(NamedTuple):
    """A stream of a site, whatever its epochs."""

    site: str
    stream: str


class EpochKey(NamedTuple):
    """One run of numbers: a stream between two restorations of its database."""

    site: str
    stream: str
    epoch: int

    @property
    def of(self) -> StreamKey:
        """The stream it is a run of."""
        return StreamKey(self.site, self.stream)


class EventKey(NamedTuple):
    """An event's place in the nation."""

    run: EpochKey
    sequence: int


class Placed(Protocol):
    """An event at its place in the nation, just come or stored long ago."""

    @property
    def key(self) -> EventKey: ...
    @property
    def header(self) -> Header: ...
    @property
    def event(self) -> Event | None:
        """None where the type or version is not known: held."""
        ...


class Arrival(NamedTuple):
    """A message that is an event of its stream."""

    key: EventKey
    header: Header
    event: Event | None
    raw: bytes
    record: Record


class Refusal(NamedTuple):
    """A message for the quarantine."""

    record: Record
    reason: Reason
    detail: str
    key: EventKey | None = None
    """The place in its stream that it names, where that can be read: it takes this number."""
    service_day: date | None = None


Found: TypeAlias = Arrival | Refusal
"""What a message turns out to be."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A batch of messages, read."""

    found: list[Found] = field(default_factory=list[Found])
    """In the order they came."""

    @property
    def refusals(self) -> list[Refusal]:
        return [one for one in self.found if isinstance(one, Refusal)]

    @property
    def arrivals(self) -> list[Arrival]:
        return [one for one in self.found if not isinstance(one, Refusal)]

    @property
    def runs(self) -> set[EpochKey]:
        """The runs of numbers in which anything names its place."""
        return {one.key.run for one in self.found if one.key is not None}

    def without(self, topics: Collection[str]) -> "Intake":
        """The same, but for the messages on these topics."""
        if not topics:
            return self
        return Intake([one for one in self.found if one.record.topic not in topics])


def sort(records: Iterable[Record]) -> Intake:
    """Read every message. The site and service are the topic's: only they may write to it."""
    return Intake([_examine(record) for record in records])


def _examine(record: Record) -> Found:
    raw = record.value
    if raw is None or type(raw) is not bytes or len(raw) > VALUE_BYTES:
        return _unread(record, raw)
    origin = _origin(record.topic)
    try:
        found = read(raw)
    except Poison as error:
        return _with_its_place(Refusal(record, Reason.POISON, str(error)), raw, origin)
    if isinstance(found, Unknown):
        header, event = found.header, None
    else:
        header = event = found
    if header.source != origin.source:
        detail = f"the source is {header.source}, the topic {record.topic}"
        return Refusal(record, Reason.FOREIGN_SOURCE, detail)
    key = EventKey(_run(origin.site, origin.stream, header.streamepoch), header.streamseq)
    fault = _fault(header, event, record, origin)
    if fault is not None:
        return Refusal(record, *fault, key, header.serviceday)
    return Arrival(key, header, event, raw, record)


def _unread(record: Record, raw: bytes | None) -> Refusal:
    """The refusal of a message that is not read at all."""
    if raw is None:
        return Refusal(record, Reason.POISON, "the message is empty")
    if type(raw) is not bytes:
        return Refusal(record, Reason.POISON, f"its batch can't be unpacked: {_reason(raw)}")
    detail = f"the message has {len(raw)} bytes, an event at most {VALUE_BYTES}"
    return _with_its_place(Refusal(record, Reason.TOO_LARGE, detail), raw, _origin(record.topic))


def _reason(marker: bytes) -> str:
    """What is wrong with the batch of a record whose value
    :class:`~libs.stream.unpacking.Unreadable` stands for."""
    return str(getattr(marker, "reason", "unknown"))


def _with_its_place(refusal: Refusal, raw: bytes, origin: "_Origin") -> Refusal:
    """The refusal of a message that is no event, with the number that it takes all the same."""
    seen = glimpse(raw)
    if seen is None or seen.source != origin.source:
        return refusal
    key = EventKey(_run(origin.site, origin.stream, seen.epoch), seen.sequence)
    return refusal._replace(key=key, service_day=seen.service_day)


def _fault(
    header: Header, event: Event | None, record: Record, origin: "_Origin"
) -> tuple[Reason, str] | None:
    """Why a readable message is none of this stream."""
    if event is not None:
        if event.type not in OF_EITHER and (event.type in FEEDBACK_TYPES) is not origin.feedback:
            return Reason.FOREIGN_TYPE, f"{event.type} is no event of the stream {origin.stream}"
        data = event.data
        if isinstance(data, FeedbackGiven):
            dimensions = {rating.dimension for rating in data.ratings}
            if len(dimensions) < len(data.ratings):
                return Reason.POISON, "data.ratings: a dimension rated twice"
    ahead = too_far_ahead(header, event, record.timestamp)
    return None if ahead is None else (Reason.AHEAD, ahead)


@lru_cache(maxsize=10_000)
def _run(site: str, stream: str, epoch: int) -> EpochKey:
    """One object for each run: keys that are the same object compare at once."""
    return EpochKey(site, stream, epoch)


@dataclass(frozen=True, slots=True)
class _Origin:
    site: str
    stream: str
    source: str
    feedback: bool


@lru_cache(maxsize=10_000)
def _origin(topic: str) -> _Origin:
    name = stream_of(topic)
    source = source_of(name.site, name.stream)
    return _Origin(name.site, name.stream.value, source, name.stream is Stream.FEEDBACK)
