"""What anybody knows of counters whose numbers are withheld, as linear forms of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.events.codes import Dimension, VisitorClass
from libs.standards.cells import count_within
from libs.standards.metrics import Metric
from services.reporting.figures.formulas import TOP_TWO
from services.reporting.figures.measures import Measure, Name
from services.reporting.figures.sums import STEP_COUNTERS, Sums

Form = Mapping[str, float]
"""A sum of counters, each times its factor."""
MINUTE_MS = 60_000.0
ENDED: Form = dict.fromkeys(("served", "no_show", "left_waiting", "forgotten"), 1.0)
CHANNELS = ("kiosk", "counter", "mobile", "online")
WAITS: Form = {"wait_met": 1, "wait_missed": 1}
SERVICES: Form = {"service_met": 1, "service_missed": 1}
CALLS: Form = {"calls_in_order": 1, "calls_out_of_order": 1}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the numbers of a figure are."""

    n: Form
    numerator: Form | None = None
    """Of a share or a mean level; of a mean, the sum of minutes."""
    counted: bool = False
    """Whether the numerator is a count, shown as the value."""


def one(name: str) -> Form:
    return {name: 1.0}


def plus(*forms: Form) -> Form:
    """The sum of forms."""
    whole: dict[str, float] = {}
    for form in forms:
        for name, factor in form.items():
            whole[name] = whole.get(name, 0.0) + factor
    return whole


def times(factor: float, form: Form) -> Form:
    return {name: factor * by for name, by in form.items()}


def rated(dimension: Dimension | None, series: str = "cleaned") -> Meaning:
    """Means of a dimension's ratings, or of all."""
    some = [dimension] if dimension else list(Dimension)
    return Meaning(
        plus(*(one(f"{series}_{d}") for d in some)),
        plus(*(one(f"{series}_{d}_top2") for d in some)),
    )


def points(dimension: Dimension | None, series: str = "cleaned") -> Meaning:
    some = [dimension] if dimension else list(Dimension)
    return Meaning(rated(dimension, series).n, plus(*(one(f"{series}_{d}_points") for d in some)))


def _count(name: str, among: str) -> Meaning:
    return Meaning(one(among), one(name), counted=True)


MEANINGS: Mapping[Name, Meaning] = {
    Measure.VISITS: _count("visits", "visits"),
    Measure.STEPS: _count("steps", "steps"),
    Measure.SERVED: _count("served", "steps"),
    Measure.LEFT_WAITING: _count("left_waiting", "steps"),
    Measure.NO_SHOW: _count("no_show", "steps"),
    Measure.REMOVED: _count("removed", "steps"),
    Measure.FORGOTTEN: _count("forgotten", "steps"),
    Measure.OFFERS: _count("offers", "offers"),
    Measure.RESPONSES: _count("responses", "offers"),
    Measure.WAIT_MEAN: Meaning(one("wait_n"), one("wait_minutes")),
    Measure.WAIT_P50: Meaning(one("wait_n")),
    Measure.WAIT_P90: Meaning(one("wait_n")),
    Measure.SERVICE_MEAN: Meaning(one("service_n"), one("service_minutes")),
    Measure.SERVICE_P50: Meaning(one("service_n")),
    Measure.SERVICE_P90: Meaning(one("service_n")),
    Measure.TOTAL_MEAN: Meaning(one("total_n"), one("total_minutes")),
    Measure.SATISFACTION_PERCENT: points(None),
    Measure.STAFF_ISSUED_SHARE: Meaning(one("issuer_known"), one("staff_issued")),
    Measure.IMPLAUSIBLE_SHARE: Meaning({"served": 2}, one("implausible")),
    Metric.LUNCH_SERVICE_SHARE: Meaning(one("served"), one("lunch_served")),
    Metric.AFTER_HOURS_SERVICE_SHARE: Meaning(one("served"), one("after_hours_served")),
    Metric.WAIT_WITHIN_TARGET: Meaning(WAITS, one("wait_met")),
    Metric.SERVICE_WITHIN_ANNOUNCED: Meaning(SERVICES, one("service_met")),
    Metric.ON_TIME_SHARE: Meaning(plus(WAITS, SERVICES), {"wait_met": 1, "service_met": 1}),
    Metric.PRIORITY_WAIT_RATIO: Meaning(one("priority_n")),
    Metric.OUT_OF_ORDER_SHARE: Meaning(CALLS, one("calls_out_of_order")),
    Metric.SERVED_SHARE: Meaning(ENDED, one("served")),
    Metric.ABANDONMENT_SHARE: Meaning(ENDED, one("left_waiting")),
    Metric.NO_SHOW_SHARE: Meaning(ENDED, one("no_show")),
    Metric.BOOKED_SHARE: Meaning(dict.fromkeys(CHANNELS, 1.0), one("online")),
    Metric.BOOKED_ON_TIME: Meaning(one("booked_n"), one("booked_on_time")),
    Metric.ESTIMATE_WITHIN_RANGE: Meaning(one("estimate_n"), one("estimate_within")),
    Metric.RESPONSE_RATE: Meaning(one("offers"), one("responses")),
    Metric.SATISFACTION_TOP2: rated(None),
    Metric.SATISFACTION_MEAN: points(None),
    Metric.PROCESS_TOP2: rated(Dimension.PROCESS),
    Metric.STAFF_TOP2: rated(Dimension.STAFF),
    Metric.FACILITIES_TOP2: rated(Dimension.FACILITIES),
    Metric.INFORMATION_TOP2: rated(Dimension.INFORMATION),
}
"""Of every figure."""


def _of_ratings() -> list[Form]:
    forms: list[Form] = []
    for d in Dimension:
        raw, cleaned = f"raw_{d}", f"cleaned_{d}"
        forms += [
            {cleaned: 1, "cleaned_responses": -1},
            {raw: 1, "responses": -1},
            {cleaned: 1, raw: -1},
            {f"{cleaned}_top2": 1, f"{raw}_top2": -1},
            {f"{raw}_top2": 1, f"{cleaned}_top2": -1, raw: -1, cleaned: 1},
            {raw: 1, cleaned: -1, "responses": -1, "cleaned_responses": 1},
        ]
        for series in (raw, cleaned):
            forms += [
                {f"{series}_top2": 1, series: -1},
                {f"{series}_top2": 3, series: 1, f"{series}_points": -1},
                {f"{series}_points": 1, f"{series}_top2": -2, series: -3},
            ]
    return forms


NEVER_POSITIVE: tuple[Form, ...] = (
    plus(ENDED, {"removed": 1, "steps": -1}),
    plus(CALLS, {"steps": -1}),
    {"wait_n": 1, "served": -1},
    {"service_n": 1, "served": -1},
    plus(WAITS, {"wait_n": -1}),
    plus(SERVICES, {"service_n": -1}),
    {"lunch_served": 1, "served": -1},
    {"after_hours_served": 1, "served": -1},
    {"estimate_n": 1, "served": -1},
    {"estimate_within": 1, "estimate_n": -1},
    {"booked_n": 1, "online": -1},
    {"booked_on_time": 1, "booked_n": -1},
    {"priority_n": 1, "normal_n": 1, "wait_n": -1},
    {"offers": 1, "served": -1},
    {"responses": 1, "offers": -1},
    {"cleaned_responses": 1, "responses": -1},
    {"issuer_known": 1, "responses": -1},
    {"staff_issued": 1, "issuer_known": -1},
    *_of_ratings(),
)
"""Forms that no visitors make positive."""
ALWAYS_ZERO: tuple[Form, ...] = (
    plus(dict.fromkeys(CHANNELS, 1.0), {"steps": -1}),
    {"wait_n": 1, "service_n": 1, "implausible": 1, "served": -2},
)
OF_A_SITE: tuple[Form, ...] = ({"visits": 1, "steps": -1}, {"total_n": 1, "visits": -1})
"""Never positive, of what a whole office has only."""


def counters(sums: Sums) -> dict[str, float]:
    """Every counter's true number."""
    steps = sums.steps
    found: dict[str, float] = {name: getattr(steps, name) for name in STEP_COUNTERS}
    found |= {
        "wait_minutes": found.pop("wait_ms") / MINUTE_MS,
        "service_minutes": found.pop("service_ms") / MINUTE_MS,
        "total_minutes": sums.total_ms / MINUTE_MS,
        "visits": sums.visits,
        "total_n": sums.total_n,
        "offers": sums.offers,
        "responses": sums.responses,
        "cleaned_responses": sums.cleaned_responses,
        "issuer_known": sums.issuer_known,
        "staff_issued": sums.staff_issued,
    }
    for of_class, name in (
        (VisitorClass.PRIORITY, "priority_n"),
        (VisitorClass.NORMAL, "normal_n"),
    ):
        found[name] = sums.by_class[of_class].wait_n if of_class in sums.by_class else 0
    for d in Dimension:
        for series in ("raw", "cleaned"):
            cells = getattr(sums.ratings.get(d), series, {})
            found[f"{series}_{d}"] = sum(cells.values())
            found[f"{series}_{d}_top2"] = sum(cells.get(level, 0) for level in TOP_TWO)
            found[f"{series}_{d}_points"] = sum(level * n for level, n in cells.items())
    return found


def waits_within(sums: Sums, limit_ms: int) -> int:
    """How many waits are within a published limit."""
    return count_within(sums.wait_cells, limit_ms)


COUNTERS = tuple(counters(Sums()))
"""Their names."""
ONLY_OF_A_SITE = ("visits", "total_n", "total_minutes")
ONLY_WITH_ANSWERS = tuple(
    name
    for name in COUNTERS
    if name in {"offers", "responses", "issuer_known", "staff_issued"}
    or name.startswith(("raw_", "clean"))
)
