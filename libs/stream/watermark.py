"""How much of a numbered stream has arrived. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

FIRST = attrgetter("first")
LAST = attrgetter("last")


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Sequences that have not arrived although later ones have; both ends inclusive."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Watermark:
    """The highest sequence that has arrived, and what is missing below it.

    ``gaps`` are disjoint, not adjacent, in ascending order, and all below ``highest``.
    """

    highest: int = 0
    gaps: tuple[Gap, ...] = ()

    def knows(self, sequence: int) -> bool:
        """Whether ``sequence`` has arrived."""
        if sequence > self.highest:
            return False
        before = bisect_right(self.gaps, sequence, key=FIRST)
        return not before or self.gaps[before - 1].last < sequence

    def admit(self, sequence: int) -> "Watermark":
        """The watermark once ``sequence`` (≥ 1) has arrived too; the same if it is known.

        A number beyond the next opens a gap and blocks nothing; a late number narrows, splits
        or closes its gap.
        """
        if sequence == self.highest + 1:
            return Watermark(sequence, self.gaps)
        moving = Moving(self)
        moving.admit(sequence)
        return moving.mark()


class Moving:
    """A watermark that many numbers move, one by one: each costs little, however many gaps."""

    __slots__ = ("_gaps", "highest")

    def __init__(self, mark: Watermark) -> None:
        self.highest = mark.highest
        """May be set to the next sequence, which opens no gap."""
        self._gaps = list(mark.gaps)

    @property
    def gaps(self) -> int:
        """How many gaps are open."""
        return len(self._gaps)

    def knows(self, sequence: int) -> bool:
        """Whether ``sequence`` has arrived."""
        return sequence <= self.highest and self._holding(sequence) is None

    def admit(self, first: int, last: int | None = None) -> None:
        """Let the sequences from ``first`` (≥ 1) to ``last``, or ``first`` alone, arrive."""
        last = first if last is None else last
        place = bisect_left(self._gaps, first, key=LAST)
        end = bisect_right(self._gaps, last, key=FIRST)
        self._gaps[place:end] = [
            rest for gap in self._gaps[place:end] for rest in _without(gap, first, last)
        ]
        if last > self.highest:
            if first > self.highest + 1:
                self._gaps.append(Gap(self.highest + 1, first - 1))
            self.highest = last

    def mark(self) -> Watermark:
        return Watermark(self.highest, tuple(self._gaps))

    def _holding(self, sequence: int) -> int | None:
        """The place of the gap that holds ``sequence``."""
        place = bisect_right(self._gaps, sequence, key=FIRST) - 1
        return place if place >= 0 and sequence <= self._gaps[place].last else None


def _without(gap: Gap, first: int, last: int) -> Iterable[Gap]:
    """What is left of ``gap`` without the sequences from ``first`` to ``last``."""
    if gap.first < first:
        yield Gap(gap.first, min(gap.last, first - 1))
    if gap.last > last:
        yield Gap(max(gap.first, last + 1), gap.last)
