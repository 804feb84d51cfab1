"""The queue's rule: deterministic, explained, and nobody starves."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.events.codes import VisitorClass
from services.ticketing.model.queue import (
    Placed,
    Waiting,
    effective_arrival,
    in_order,
)
from services.ticketing.model.queue import (
    place as placed_in,
)

OPENING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
HEAD_STARTS = {
    VisitorClass.NORMAL: 0,
    VisitorClass.PRIORITY: 20 * 60_000,
    VisitorClass.APPOINTMENT: 30 * 60_000,
}
LARGEST = timedelta(milliseconds=max(HEAD_STARTS.values()))

seconds = st.integers(0, 8 * 3600)


@st.composite
def visitors(draw: st.DrawFn) -> list[Waiting]:
    """Whoever comes on a day, in order of arrival."""
    found: list[Waiting] = []
    for number, after in enumerate(sorted(draw(st.lists(seconds, max_size=12))), start=1):
        arrival = OPENING + timedelta(seconds=after)
        kind = draw(st.sampled_from(VisitorClass))
        booked = (
            OPENING + timedelta(seconds=draw(seconds)) if kind is VisitorClass.APPOINTMENT else None
        )
        found.append(
            Waiting(
                visit=UUID(int=number),
                step=1,
                ticket=f"A{number:03}",
                service="INF",
                visitor_class=kind,
                queued_at=arrival,
                appointment=booked,
                effective_arrival=effective_arrival(arrival, booked, HEAD_STARTS[kind]),
            )
        )
    return found


@given(visitors(), st.randoms())
def test_the_order_depends_on_who_waits_and_on_nothing_else(
    queue: list[Waiting], chance: Random
) -> None:
    shuffled = list(queue)
    chance.shuffle(shuffled)
    assert in_order(shuffled) == in_order(queue)


@given(visitors())
def test_nobody_is_passed_by_who_comes_after_their_bound(queue: list[Waiting]) -> None:
    """No newcomer after effective arrival + H goes first: every call then brings one nearer."""
    places = in_order(queue)
    for index, behind in enumerate(places):
        bound = behind.waiting.effective_arrival + LARGEST
        ahead = [place.waiting for place in places[:index]]
        assert all(one.queued_at <= bound for one in ahead)


@given(visitors(), st.integers(1, 5))
def test_every_visitor_is_called_after_as_many_calls_as_came_before_their_bound(
    queue: list[Waiting], minutes_a_call: int
) -> None:
    """The day played: newcomers keep coming, one call every few minutes."""
    waiting: list[Waiting] = []
    coming = list(queue)
    calls_since: dict[UUID, int] = {}
    now = OPENING
    while coming or waiting:
        now += timedelta(minutes=minutes_a_call)
        while coming and coming[0].queued_at <= now:
            waiting.append(coming.pop(0))
        if not waiting:
            continue
        called = in_order(waiting)[0].waiting
        waiting.remove(called)
        for one in waiting:
            calls_since[one.visit] = calls_since.get(one.visit, 0) + 1
        rivals = [
            one
            for one in queue
            if one.visit != called.visit and one.queued_at <= called.effective_arrival + LARGEST
        ]
        assert calls_since.get(called.visit, 0) <= len(rivals)


@given(visitors())
def test_of_one_class_who_came_first_goes_first(queue: list[Waiting]) -> None:
    for kind in (VisitorClass.NORMAL, VisitorClass.PRIORITY):
        order = [p.waiting.queued_at for p in in_order(queue) if p.waiting.visitor_class is kind]
        assert order == sorted(order)


@given(visitors())
def test_each_place_says_whom_it_passes(queue: list[Waiting]) -> None:
    places = in_order(queue)
    assert [place.position for place in places] == list(range(1, len(places) + 1))
    for index, place in enumerate(places):
        behind = [other.waiting for other in places[index + 1 :]]
        assert place.passes == tuple(
            other.ticket for other in behind if other.queued_at < place.waiting.queued_at
        )
        if place.placed is Placed.BY_ARRIVAL:
            # A walk-in passes only those who came before their booked time.
            passed = [other for other in behind if other.ticket in place.passes]
            assert all(other.visitor_class is VisitorClass.APPOINTMENT for other in passed)


def booked(minutes_late: float) -> timedelta:
    appointment = OPENING + timedelta(hours=2)
    arrival = appointment + timedelta(minutes=minutes_late)
    placed = effective_arrival(arrival, appointment, HEAD_STARTS[VisitorClass.APPOINTMENT])
    return placed - appointment


def test_a_booked_visitor_counts_from_the_booked_time_and_loses_it_by_coming_late() -> None:
    assert booked(-45) == timedelta()
    assert booked(0) == timedelta()
    assert booked(30) == timedelta()
    assert booked(50) == timedelta(minutes=20)


def test_of_two_placed_alike_the_first_to_come_goes_first_then_the_first_issued() -> None:
    def one(number: int, arrived: int) -> Waiting:
        return Waiting(
            visit=UUID(int=number),
            step=1,
            ticket=f"A{number:03}",
            service="INF",
            visitor_class=VisitorClass.NORMAL,
            queued_at=OPENING + timedelta(minutes=arrived),
            appointment=None,
            effective_arrival=OPENING,
        )

    queue = in_order([one(3, 1), one(2, 0), one(1, 1)])
    assert [place.waiting.ticket for place in queue] == ["A002", "A001", "A003"]


def test_a_place_says_what_placed_the_visitor_and_how_far_ahead() -> None:
    def one(number: int, kind: VisitorClass, came: int, appointment: int | None = None) -> Waiting:
        arrival = OPENING + timedelta(minutes=came)
        at = None if appointment is None else OPENING + timedelta(minutes=appointment)
        return Waiting(
            visit=UUID(int=number),
            step=1,
            ticket=f"A{number:03}",
            service="INF",
            visitor_class=kind,
            queued_at=arrival,
            appointment=at,
            effective_arrival=effective_arrival(arrival, at, HEAD_STARTS[kind]),
        )

    places = in_order(
        [
            one(1, VisitorClass.NORMAL, 60),
            one(2, VisitorClass.PRIORITY, 61),
            one(3, VisitorClass.APPOINTMENT, 0, appointment=62),
            one(4, VisitorClass.APPOINTMENT, 100, appointment=30),
        ]
    )
    assert [(place.waiting.ticket, place.placed, place.head_start_ms) for place in places] == [
        ("A002", Placed.BY_HEAD_START, 20 * 60_000),
        ("A001", Placed.BY_ARRIVAL, 0),
        ("A003", Placed.BY_APPOINTMENT, -62 * 60_000),
        ("A004", Placed.BY_LATE_APPOINTMENT, 30 * 60_000),
    ]


class Counted(Waiting):
    """A visitor who counts how often the queue asks for their place in it."""

    asked = 0

    @property
    def order(self) -> tuple[datetime, datetime, UUID]:
        Counted.asked += 1
        return super().order


def test_the_queue_is_sorted_once() -> None:
    """For each call of a long queue; once a visitor, it would be sorted for seconds."""
    queue = [
        Counted(
            visit=UUID(int=number),
            step=1,
            ticket=f"A{number:03}",
            service="INF",
            visitor_class=VisitorClass.NORMAL,
            queued_at=OPENING + timedelta(seconds=number * 37 % 400),
            appointment=None,
            effective_arrival=OPENING + timedelta(seconds=number * 53 % 400),
        )
        for number in range(400)
    ]
    Counted.asked = 0
    places = in_order(queue)
    assert Counted.asked == len(queue)
    for chosen in (places[0], places[200], places[-1]):
        assert placed_in(chosen.waiting, chosen.position, queue) == chosen
