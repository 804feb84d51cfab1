"""What is asked for again and again is sent again once."""

from hypothesis import given
from hypothesis import strategies as st

from libs.stream.wishes import MOST, Run, Wishes


@st.composite
def runs(draw: st.DrawFn) -> Run:
    first = draw(st.integers(1, 60))
    return Run(draw(st.integers(1, 2)), first, first + draw(st.integers(0, 9)))


@given(st.lists(st.tuples(runs(), st.booleans()), max_size=60))
def test_each_number_that_was_asked_for_is_sent_once(asked: list[tuple[Run, bool]]) -> None:
    """While some are being sent, others are asked for."""
    wishes = Wishes()
    wanted: set[tuple[int, int]] = set()
    for run, send in asked:
        wishes.add(run)
        wanted |= {(run.epoch, number) for number in range(run.first, run.last + 1)}
        if send and (first := wishes.next()):
            wishes.done(first)
            wanted -= {(first.epoch, number) for number in range(first.first, first.last + 1)}
    left: list[tuple[int, int]] = []
    while run := wishes.next():
        left += [(run.epoch, number) for number in range(run.first, run.last + 1)]
        wishes.done(run)
    assert sorted(left) == sorted(wanted)


def test_a_wish_that_is_there_already_is_one() -> None:
    wishes = Wishes()
    for _ in range(10_000):
        wishes.add(Run(1, 5, 9))
    assert len(wishes) == 1
    wishes.add(Run(1, 10, 12))
    wishes.add(Run(1, 1, 5))
    assert wishes.next() == Run(1, 1, 12)
    wishes.add(Run(2, 1, 5))
    assert len(wishes) == 2


def test_what_is_asked_for_while_it_is_sent_stays() -> None:
    wishes = Wishes()
    wishes.add(Run(1, 5, 9))
    sending = wishes.next()
    assert sending is not None
    wishes.add(Run(1, 8, 14))
    wishes.done(sending)
    assert wishes.next() == Run(1, 10, 14)


def test_wishes_are_bounded() -> None:
    wishes = Wishes()
    for number in range(3 * MOST):
        wishes.add(Run(1, 2 * number + 1, 2 * number + 1))
    assert len(wishes) == MOST
    assert wishes.next() == Run(1, 1, 1)
