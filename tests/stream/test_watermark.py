"""The watermark knows what has arrived, in whatever order it came."""

from hypothesis import given
from hypothesis import strategies as st

from libs.stream.watermark import Gap, Moving, Watermark

arrivals = st.lists(st.integers(1, 40), max_size=60)


def admitted(sequences: list[int]) -> Watermark:
    mark = Watermark()
    for sequence in sequences:
        mark = mark.admit(sequence)
    return mark


@given(arrivals)
def test_it_knows_exactly_what_arrived(sequences: list[int]) -> None:
    mark = admitted(sequences)
    assert {n for n in range(1, 50) if mark.knows(n)} == set(sequences)


@given(arrivals, st.integers())
def test_the_order_of_arrival_does_not_matter(sequences: list[int], salt: int) -> None:
    shuffled = sorted(sequences, key=lambda n: hash((n, salt)))
    assert admitted(sequences) == admitted(shuffled) == admitted(sequences * 2)


@given(arrivals)
def test_gaps_are_ascending_disjoint_and_not_adjacent(sequences: list[int]) -> None:
    mark = admitted(sequences)
    for gap in mark.gaps:
        assert 1 <= gap.first <= gap.last < mark.highest
    for one, other in zip(mark.gaps, mark.gaps[1:], strict=False):
        assert one.last + 1 < other.first


def test_a_late_number_splits_its_gap() -> None:
    assert Watermark(10, (Gap(2, 9),)).admit(5) == Watermark(10, (Gap(2, 4), Gap(6, 9)))
    assert Watermark(10, (Gap(9, 9),)).admit(9) == Watermark(10)


@given(arrivals, st.lists(st.tuples(st.integers(1, 40), st.integers(0, 15)), max_size=8))
def test_a_range_moves_a_watermark_as_its_numbers_do(
    sequences: list[int], ranges: list[tuple[int, int]]
) -> None:
    at_once, singly = Moving(admitted(sequences)), admitted(sequences)
    for first, more in ranges:
        at_once.admit(first, first + more)
        for number in range(first, first + more + 1):
            singly = singly.admit(number)
        assert at_once.mark() == singly
        assert (at_once.highest, at_once.gaps) == (singly.highest, len(singly.gaps))


@given(arrivals)
def test_one_watermark_moved_by_many_numbers_is_many_moved_by_one(sequences: list[int]) -> None:
    moving = Moving(Watermark())
    for number in sequences:
        moving.admit(number)
    assert moving.mark() == admitted(sequences)
    assert [n for n in range(1, 50) if moving.knows(n)] == sorted(set(sequences))
