"""Every formula, from sums of rollup rows to a figure. Pure.

What each metric means stands in libs.standards.metrics; docs/metrics.md tells the sources.
Means and shares are exact. Percentiles are type 7 over cell midpoints, within 2.5 %.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from libs.events.codes import Dimension, VisitorClass
from libs.standards.cells import count_within, percentile
from libs.standards.metrics import Metric
from services.reporting.figures.measures import AnyUnit, Measure, Name, unit_of
from services.reporting.figures.sums import Cells, Sums, added

HIGHEST_LEVEL = 5
TOP_TWO = (4, 5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it rests on. Not yet fit to publish: see publication."""

    name: Name
    value: float | None
    """In the unit; None where there is nothing to compute it from."""
    n: int
    """How many observations it counts: the denominator, where it has one."""
    people: int
    """The fewest visitors those observations can come from: what suppression goes by."""
    numerator: int | None = None
    denominator: int | None = None
    """Whole numbers whose quotient is the value, of a share or a mean level."""

    @property
    def unit(self) -> AnyUnit:
        return unit_of(self.name)


class Series(StrEnum):
    """Which answers a satisfaction figure counts."""

    RAW = "raw"
    CLEANED = "cleaned"
    """Without those that carry a screening mark."""


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """One dimension's answers, or all dimensions' (None), of one series."""

    dimension: Dimension | None
    series: Series
    mean: Figure
    """From 1 to 5."""
    percent: Figure
    """Mean over 5 times 100: the Thai habit. It flatters: all 4s give 80."""
    top2: Figure
    """Share of 4s and 5s."""


def figure(name: Name, sums: Sums) -> Figure:
    """The figure of this name over all that ``sums`` sums up."""
    return _FORMULAS[name](name, sums)


def figures(sums: Sums) -> dict[Name, Figure]:
    """Every figure there is."""
    return {name: formula(name, sums) for name, formula in _FORMULAS.items()}


def within_limit(cells: Cells, limit_ms: int) -> tuple[int, int]:
    """How many durations are at most ``limit_ms``, and of how many, exactly.

    Raises ValueError, naming the nearest ones, where the limit is no boundary of a cell.
    """
    return count_within(cells, limit_ms), sum(cells.values())


def satisfaction(sums: Sums, dimension: Dimension | None, series: Series) -> Satisfaction:
    """The answers of a dimension, or of all of them together."""
    levels = _levels(sums, dimension, series)
    n = sum(levels.values())
    points = sum(level * count for level, count in levels.items())
    satisfied = sum(levels.get(level, 0) for level in TOP_TWO)
    answers = sums.responses if series is Series.RAW else sums.cleaned_responses
    people = n if dimension else min(n, answers)
    mean = points / n if n else None
    return Satisfaction(
        dimension,
        series,
        Figure(Metric.SATISFACTION_MEAN, mean, n, people, points, n),
        Figure(
            Measure.SATISFACTION_PERCENT,
            None if mean is None else 100 * mean / HIGHEST_LEVEL,
            n,
            people,
        ),
        _share(Metric.SATISFACTION_TOP2, satisfied, n, people),
    )


def _levels(sums: Sums, dimension: Dimension | None, series: Series) -> Cells:
    levels: Cells = {}
    for one, ratings in sums.ratings.items():
        if dimension in (None, one):
            levels = added(levels, ratings.raw if series is Series.RAW else ratings.cleaned)
    return levels


def _share(name: Name, part: int, whole: int, people: int | None = None) -> Figure:
    """``part`` of ``whole``; the observations are as many people unless ``people`` says fewer."""
    value = part / whole if whole else None
    return Figure(name, value, whole, whole if people is None else people, part, whole)


def _count(name: Name, count: int, among: int) -> Figure:
    """A count of some among ``among``: hidden when those are too few."""
    return Figure(name, count, among, among)


def _mean(name: Name, total: int, n: int) -> Figure:
    return Figure(name, total / n if n else None, n, n)


def _quantile(name: Name, cells: Cells, q: float) -> Figure:
    n = sum(cells.values())
    return Figure(name, percentile(cells, q), n, n)


def _dimension_top2(name: Name, sums: Sums, dimension: Dimension) -> Figure:
    top2 = satisfaction(sums, dimension, Series.CLEANED).top2
    return _share(name, top2.numerator or 0, top2.n, top2.people)


def _overall(sums: Sums) -> Satisfaction:
    return satisfaction(sums, None, Series.CLEANED)


def _on_time(name: Name, sums: Sums) -> Figure:
    steps = sums.steps
    waits = steps.wait_met + steps.wait_missed
    services = steps.service_met + steps.service_missed
    met = steps.wait_met + steps.service_met
    return _share(name, met, waits + services, max(waits, services))


def _priority_wait(name: Name, sums: Sums) -> Figure:
    priority = sums.by_class.get(VisitorClass.PRIORITY)
    normal = sums.by_class.get(VisitorClass.NORMAL)
    if not priority or not normal or not priority.wait_n or not normal.wait_ms:
        return Figure(name, None, priority.wait_n if priority else 0, 0)
    ratio = (priority.wait_ms / priority.wait_n) / (normal.wait_ms / normal.wait_n)
    people = min(priority.wait_n, normal.wait_n)
    return Figure(name, ratio, priority.wait_n, people)


def _ended(sums: Sums) -> int:
    """Ended steps that were not removed as mistakes."""
    steps = sums.steps
    return steps.served + steps.no_show + steps.left_waiting + steps.forgotten


def _booked_share(name: Name, sums: Sums) -> Figure:
    steps = sums.steps
    return _share(
        name,
        steps.online,
        steps.kiosk + steps.counter + steps.mobile + steps.online,
    )


def _out_of_order(name: Name, sums: Sums) -> Figure:
    steps = sums.steps
    return _share(
        name,
        steps.calls_out_of_order,
        steps.calls_in_order + steps.calls_out_of_order,
    )


_FORMULAS: Mapping[Name, Callable[[Name, Sums], Figure]] = {
    Measure.VISITS: lambda name, s: _count(name, s.visits, s.visits),
    Measure.STEPS: lambda name, s: _count(name, s.steps.steps, s.steps.steps),
    Measure.SERVED: lambda name, s: _count(name, s.steps.served, s.steps.steps),
    Measure.LEFT_WAITING: lambda name, s: _count(name, s.steps.left_waiting, s.steps.steps),
    Measure.NO_SHOW: lambda name, s: _count(name, s.steps.no_show, s.steps.steps),
    Measure.REMOVED: lambda name, s: _count(name, s.steps.removed, s.steps.steps),
    Measure.FORGOTTEN: lambda name, s: _count(name, s.steps.forgotten, s.steps.steps),
    Measure.OFFERS: lambda name, s: _count(name, s.offers, s.offers),
    Measure.RESPONSES: lambda name, s: _count(name, s.responses, s.offers),
    Measure.WAIT_MEAN: lambda name, s: _mean(name, s.steps.wait_ms, s.steps.wait_n),
    Measure.WAIT_P50: lambda name, s: _quantile(name, s.wait_cells, 0.5),
    Measure.WAIT_P90: lambda name, s: _quantile(name, s.wait_cells, 0.9),
    Measure.SERVICE_MEAN: lambda name, s: _mean(name, s.steps.service_ms, s.steps.service_n),
    Measure.SERVICE_P50: lambda name, s: _quantile(name, s.service_cells, 0.5),
    Measure.SERVICE_P90: lambda name, s: _quantile(name, s.service_cells, 0.9),
    Measure.TOTAL_MEAN: lambda name, s: _mean(name, s.total_ms, s.total_n),
    Measure.SATISFACTION_PERCENT: lambda _, s: _overall(s).percent,
    Measure.STAFF_ISSUED_SHARE: lambda name, s: _share(name, s.staff_issued, s.issuer_known),
    Measure.IMPLAUSIBLE_SHARE: lambda name, s: _share(
        name, s.steps.implausible, 2 * s.steps.served, s.steps.served
    ),
    Metric.LUNCH_SERVICE_SHARE: lambda name, s: _share(name, s.steps.lunch_served, s.steps.served),
    Metric.AFTER_HOURS_SERVICE_SHARE: lambda name, s: _share(
        name, s.steps.after_hours_served, s.steps.served
    ),
    Metric.WAIT_WITHIN_TARGET: lambda name, s: _share(
        name, s.steps.wait_met, s.steps.wait_met + s.steps.wait_missed
    ),
    Metric.SERVICE_WITHIN_ANNOUNCED: lambda name, s: _share(
        name,
        s.steps.service_met,
        s.steps.service_met + s.steps.service_missed,
    ),
    Metric.ON_TIME_SHARE: _on_time,
    Metric.PRIORITY_WAIT_RATIO: _priority_wait,
    Metric.OUT_OF_ORDER_SHARE: _out_of_order,
    Metric.SERVED_SHARE: lambda name, s: _share(name, s.steps.served, _ended(s)),
    Metric.ABANDONMENT_SHARE: lambda name, s: _share(name, s.steps.left_waiting, _ended(s)),
    Metric.NO_SHOW_SHARE: lambda name, s: _share(name, s.steps.no_show, _ended(s)),
    Metric.BOOKED_SHARE: _booked_share,
    Metric.BOOKED_ON_TIME: lambda name, s: _share(name, s.steps.booked_on_time, s.steps.booked_n),
    Metric.ESTIMATE_WITHIN_RANGE: lambda name, s: _share(
        name, s.steps.estimate_within, s.steps.estimate_n
    ),
    Metric.RESPONSE_RATE: lambda name, s: _share(name, s.responses, s.offers),
    Metric.SATISFACTION_TOP2: lambda _, s: _overall(s).top2,
    Metric.SATISFACTION_MEAN: lambda _, s: _overall(s).mean,
    Metric.PROCESS_TOP2: lambda name, s: _dimension_top2(name, s, Dimension.PROCESS),
    Metric.STAFF_TOP2: lambda name, s: _dimension_top2(name, s, Dimension.STAFF),
    Metric.FACILITIES_TOP2: lambda name, s: _dimension_top2(name, s, Dimension.FACILITIES),
    Metric.INFORMATION_TOP2: lambda name, s: _dimension_top2(name, s, Dimension.INFORMATION),
}
