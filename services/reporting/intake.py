"""From raw messages to what may be stored: each message is an arrival or is refused. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple, Protocol
from uuid import UUID

from libs.events.catalogue import Event, Poison, Unknown, read
from libs.events.codes import Stream
from libs.events.envelope import Header, source_of
from libs.events.responses import FeedbackDayClosed, FeedbackGiven, FeedbackOffered
from libs.events.restoration import DayResolved, StreamRestored
from libs.events.topics import stream_of
from libs.stream.watermark import Watermark

FEEDBACK_TYPES = frozenset(
    payload.TYPE for payload in (FeedbackOffered, FeedbackGiven, FeedbackDayClosed)
)

OF_EITHER = frozenset({StreamRestored.TYPE, DayResolved.TYPE})

INVALID_AT_MOST = 100
INVALID_SHARE = 0.5
"""Of one stream's part of a batch: more invalid messages than both stop the stream instead of
filling the quarantine."""


class Reason(StrEnum):
    """Why a message is kept apart."""

    POISON = "poison"
    """No event of ours: not JSON, not the envelope, or not its own schema."""
    FOREIGN_SOURCE = "foreign_source"
    """Its source is not the site and service whose topic it came on."""
    FOREIGN_TYPE = "foreign_type"
    """A type of the other service."""
    FORK = "fork"
    """Another event has this place in its stream already."""


class Record(Protocol):
    """A message of Kafka."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...


class EpochKey(NamedTuple):
    """One run of numbers: a stream between two restorations of its database."""

    site: str
    stream: str
    epoch: int


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


@dataclass(frozen=True, slots=True)
class Intake:
    """A batch of messages, sorted."""

    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    refusals: list[Refusal] = field(default_factory=list[Refusal])

    def without(self, topics: Collection[str]) -> "Intake":
        """The same, but for the messages on these topics."""
        if not topics:
            return self
        return Intake(
            [one for one in self.arrivals if one.record.topic not in topics],
            [one for one in self.refusals if one.record.topic not in topics],
        )


@dataclass(frozen=True, slots=True)
class Admission:
    """The arrivals that are new, and where each stream stands after them."""

    accepted: list[Arrival]
    duplicates: int
    forks: list[Refusal]
    watermarks: dict[EpochKey, Watermark]


def sort(records: Iterable[Record]) -> Intake:
    """Read every message. The site and service are the topic's: only they may write to it."""
    intake = Intake()
    for record in records:
        found = _examine(record)
        if isinstance(found, Refusal):
            intake.refusals.append(found)
        else:
            intake.arrivals.append(found)
    return intake


def unreadable(intake: Intake) -> dict[str, str]:
    """The topics of which so much is invalid that a person must look, each with the reason.

    Either this release can't read what a newer one sends, or a site sends rubbish; in neither
    case would the quarantine be the place for all of it.
    """
    invalid = Counter(one.record.topic for one in intake.refusals)
    many = {topic for topic, count in invalid.items() if count > INVALID_AT_MOST}
    if not many:
        return {}
    valid = Counter(one.record.topic for one in intake.arrivals)
    reasons: dict[str, str] = {}
    for one in intake.refusals:
        topic = one.record.topic
        whole = invalid[topic] + valid[topic]
        if topic in many and topic not in reasons and invalid[topic] > INVALID_SHARE * whole:
            reasons[topic] = (
                f"{invalid[topic]} of {whole} messages on {topic} are invalid, the first at "
                f"offset {one.record.offset}: {one.reason}: {one.detail}"
            )
    return reasons


def _examine(record: Record) -> Arrival | Refusal:
    raw = record.value
    if raw is None:
        return Refusal(record, Reason.POISON, "the message is empty")
    try:
        found = read(raw)
    except Poison as error:
        return Refusal(record, Reason.POISON, str(error))
    origin = _origin(record.topic)
    if isinstance(found, Unknown):
        header, event = found.header, None
    else:
        header = event = found
    if header.source != origin.source:
        detail = f"the source is {header.source}, the topic {record.topic}"
        return Refusal(record, Reason.FOREIGN_SOURCE, detail)
    key = EventKey(_run(origin.site, origin.stream, header.streamepoch), header.streamseq)
    fault = event and _fault(record, event, origin)
    return fault or Arrival(key, header, event, raw, record)


def _fault(record: Record, event: Event, origin: "_Origin") -> Refusal | None:
    if event.type not in OF_EITHER and (event.type in FEEDBACK_TYPES) is not origin.feedback:
        detail = f"{event.type} is no event of the stream {origin.stream}"
        return Refusal(record, Reason.FOREIGN_TYPE, detail)
    if not origin.feedback:
        return None
    data = event.data
    if isinstance(data, FeedbackGiven):
        dimensions = {rating.dimension for rating in data.ratings}
        if len(dimensions) < len(data.ratings):
            return Refusal(record, Reason.POISON, "data.ratings: a dimension rated twice")
    return None


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


@cache
def _origin(topic: str) -> _Origin:
    name = stream_of(topic)
    source = source_of(name.site, name.stream)
    return _Origin(name.site, name.stream.value, source, name.stream is Stream.FEEDBACK)


def known_before(
    arrivals: Iterable[Arrival], watermarks: Mapping[EpochKey, Watermark]
) -> list[EventKey]:
    """The places among the arrivals' that the watermarks know already."""
    highest = {run: mark.highest for run, mark in watermarks.items()}
    return [
        key
        for key, *_ in arrivals
        if key.sequence <= highest[key.run] and watermarks[key.run].knows(key.sequence)
    ]


def admit(
    arrivals: Iterable[Arrival],
    watermarks: Mapping[EpochKey, Watermark],
    stored: Mapping[EventKey, UUID],
) -> Admission:
    """Tell new events from those that came before.

    ``stored`` has the ids of the events at the places of :func:`known_before`. The same event
    again is a duplicate and dropped; another event at a known place is a fork: a stream that was
    restored without a new epoch, or written by two.
    """
    ids = _Ids(stored)
    marks = dict(watermarks)
    highest = {run: mark.highest for run, mark in marks.items()}
    forks: list[Refusal] = []
    duplicates = 0
    for arrival in arrivals:
        run, sequence = arrival.key
        if sequence == highest[run] + 1:  # nearly every event: the next of its run
            highest[run] = sequence
            ids.accepted.append(arrival)
            continue
        mark = Watermark(highest[run], marks[run].gaps)
        if not mark.knows(sequence):
            marks[run] = mark.admit(sequence)
            highest[run] = marks[run].highest
            ids.accepted.append(arrival)
        elif (known := ids.at(arrival.key)) == arrival.header.id:
            duplicates += 1
        else:
            forks.append(_fork(arrival, known))
    after = {run: Watermark(highest[run], mark.gaps) for run, mark in marks.items()}
    return Admission(ids.accepted, duplicates, forks, after)


class _Ids:
    """The ids of events stored before and accepted now; the latter indexed when first asked."""

    def __init__(self, stored: Mapping[EventKey, UUID]) -> None:
        self.accepted: list[Arrival] = []
        self._known = dict(stored)
        self._indexed = 0

    def at(self, key: EventKey) -> UUID | None:
        for arrival in self.accepted[self._indexed :]:
            self._known[arrival.key] = arrival.header.id
        self._indexed = len(self.accepted)
        return self._known.get(key)


def _fork(arrival: Arrival, stored: UUID | None) -> Refusal:
    run, sequence = arrival.key
    detail = (
        f"epoch {run.epoch}, sequence {sequence} is event {stored} already; "
        f"this is {arrival.header.id}"
    )
    return Refusal(arrival.record, Reason.FORK, detail)
