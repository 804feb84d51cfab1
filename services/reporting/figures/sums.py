"""Sums of rollup rows: all that a figure is made from. Sums add up, whatever they are over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from operator import add, attrgetter, sub

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

    def __add__(self, other: "StepSums") -> "StepSums":
        return StepSums(*map(add, _counters(self), _counters(other)))

    def __sub__(self, other: "StepSums") -> "StepSums":
        return StepSums(*map(sub, _counters(self), _counters(other)))


STEP_COUNTERS = tuple(item.name for item in fields(StepSums))
_counters = attrgetter(*STEP_COUNTERS)


@dataclass(frozen=True, slots=True)
class Ratings:
    """Answers of one dimension: how many at each level (1 to 5), raw and cleaned."""

    raw: Cells = field(default_factory=dict[int, int])
    cleaned: Cells = field(default_factory=dict[int, int])
    """Without the answers that carry a screening mark."""

    def __add__(self, other: "Ratings") -> "Ratings":
        return Ratings(added(self.raw, other.raw), added(self.cleaned, other.cleaned))

    def __sub__(self, other: "Ratings") -> "Ratings":
        return Ratings(_less(self.raw, other.raw), _less(self.cleaned, other.cleaned))


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
    issuer_known: int = 0
    """Responses of which the site said who issued the ticket."""
    staff_issued: int = 0
    """Of these, the ones on tickets that staff issued."""
    ratings: Mapping[Dimension, Ratings] = field(default_factory=dict[Dimension, Ratings])

    def __add__(self, other: "Sums") -> "Sums":
        return total((self, other))

    def __sub__(self, other: "Sums") -> "Sums":
        """What is left of a whole without one of its parts."""
        return Sums(
            steps=self.steps - other.steps,
            by_class={
                one: part - other.by_class.get(one, _NO_STEPS)
                for one, part in self.by_class.items()
            },
            wait_cells=_less(self.wait_cells, other.wait_cells),
            service_cells=_less(self.service_cells, other.service_cells),
            visits=self.visits - other.visits,
            visits_ended=self.visits_ended - other.visits_ended,
            total_n=self.total_n - other.total_n,
            total_ms=self.total_ms - other.total_ms,
            offers=self.offers - other.offers,
            responses=self.responses - other.responses,
            cleaned_responses=self.cleaned_responses - other.cleaned_responses,
            issuer_known=self.issuer_known - other.issuer_known,
            staff_issued=self.staff_issued - other.staff_issued,
            ratings={
                one: part - other.ratings.get(one, _NO_RATINGS)
                for one, part in self.ratings.items()
            },
        )


def total(parts: Iterable[Sums]) -> Sums:
    """The sum of all parts; of none, an empty one. Each part is looked at once."""
    every = list(parts)
    if not every:
        return Sums()
    return Sums(
        steps=_steps(part.steps for part in every),
        by_class={
            one: _steps(part.by_class.get(one, _NO_STEPS) for part in every)
            for one in {one: None for part in every for one in part.by_class}
        },
        wait_cells=_cells(part.wait_cells for part in every),
        service_cells=_cells(part.service_cells for part in every),
        visits=sum(part.visits for part in every),
        visits_ended=sum(part.visits_ended for part in every),
        total_n=sum(part.total_n for part in every),
        total_ms=sum(part.total_ms for part in every),
        offers=sum(part.offers for part in every),
        responses=sum(part.responses for part in every),
        cleaned_responses=sum(part.cleaned_responses for part in every),
        issuer_known=sum(part.issuer_known for part in every),
        staff_issued=sum(part.staff_issued for part in every),
        ratings={
            one: Ratings(
                _cells(part.ratings.get(one, _NO_RATINGS).raw for part in every),
                _cells(part.ratings.get(one, _NO_RATINGS).cleaned for part in every),
            )
            for one in {one: None for part in every for one in part.ratings}
        },
    )


def added(one: Cells, other: Cells) -> Cells:
    """Two histograms as one."""
    return _cells((one, other))


_NO_STEPS = StepSums()
_NO_RATINGS = Ratings()


def _steps(parts: Iterable[StepSums]) -> StepSums:
    return StepSums(*map(sum, zip(*map(_counters, parts), strict=True)))


def _cells(parts: Iterable[Cells]) -> Cells:
    """Histograms as one; an empty cell is none."""
    merged: dict[int, int] = {}
    for part in parts:
        for cell, n in part.items():
            merged[cell] = merged.get(cell, 0) + n
    return {cell: n for cell, n in merged.items() if n}


def _less(whole: Cells, part: Cells) -> Cells:
    return {cell: n - part.get(cell, 0) for cell, n in whole.items() if n != part.get(cell, 0)}
