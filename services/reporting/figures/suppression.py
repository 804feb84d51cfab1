"""Suppression to closure: which parts of a table are withheld beside those that are too few. Pure.

A table is a total and its parts: an office and its services, an office and its hours, the nation
and its offices. A *family* is a set of figures that is shown or withheld as one, so that no figure
of a row gives away another of the same row. What is left to guard is subtraction: the total less
the parts shown is what the parts withheld hold together, and their numbers must be able to lie in
it in many ways.
"""

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.reporting.figures.disclosure import SMALLEST_PUBLISHED, too_few
from services.reporting.figures.measures import Name
from services.reporting.figures.sums import Sums, total

Count = Callable[[Sums], int]
Key = TypeVar("Key", bound=Hashable)
NO_CAP = 2**63
"""Of what nothing shown bounds."""
FEW = SMALLEST_PUBLISHED - 1
"""A count that is withheld stays compatible with every number from 1 to this."""


@dataclass(frozen=True, slots=True)
class Need:
    """A number that must stay uncertain wherever ``names`` are withheld.

    Without ``part`` it is a count, compatible with every number from 1 to 4. With ``part`` it is a
    share, of which two numerators stay possible. ``spread`` is for means and ratios: two parts or
    more hold what is withheld.
    """

    names: tuple[Name, ...]
    whole: Count
    part: Count | None = None
    cap: Count | None = None
    """What the parent family shows, and ``whole`` can't exceed; None where nothing bounds it."""
    spread: bool = False
    from_zero: bool = False
    """Whether nobody can know that there is at least one: of a count of outcomes."""
    essential: bool = True
    """Whether more parts are withheld to keep it. Otherwise its figures are not broken down."""


class Family:
    """Figures that are shown or withheld as one.

    ``people`` are all numbers of people that they rest on: one that is too few withholds them all.
    Where ``parent`` is withheld, they are too. Without the first need nothing can be broken down.
    """

    def __init__(
        self, people: Sequence[Count], needs: Sequence[Need], parent: "Family | None" = None
    ) -> None:
        self.people = tuple(people)
        self.needs = tuple(needs)
        self.parent = parent
        self.names = tuple(dict.fromkeys(name for need in needs for name in need.names))

    def few(self, sums: Sums) -> bool:
        """Whether the figures of ``sums`` are about too few people."""
        return any(too_few(people(sums)) for people in self.people)

    def empty(self, sums: Sums) -> bool:
        """Whether there is nothing at all, which is no secret."""
        return not any(people(sums) for people in self.people)

    def impossible(self, sums: Sums) -> bool:
        """Whether what the parent shows says that there is nothing."""
        return all(need.cap is not None and not need.cap(sums) for need in self.needs)


@dataclass(frozen=True, slots=True)
class Suppressed(Generic[Key]):
    """What of a table is not shown."""

    parts: Mapping[Name, frozenset[Key]]
    """By figure, the parts of which it is withheld."""
    not_broken_down: frozenset[Name]
    """Figures that stand in the total only."""


def withheld(families: Sequence[Family], sums: Sums) -> frozenset[Name]:
    """The figures of one row that are withheld: about too few, or of one family with such."""
    return withheld_by_family(families, lambda _: sums)


def withheld_by_family(
    families: Sequence[Family], sums_of: Callable[[Family], Sums]
) -> frozenset[Name]:
    """The figures withheld of a row whose families rest on sums of their own. A parent stands
    before its children in ``families``, here and below."""
    hidden: set[Family] = set()
    for family in families:
        if family.parent in hidden or family.few(sums_of(family)):
            hidden.add(family)
    return frozenset(name for family in hidden for name in family.names)


def suppress(
    families: Sequence[Family], parts: Mapping[Key, Sums], untold: Container[Name]
) -> Suppressed[Key]:
    """What to withhold of the parts of a whole, of which the figures ``untold`` are withheld and
    all others shown."""
    of_family: dict[Family, frozenset[Key] | None] = {}  # None: not broken down
    by_name: dict[Name, frozenset[Key]] = {}
    dropped: set[Name] = set()
    for family in families:
        above = frozenset[Key]() if family.parent is None else of_family[family.parent]
        if above is None:
            of_family[family] = None
        elif any(name in untold for name in family.names):
            of_family[family] = above | {
                key for key, sums in parts.items() if not family.impossible(sums)
            }
        else:
            of_family[family], unkept = _closed(family, parts, above)
            dropped.update(unkept)
        hidden = of_family[family]
        if hidden is None:
            dropped.update(family.names)
        else:
            by_name.update(dict.fromkeys(family.names, hidden))
    return Suppressed(by_name, frozenset(dropped))


def _closed(
    family: Family, parts: Mapping[Key, Sums], above: frozenset[Key]
) -> tuple[frozenset[Key] | None, set[Name]]:
    """The parts of which the family is withheld beside a total that is shown, and the figures
    that this does not protect. None where no choice of parts protects any."""
    hidden = set(above | {key for key, sums in parts.items() if family.few(sums)})
    if not hidden:
        return frozenset(), set()
    shown = sorted(
        (key for key, sums in parts.items() if key not in hidden and not family.empty(sums)),
        key=lambda key: (family.people[0](parts[key]), str(key)),
    )
    keepable = [
        need for need in family.needs if _kept(need, _rows(need, parts, hidden.union(shown), above))
    ]
    if family.needs[0] not in keepable:
        return None, set()
    essential = [need for need in keepable if need.essential]
    while not all(_kept(need, _rows(need, parts, hidden, above)) for need in essential):
        hidden.add(shown.pop(0))
    unkept = {
        name
        for need in family.needs
        if not _kept(need, _rows(need, parts, hidden, above))
        for name in need.names
    }
    return frozenset(hidden), unkept


def left_out(
    families: Sequence[Family], groups: Iterable[Mapping[Key, Sums]]
) -> Mapping[Family, frozenset[Key]]:
    """By family, the parts that a total leaves out, where a part is shown or withheld by its own
    numbers alone: an office's page must not depend on the others', so the total gives way.

    Each group's total can be told from the others', so each is looked at for itself. What is
    withheld stays in the total where it can't be had back from it; else all of it is left out.
    """
    without: dict[Family, frozenset[Key]] = dict.fromkeys(families, frozenset[Key]())
    for group in groups:
        hidden_names = {key: withheld(families, sums) for key, sums in group.items()}
        of_group: dict[Family, frozenset[Key]] = {}
        for family in families:
            above = frozenset[Key]() if family.parent is None else of_group[family.parent]
            hidden = frozenset(key for key in group if family.names[0] in hidden_names[key])
            loose = frozenset(
                key
                for key in hidden
                if family.parent and family.parent.names[0] in hidden_names[key]
            )
            safe = _safe(family, group, hidden - above, loose)
            of_group[family] = above if safe else above | hidden
            without[family] |= of_group[family]
    return without


def _safe(
    family: Family, group: Mapping[Key, Sums], left_in: frozenset[Key], loose: frozenset[Key]
) -> bool:
    if family.empty(total(group[key] for key in left_in)):
        return True
    return all(_kept(need, _rows(need, group, left_in, loose)) for need in family.needs)


@dataclass(frozen=True, slots=True)
class _Row:
    """A need's numbers in a part that is withheld."""

    whole: int
    part: int
    low: int
    cap: int
    """More than ``whole`` can't be; where the parent is withheld too, only the sum of all such
    caps is known."""
    loose: bool
    """Whether the parent is withheld too."""


def _rows(
    need: Need, parts: Mapping[Key, Sums], hidden: Iterable[Key], loose: frozenset[Key]
) -> list[_Row]:
    rows: list[_Row] = []
    for key in hidden:
        sums = parts[key]
        whole = need.whole(sums)
        rows.append(
            _Row(
                whole,
                need.part(sums) if need.part else 0,
                0 if need.from_zero else min(whole, 1),
                need.cap(sums) if need.cap else NO_CAP,
                key in loose,
            )
        )
    return rows


def _kept(need: Need, rows: Sequence[_Row]) -> bool:
    """Whether the number stays uncertain in every one of ``rows``, whose sum is known."""
    whole, part = sum(row.whole for row in rows), sum(row.part for row in rows)
    if len(rows) < 2 or whole < SMALLEST_PUBLISHED:
        return False
    if need.spread:
        return sum(row.whole > 0 for row in rows) > 1
    return all(_uncertain(need, bounds, whole, part) for bounds in _bounds(rows, whole))


def _bounds(rows: Sequence[_Row], whole: int) -> Iterator[tuple[int, int]]:
    """The smallest and the largest number of each row by what the others can take."""
    lows, caps = sum(row.low for row in rows), sum(row.cap for row in rows)
    loose_lows = sum(row.low for row in rows if row.loose)
    loose_caps = sum(row.cap for row in rows if row.loose)
    for row in rows:
        room = loose_caps - (loose_lows - row.low) if row.loose else row.cap
        highest = min(room, whole - (lows - row.low))
        yield (row.low if row.loose else max(row.low, whole - (caps - row.cap))), highest


def _uncertain(need: Need, bounds: tuple[int, int], whole: int, part: int) -> bool:
    lowest, highest = bounds
    if need.part is None:
        return lowest <= 1 and highest >= FEW
    return min(highest, part) - max(0, part - whole + lowest) >= 1
