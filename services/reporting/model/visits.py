"""A visit is the fold of its events. Pure.

The events are a set, ordered by (epoch, sequence), never by their time: whatever order they
arrive in, and however often, the visit is the same. Of two statements about one thing the later
one holds; a correction is such a statement. What has not arrived stays None.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeGuard
from uuid import UUID

from libs.events.catalogue import Event
from libs.events.envelope import Header
from libs.events.moments import OUT_OF_SPAN, known
from libs.events.visits import (
    EndCorrection,
    StartCorrection,
    VisitCalled,
    VisitCorrected,
    VisitEnded,
    VisitIssued,
    VisitReopened,
    VisitStarted,
)

FIRST_CALL = 1


class OfStep(Protocol):
    """The payload of a visit's event: it names its step."""

    @property
    def step(self) -> int: ...


class VisitEvent(Protocol):
    """An event that visits are folded from."""

    @property
    def subject(self) -> UUID: ...
    @property
    def serviceday(self) -> date: ...
    @property
    def origin(self) -> str: ...
    @property
    def time(self) -> datetime: ...
    @property
    def streamepoch(self) -> int: ...
    @property
    def streamseq(self) -> int: ...
    @property
    def data(self) -> OfStep: ...


class Place(NamedTuple):
    """Where an event stands in its stream."""

    epoch: int
    sequence: int


NOWHERE = Place(0, 0)
"""Before every event."""


def place(event: Header | VisitEvent) -> Place:
    return Place(event.streamepoch, event.streamseq)


in_stream_order: Callable[[Header | VisitEvent], tuple[int, int]] = attrgetter(
    "streamepoch", "streamseq"
)
"""The key that sorts events of one stream as :func:`place` does, at the speed of C."""


@dataclass(slots=True)
class Step:
    """One step of a visit, as far as its events have arrived; a row of the table `steps`."""

    step: int
    service_day: date
    origin: str
    ticket: str | None = None
    service: str | None = None
    visitor_class: str | None = None
    channel: str | None = None
    appointment: datetime | None = None
    likely_ms: int | None = None
    pessimistic_ms: int | None = None
    feedback_link: bool | None = None
    entered_at: datetime | None = None
    first_called_at: datetime | None = None
    last_called_at: datetime | None = None
    calls: int = 0
    """The number of the last call."""
    counter: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    time_quality: str | None = None
    out_of_order: str | None = None
    """Why the first call was out of order; None if it was not, or has not arrived."""
    last_epoch: int = 0
    last_sequence: int = 0
    events: int = 0
    """How many events it was folded from."""
    odd_appointment: bool = False
    """Whether a time was said that can't be: it is kept in the event, and is None here."""
    odd_start: bool = False
    odd_end: bool = False


STEP_FIELDS = tuple(field.name for field in fields(Step))
Visit: TypeAlias = dict[int, Step]
"""The steps of one visit by number."""


class VisitKey(NamedTuple):
    """A visit of the nation."""

    site: str
    visit: UUID


def last_place(visit: Visit) -> Place:
    """The latest event that was folded into ``visit``."""
    return max(
        (Place(step.last_epoch, step.last_sequence) for step in visit.values()), default=NOWHERE
    )


def events_of(visit: Visit) -> int:
    """How many events ``visit`` was folded from."""
    return sum(step.events for step in visit.values())


def fold(events: Iterable[VisitEvent]) -> Visit:
    """The visit that these events of one visit tell, in whatever order and number they come."""
    by_place = {in_stream_order(event): event for event in events}
    return advance({}, (by_place[key] for key in sorted(by_place)))


def advance(visit: Visit, events: Iterable[VisitEvent]) -> Visit:
    """``visit`` after ``events``, which are in order and all later than what it holds.

    Changes and returns ``visit``.
    """
    for event in events:
        data = event.data
        number = data.step
        step = visit.get(number)
        if step is None:
            step = visit[number] = Step(number, event.serviceday, event.origin)
        CHANGES[type(data)](step, data, event.time)
        step.last_epoch = event.streamepoch
        step.last_sequence = event.streamseq
        step.events += 1
    return visit


def _issued(step: Step, data: VisitIssued, time: datetime) -> None:
    step.ticket = data.ticket
    step.service = data.service
    step.visitor_class = data.visitor_class
    step.channel = data.channel
    step.appointment = known(data.appointment)
    step.odd_appointment = data.appointment is OUT_OF_SPAN
    step.feedback_link = data.feedback_link
    step.entered_at = time
    if data.estimate is not None:
        step.likely_ms = data.estimate.likely_ms
        step.pessimistic_ms = data.estimate.pessimistic_ms


def _called(step: Step, data: VisitCalled, time: datetime) -> None:
    if data.call == FIRST_CALL:
        step.first_called_at = time
        step.out_of_order = data.out_of_order
    step.last_called_at = time
    step.calls = data.call
    step.counter = data.counter


def _started(step: Step, data: VisitStarted, time: datetime) -> None:
    step.started_at = time
    step.odd_start = False
    step.counter = data.counter


def _ended(step: Step, data: VisitEnded, time: datetime) -> None:
    step.ended_at = time
    step.odd_end = False
    step.outcome = data.outcome
    step.time_quality = data.time_quality


def _reopened(step: Step, _data: VisitReopened, _time: datetime) -> None:
    step.ended_at = None
    step.odd_end = False
    step.outcome = None
    step.time_quality = None


def _corrected(step: Step, data: VisitCorrected, _time: datetime) -> None:
    correction = data.correction
    match correction:
        case StartCorrection():
            step.started_at = known(correction.new)
            step.odd_start = correction.new is OUT_OF_SPAN
        case EndCorrection():
            step.ended_at = known(correction.new)
            step.odd_end = correction.new is OUT_OF_SPAN
        case _:
            setattr(step, correction.field, correction.new)


CHANGES: dict[type, Callable[[Step, Any, datetime], None]] = {
    VisitIssued: _issued,
    VisitCalled: _called,
    VisitStarted: _started,
    VisitEnded: _ended,
    VisitCorrected: _corrected,
    VisitReopened: _reopened,
}
"""What each event of a visit says about its step."""


def is_of_visit(event: Event | None) -> TypeGuard[VisitEvent]:
    """Whether an event is one that visits are folded from."""
    return event is not None and type(event.data) in CHANGES
