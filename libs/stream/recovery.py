"""What a relay must do before it sends: tell a crash from a restored database. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in its stream, and which event it is."""

    epoch: int
    sequence: int
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Sent:
    """How far the outbox has been sent; ``place`` is that of the last event, if any was."""

    position: int
    place: Place | None


@dataclass(frozen=True, slots=True)
class TopicEnd:
    """The end of a stream's topic: its newest event, and whether it ever held any."""

    newest: Place | None
    ever_written: bool


@dataclass(frozen=True, slots=True)
class LostDay:
    """What a restored database lost of one service day."""

    events: int
    closed: bool
    """Whether the last of them closed the day."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The events at the topic's end that a restored database does not hold; at least one."""

    after: Place | None
    """The newest event that both hold; None where the topic holds none of ours."""
    newest: Place
    days: Mapping[date, LostDay]

    @property
    def events(self) -> int:
        return sum(day.events for day in self.days.values())


class Restored(Exception):
    """The database is older than what it sent: it was restored, and its numbers would clash."""


def resume(cursor: Sent, topic: TopicEnd, twin: Sent | None) -> Sent:
    """From where to send.

    ``twin`` is the outbox's row at the epoch and sequence of the topic's newest event. Where it
    is that event, the process merely crashed: sending goes on behind it, be that ahead of the
    cursor (the acknowledgement was lost) or behind it (the broker lost acknowledged events, and
    readers drop what they have twice). A row already dropped from the outbox is still known by
    the cursor. Raises :class:`Restored` when the topic's newest event is not ours.
    """
    if topic.newest is None:
        return cursor if topic.ever_written else Sent(0, None)
    if twin is not None and twin.place == topic.newest:
        return twin
    if cursor.place == topic.newest:
        return cursor
    raise Restored(
        f"the topic ends with event {topic.newest.event_id} at epoch {topic.newest.epoch}, "
        f"sequence {topic.newest.sequence}, which this database does not hold there"
    )
