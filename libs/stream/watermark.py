"""How much of a numbered stream has arrived. Pure."""

from dataclasses import dataclass


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

    @property
    def next(self) -> int:
        """The lowest sequence that has not arrived: all below it are here."""
        return self.gaps[0].first if self.gaps else self.highest + 1

    def knows(self, sequence: int) -> bool:
        """Whether ``sequence`` has arrived."""
        return sequence <= self.highest and not any(
            gap.first <= sequence <= gap.last for gap in self.gaps
        )

    def admit(self, sequence: int) -> "Watermark":
        """The watermark once ``sequence`` (≥ 1) has arrived too; the same if it is known.

        A number beyond the next opens a gap and blocks nothing; a late number narrows, splits
        or closes its gap.
        """
        if sequence == self.highest + 1:
            return Watermark(sequence, self.gaps)
        if sequence > self.highest:
            return Watermark(sequence, (*self.gaps, Gap(self.highest + 1, sequence - 1)))
        return Watermark(
            self.highest, tuple(rest for gap in self.gaps for rest in _without(gap, sequence))
        )


def _without(gap: Gap, sequence: int) -> tuple[Gap, ...]:
    if not gap.first <= sequence <= gap.last:
        return (gap,)
    parts = (Gap(gap.first, sequence - 1), Gap(sequence + 1, gap.last))
    return tuple(part for part in parts if part.first <= part.last)
