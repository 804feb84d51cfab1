"""What may be published of a figure by itself: nothing about fewer than five people.

What would give that away by subtraction is found in :mod:`services.reporting.figures.suppression`.
"""

from dataclasses import dataclass

from services.reporting.figures.formulas import Figure
from services.reporting.figures.measures import AnyUnit, Name, unit_of

SMALLEST_PUBLISHED = 5
"""A figure that rests on fewer observations is not published."""


@dataclass(frozen=True, slots=True)
class Published:
    """A figure as anybody may see it."""

    name: Name
    value: float | None
    n: int | None
    numerator: int | None
    denominator: int | None
    suppressed: bool
    """Whether there is a value, and it may not be shown; then no number of it is."""

    @property
    def unit(self) -> AnyUnit:
        return unit_of(self.name)


def publish(figure: Figure, *, hidden: bool = False) -> Published:
    """The figure, or the mark that it is withheld: for itself, or for another beside it."""
    if hidden or too_few(figure.people) or too_few(figure.n):
        return Published(figure.name, None, None, None, None, suppressed=True)
    return Published(
        figure.name,
        figure.value,
        figure.n,
        figure.numerator,
        figure.denominator,
        suppressed=False,
    )


def too_few(n: int) -> bool:
    """Whether a figure of ``n`` observations must stay hidden. Nothing at all hides nobody."""
    return 0 < n < SMALLEST_PUBLISHED
