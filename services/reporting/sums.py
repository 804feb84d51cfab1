"""Sums of rollup rows: all that a figure is made from. Sums add up, whatever they are over."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import reduce
from typing import Self, TypeVar

from libs.events.codes import Dimension, VisitorClass

Cells = Mapping[int, int]
"""How many durations fell into each cell of libs.standards.cells."""


@dataclass(frozen=True, slots=True)
class StepSums:
    """The counters of `step_rollup`, summed; their names are the columns'.

    Durations are whole milliseconds. `wait_*` and `service_*` are over served steps, and leave
    implausible durations out; `*_met` and `*_missed` judge each by the target of its day.
    """

    steps: int = 0
    served: int = 0
    no_show: int = 0
    left_waiting: int = 0
    removed: int = 0
    forgotten: int = 0
    wait_n: int = 0
    wait_ms: int = 0
    service_n: int = 0
    service_ms: int = 0
    wait_met: int = 0
    wait_missed: int = 0
    service_met: int = 0
    service_missed: int = 0
    calls_in_order: int = 0
    calls_out_of_order: int = 0
    implausible: int = 0
    lunch_served: int = 0
    after_hours_served: int = 0
    estimate_n: int = 0
    estimate_within: int = 0
    kiosk: int = 0
    counter: int = 0
    mobile: int = 0
    online: int = 0
    booked_n: int = 0
    booked_on_time: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{name: getattr(self, name) + getattr(other, name) for name in STEP_COUNTERS}
        )


STEP_COUNTERS = tuple(item.name for item in fields(StepSums))


@dataclass(frozen=True, slots=True)
class Ratings:
    """Answers of one dimension: how many at each level (1 to 5), raw and cleaned."""

    raw: Cells = field(default_factory=dict[int, int])
    cleaned: Cells = field(default_factory=dict[int, int])
    """Without the answers that carry a screening mark."""

    def __add__(self, other: Self) -> Self:
        return type(self)(
            added(self.raw, other.raw),
            added(self.cleaned, other.cleaned),
        )


@dataclass(frozen=True, slots=True)
class Sums:
    """Everything summed over some sites, services, classes, hours and days."""

    steps: StepSums = field(default_factory=StepSums)
    by_class: Mapping[VisitorClass, StepSums] = field(default_factory=dict[VisitorClass, StepSums])
    """The same steps by visitor class; empty where nobody asked for classes."""
    wait_cells: Cells = field(default_factory=dict[int, int])
    service_cells: Cells = field(default_factory=dict[int, int])
    visits: int = 0
    visits_ended: int = 0
    total_n: int = 0
    total_ms: int = 0
    """Sum of the whole visits' milliseconds, first ticket to last end; `total_n` of them."""
    offers: int = 0
    responses: int = 0
    cleaned_responses: int = 0
    ratings: Mapping[Dimension, Ratings] = field(default_factory=dict[Dimension, Ratings])

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.steps + other.steps,
            _merged(self.by_class, other.by_class),
            added(self.wait_cells, other.wait_cells),
            added(self.service_cells, other.service_cells),
            self.visits + other.visits,
            self.visits_ended + other.visits_ended,
            self.total_n + other.total_n,
            self.total_ms + other.total_ms,
            self.offers + other.offers,
            self.responses + other.responses,
            self.cleaned_responses + other.cleaned_responses,
            _merged(self.ratings, other.ratings),
        )


def total(parts: Iterable[Sums]) -> Sums:
    """The sum of all parts; of none, an empty one."""
    return reduce(Sums.__add__, parts, Sums())


def added(one: Cells, other: Cells) -> Cells:
    """Two histograms as one."""
    return dict(Counter(one) + Counter(other))


Part = TypeVar("Part", StepSums, Ratings)
Key = TypeVar("Key", VisitorClass, Dimension)


def _merged(one: Mapping[Key, Part], other: Mapping[Key, Part]) -> dict[Key, Part]:
    merged = dict(one)
    for key, part in other.items():
        merged[key] = merged[key] + part if key in merged else part
    return merged
