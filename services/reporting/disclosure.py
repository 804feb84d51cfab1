"""What may be published: nothing about fewer than five, nor what gives it away by subtraction."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from services.reporting.figures import Figure
from services.reporting.measures import AnyUnit, Name, unit_of

SMALLEST_PUBLISHED = 5
"""A figure that rests on fewer observations is not published."""

Key = TypeVar("Key", bound=Hashable)


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


def hidden_beside_total(ns: Mapping[Key, int]) -> frozenset[Key]:
    """The cells to hide in a table whose total is shown, given each cell's observations.

    The small cells are hidden; and as long as what is hidden together is a single cell, or is
    fewer than five observations, the smallest shown one goes too: the total less the shown cells
    then tells only of five or more observations from at least two cells. Of equal cells the
    first by key goes. Empty cells stay: they hold nobody.
    """
    hidden = {key for key, n in ns.items() if too_few(n)}
    shown = sorted(
        (key for key, n in ns.items() if n >= SMALLEST_PUBLISHED),
        key=lambda key: (ns[key], str(key)),
    )
    while hidden and shown and _gives_away(ns, hidden):
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def left_out_of_total(ns: Mapping[Key, int]) -> frozenset[Key]:
    """The cells to leave out of a total, where each cell is published by its own size alone.

    Used for the nation beside its sites: a site's own page must not depend on the others', so
    the total gives way. The small cells stay in it when they are at least two and hold five or
    more observations together; else they are left out, and the total says so.
    """
    small = {key for key, n in ns.items() if too_few(n)}
    return frozenset(small) if small and _gives_away(ns, small) else frozenset()


def _gives_away(ns: Mapping[Key, int], hidden: set[Key]) -> bool:
    return len(hidden) < 2 or too_few(sum(ns[key] for key in hidden))
