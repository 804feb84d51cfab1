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
    """The end of a stream's topic: its newest event, and whether it can have held any.

    An empty topic that begins at 0 never did, whatever else is written to it.
    """

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


class Retreat:
    """Walks back from a topic's end until it is certain where the topic and a restored database
    part: after the newest event that both hold.

    The first event met that both hold need not be that one: events that were sent again, at the
    centre's wish, lie behind newer ones. But an epoch has no hole, so within one it is certain
    once every number between the two was met. Over a change of epoch it never is, for nobody
    knows how far the earlier epoch went: there the whole topic is walked.
    """

    def __init__(self) -> None:
        self._after: Place | None = None
        self._newest: Place | None = None
        self._held: set[tuple[int, int]] = set()
        self._lost: dict[tuple[int, int], tuple[date | None, bool]] = {}

    def meet(self, place: Place, day: date | None, *, closes: bool, held: bool) -> bool:
        """Take note of the next event towards the beginning; whether it was enough.

        ``closes`` tells that it closes its ``day``, which may be unknown; ``held`` that the
        database holds it.
        """
        number = (place.epoch, place.sequence)
        newest = self._newest = _later(self._newest, place)
        if held:
            self._after = _later(self._after, place)
            self._held.add(number)
            self._lost.pop(number, None)
        elif number not in self._held:  # else it bears the number of one that is held
            self._lost[number] = (day, closes)
        after = self._after
        if after is None or after.epoch != newest.epoch:
            return False
        between = newest.sequence - after.sequence
        if len(self._lost) < between:
            return False
        return between == sum(
            epoch == newest.epoch and sequence > after.sequence for epoch, sequence in self._lost
        )

    def lost(self, noticed: date) -> Lost:
        """What was found. An event whose day is unknown counts to the newest day that something
        was lost of, or to the day when that was ``noticed``. Raises ValueError where nothing was
        met."""
        if self._newest is None:
            raise ValueError("the topic holds no event")
        known = [day for day, _ in self._lost.values() if day is not None]
        newest = max(known, default=noticed)
        days: dict[date, LostDay] = {}
        for _, (day, closes) in sorted(self._lost.items()):
            before = days.get(day or newest)
            days[day or newest] = LostDay(before.events + 1 if before else 1, closes)
        return Lost(self._after, self._newest, days)


def _later(one: Place | None, other: Place) -> Place:
    if one is None:
        return other
    return max(one, other, key=lambda place: (place.epoch, place.sequence))


class TwoOfUs(Exception):
    """Another database sends as this site: its events are in our topic soon after we healed."""


class EpochsUsedUp(Exception):
    """The stream can't go on in a new epoch: the next one is beyond what the contract reads."""


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
