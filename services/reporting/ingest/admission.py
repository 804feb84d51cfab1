"""Which of a batch's messages are new, and what they do to their streams. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from libs.events.bounds import OPEN_GAPS, VISIT_EVENTS
from libs.stream.watermark import Moving, Watermark
from services.reporting.ingest.messages import (
    Arrival,
    EpochKey,
    EventKey,
    Found,
    Reason,
    Refusal,
    StreamKey,
)


@dataclass(frozen=True, slots=True)
class Admission:
    """The arrivals that are new, and where each stream stands after them."""

    accepted: list[Arrival]
    duplicates: int
    refused: list[Refusal]
    """What came refused already, and forks."""
    watermarks: dict[EpochKey, Watermark]
    vacant: dict[EventKey, Refusal] = field(default_factory=dict[EventKey, Refusal])
    """The numbers that are taken by what was refused."""
    filled: list[EventKey] = field(default_factory=list[EventKey])
    """The places of accepted arrivals that were vacant before."""
    stopped: dict[StreamKey, str] = field(default_factory=dict[StreamKey, str])
    """The streams that are not read on, each with its topic: they would have too many gaps."""

    def without(self, surplus: Collection[EventKey]) -> "Admission":
        """The same, but for the arrivals at these places: they are refused, and take their
        numbers."""
        if not surplus:
            return self
        vacant, refused = dict(self.vacant), list(self.refused)
        for arrival in self.accepted:
            if arrival.key in surplus:
                refusal = _surplus(arrival)
                refused.append(refusal)
                if arrival.key not in self.filled:  # else it was vacant before, and is again
                    vacant[arrival.key] = refusal
        return replace(
            self,
            accepted=[one for one in self.accepted if one.key not in surplus],
            refused=refused,
            vacant=vacant,
            filled=[key for key in self.filled if key not in surplus],
        )


def known_before(
    found: Iterable[Found], watermarks: Mapping[EpochKey, Watermark]
) -> list[EventKey]:
    """The places among the arrivals' that the watermarks know already."""
    highest = {run: mark.highest for run, mark in watermarks.items()}
    return [
        one.key
        for one in found
        if type(one) is Arrival
        and one.key.sequence <= highest[one.key.run]
        and watermarks[one.key.run].knows(one.key.sequence)
    ]


def admit(
    found: Sequence[Found],
    watermarks: Mapping[EpochKey, Watermark],
    stored: Mapping[EventKey, UUID],
    open_gaps: Mapping[StreamKey, int],
) -> Admission:
    """Tell new events from those that came before; ``found`` is in the order it came.

    ``stored`` has the ids of the events at the places of :func:`known_before`, ``open_gaps`` how
    many gaps each stream has over all its runs. The same event again is a duplicate and dropped;
    another event at a known place is a fork: a stream that was restored without a new epoch, or
    written by two. A known place without an event is vacant, and takes what comes. What was
    refused takes its number where it is the next of its run or missing. Nothing is admitted of a
    stream from where on it would have more gaps than may be.
    """
    admitting = _Admitting(watermarks, stored, open_gaps)
    admitting.stop_full_streams(found)
    moving = admitting.moving
    accept = admitting.accepted.append
    for one in found:
        if type(one) is Arrival:
            run, sequence = one.key
            mark = moving[run]
            if sequence == mark.highest + 1:  # nearly every event: the next of its run
                mark.highest = sequence
                accept(one)
            else:
                admitting.arrive(one)
        elif isinstance(one, Refusal):
            admitting.refuse(one)
    if not admitting.crossing:
        return admitting.admission()
    cut = _before(found, admitting.crossing)
    admission = admit(cut, watermarks, stored, Counter())
    admission.stopped.update(
        {stream: one.record.topic for stream, one in admitting.crossing.items()}
    )
    return admission


def _before(found: Iterable[Found], crossing: Mapping[StreamKey, Found]) -> list[Found]:
    """What came before the message at which each stream is stopped."""
    stopped: set[str] = set()
    first = {one.record.topic: one for one in crossing.values()}
    kept: list[Found] = []
    for one in found:
        if first.get(one.record.topic) is one:
            stopped.add(one.record.topic)
        if one.record.topic not in stopped:
            kept.append(one)
    return kept


class _Admitting:
    """A batch on its way: what has been admitted so far."""

    def __init__(
        self,
        watermarks: Mapping[EpochKey, Watermark],
        stored: Mapping[EventKey, UUID],
        open_gaps: Mapping[StreamKey, int],
    ) -> None:
        self.moving = {run: Moving(mark) for run, mark in watermarks.items()}
        self.accepted: list[Arrival] = []
        self.crossing: dict[StreamKey, Found] = {}
        """The first message of a stream that is one gap too many."""
        self._duplicates = 0
        self._refused: list[Refusal] = []
        self._vacant: dict[EventKey, Refusal] = {}
        self._filled: list[EventKey] = []
        self._known = dict(stored)
        self._indexed = 0
        self._open = Counter(open_gaps)

    def stop_full_streams(self, found: Iterable[Found]) -> None:
        """Admit nothing of a stream that has too many gaps already."""
        full = {stream for stream, gaps in self._open.items() if gaps > OPEN_GAPS}
        if full:
            for one in found:
                if one.key is not None and one.key.run.of in full:
                    self.crossing.setdefault(one.key.run.of, one)

    def arrive(self, arrival: Arrival) -> None:
        """Admit an arrival that is not the next of its run."""
        key = arrival.key
        if not self.moving[key.run].knows(key.sequence):
            self._move(arrival, key)
            self.accepted.append(arrival)
            return
        known = self._id_at(key)
        if known is None:
            if self._vacant.pop(key, None) is None:
                self._filled.append(key)
            self.accepted.append(arrival)
        elif known == arrival.header.id:
            self._duplicates += 1
        else:
            self._refused.append(_fork(arrival, known))

    def refuse(self, refusal: Refusal) -> None:
        """Let what was refused take its number, if that is the next or a missing one."""
        self._refused.append(refusal)
        if (key := refusal.key) is None:
            return
        mark = self.moving[key.run]
        if key.sequence <= mark.highest + 1 and not mark.knows(key.sequence):
            self._move(refusal, key)
            self._vacant[key] = refusal

    def _move(self, one: Found, key: EventKey) -> None:
        mark, stream = self.moving[key.run], key.run.of
        before = mark.gaps
        mark.admit(key.sequence)
        self._open[stream] += mark.gaps - before
        if self._open[stream] > OPEN_GAPS:
            self.crossing.setdefault(stream, one)

    def _id_at(self, key: EventKey) -> UUID | None:
        """The id of the event at a place; what was accepted is indexed when first asked."""
        for arrival in self.accepted[self._indexed :]:
            self._known[arrival.key] = arrival.header.id
        self._indexed = len(self.accepted)
        return self._known.get(key)

    def admission(self) -> Admission:
        return Admission(
            self.accepted,
            self._duplicates,
            self._refused,
            {run: mark.mark() for run, mark in self.moving.items()},
            self._vacant,
            self._filled,
        )


def _surplus(arrival: Arrival) -> Refusal:
    run, sequence = arrival.key
    detail = (
        f"visit {arrival.header.subject} has {VISIT_EVENTS} events already; this is "
        f"{arrival.header.type}, epoch {run.epoch}, sequence {sequence}"
    )
    day = arrival.header.serviceday
    return Refusal(arrival.record, Reason.SURPLUS, detail, arrival.key, day)


def _fork(arrival: Arrival, stored: UUID) -> Refusal:
    run, sequence = arrival.key
    detail = (
        f"epoch {run.epoch}, sequence {sequence} is event {stored} already; "
        f"this is {arrival.header.id}"
    )
    return Refusal(arrival.record, Reason.FORK, detail)
