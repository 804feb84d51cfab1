"""Who is next, and why. One queue for walk-ins, priority visitors and booked ones.

Every waiting step has an *effective arrival*; the smallest is next.

* A walk-in or priority visitor: the arrival less the class's head start.
* A booked visitor: the booked time. Who comes early waits for it unless nobody else is there;
  who comes later than the head start of bookings allows is placed by that: the arrival less the
  head start.

**Nobody starves.** No effective arrival lies earlier than its arrival less the largest head
start *H*. So whoever comes after a waiting visitor's effective arrival plus *H* is placed behind
that visitor, and from then on each call brings the visitor one place forward.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.events.codes import VisitorClass
from libs.events.durations import between


def effective_arrival(
    arrival: datetime, appointment: datetime | None, head_start_ms: int
) -> datetime:
    """The moment by which a visitor is placed in the queue.

    ``head_start_ms`` is that of the visitor's class on the day; ``appointment`` is the booked
    time of a booked visitor.
    """
    ahead = arrival - timedelta(milliseconds=head_start_ms)
    return ahead if appointment is None else max(appointment, ahead)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that waits to be called."""

    visit: UUID
    step: int
    ticket: str
    service: str
    visitor_class: VisitorClass
    queued_at: datetime
    appointment: datetime | None
    effective_arrival: datetime

    @property
    def order(self) -> tuple[datetime, datetime, UUID]:
        """Smallest first. Of two placed alike the first to come, then the first to be issued:
        ids of visits ascend."""
        return (self.effective_arrival, self.queued_at, self.visit)


class Placed(StrEnum):
    """What placed a visitor where they stand."""

    BY_ARRIVAL = "by_arrival"
    BY_HEAD_START = "by_head_start"
    """Ahead of the arrival, by the class's head start."""
    BY_APPOINTMENT = "by_appointment"
    """At the booked time."""
    BY_LATE_APPOINTMENT = "by_late_appointment"
    """Booked, but came later than bookings are kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """A waiting step's place in the queue, explained."""

    waiting: Waiting
    position: int
    """1 is next."""
    placed: Placed
    head_start_ms: int
    """How far before the arrival the visitor is placed; negative for one who came before the
    booked time."""
    passes: tuple[str, ...]
    """The tickets of those who came earlier and stand behind, in the queue's order."""


def placed(waiting: Waiting) -> Placed:
    """What placed ``waiting`` where it stands."""
    if waiting.appointment is not None:
        if waiting.effective_arrival == waiting.appointment:
            return Placed.BY_APPOINTMENT
        return Placed.BY_LATE_APPOINTMENT
    if waiting.effective_arrival < waiting.queued_at:
        return Placed.BY_HEAD_START
    return Placed.BY_ARRIVAL


def in_order(waiting: Iterable[Waiting]) -> tuple[Place, ...]:
    """The whole queue, next first, each place explained."""
    queue = sorted(waiting, key=lambda one: one.order)
    return tuple(
        _explained(one, position, queue[position:]) for position, one in enumerate(queue, start=1)
    )


def place(one: Waiting, position: int, queue: Iterable[Waiting]) -> Place:
    """The place of ``one`` among ``queue``, which may leave out whom it does not pass."""
    behind = (other for other in queue if other.order > one.order)
    return _explained(one, position, sorted(behind, key=lambda other: other.order))


def _explained(one: Waiting, position: int, behind: Sequence[Waiting]) -> Place:
    """The place of ``one`` before ``behind``, who are in the queue's order."""
    return Place(
        waiting=one,
        position=position,
        placed=placed(one),
        head_start_ms=between(one.effective_arrival, one.queued_at),
        passes=tuple(other.ticket for other in behind if other.queued_at < one.queued_at),
    )
