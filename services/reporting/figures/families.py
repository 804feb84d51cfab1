"""The families of figures that are shown or withheld as one, and what each must keep uncertain.

Whatever rests on the same visitors is one family: of a served visitor, three people's waits could
be told from their services, and on time from both.
"""

from functools import partial

from libs.events.codes import Dimension, VisitorClass
from libs.standards.metrics import Metric
from services.reporting.figures.formulas import TOP_TWO
from services.reporting.figures.measures import Measure, Name
from services.reporting.figures.sums import Sums
from services.reporting.figures.suppression import Count, Family, Need


def _visits(sums: Sums) -> int:
    return sums.visits


def _steps(sums: Sums) -> int:
    return sums.steps.steps


def _served(sums: Sums) -> int:
    return sums.steps.served


def _left(sums: Sums) -> int:
    return sums.steps.left_waiting


def _no_show(sums: Sums) -> int:
    return sums.steps.no_show


def _ended(sums: Sums) -> int:
    """Ended steps that were not removed as mistakes."""
    steps = sums.steps
    return steps.served + steps.no_show + steps.left_waiting + steps.forgotten


def _waits(sums: Sums) -> int:
    return sums.steps.wait_n


def _services(sums: Sums) -> int:
    return sums.steps.service_n


def _judged_waits(sums: Sums) -> int:
    return sums.steps.wait_met + sums.steps.wait_missed


def _judged_services(sums: Sums) -> int:
    return sums.steps.service_met + sums.steps.service_missed


def _calls(sums: Sums) -> int:
    return sums.steps.calls_in_order + sums.steps.calls_out_of_order


def _of_class(visitor_class: VisitorClass, sums: Sums) -> int:
    steps = sums.by_class.get(visitor_class)
    return steps.wait_n if steps else 0


_priority: Count = partial(_of_class, VisitorClass.PRIORITY)
_normal: Count = partial(_of_class, VisitorClass.NORMAL)


def _offers(sums: Sums) -> int:
    return sums.offers


def _responses(sums: Sums) -> int:
    return sums.responses


def _cleaned(sums: Sums) -> int:
    """Visitors whose answers carry no screening mark."""
    return sums.cleaned_responses


def _rated(dimension: Dimension, sums: Sums) -> int:
    ratings = sums.ratings.get(dimension)
    return sum(ratings.cleaned.values()) if ratings else 0


def _content(dimension: Dimension, sums: Sums) -> int:
    """Ratings of 4 or 5."""
    ratings = sums.ratings.get(dimension)
    return sum(ratings.cleaned.get(level, 0) for level in TOP_TWO) if ratings else 0


def _all_rated(sums: Sums) -> int:
    return sum(_rated(dimension, sums) for dimension in Dimension)


def _all_content(sums: Sums) -> int:
    return sum(_content(dimension, sums) for dimension in Dimension)


def _outcome(names: tuple[Name, ...], count: Count) -> Need:
    """A count of outcomes: it is withheld with the visitors, and too rare to withhold more for."""
    return Need(names, count, from_zero=True, essential=False)


def _share(name: Name, whole: Count, part: Count) -> Need:
    return Need((name,), whole, part, essential=False)


def _dimension(name: Name, dimension: Dimension) -> Need:
    rated, content = partial(_rated, dimension), partial(_content, dimension)
    return Need((name,), rated, content, cap=_offers, essential=False)


VISITORS = Family(
    (_steps, _visits, _ended, _served, _waits, _services),
    (
        Need((Measure.STEPS,), _steps),
        Need((Measure.VISITS,), _visits),
        Need((Measure.SERVED,), _served),
        Need((Metric.SERVED_SHARE,), _ended, _served),
        Need((Measure.WAIT_MEAN, Measure.WAIT_P50, Measure.WAIT_P90), _waits),
        Need((Measure.SERVICE_MEAN, Measure.SERVICE_P50, Measure.SERVICE_P90), _services),
        _outcome((Measure.LEFT_WAITING, Metric.ABANDONMENT_SHARE), _left),
        _outcome((Measure.NO_SHOW, Metric.NO_SHOW_SHARE), _no_show),
        _outcome((Measure.REMOVED,), lambda sums: sums.steps.removed),
        _outcome((Measure.FORGOTTEN,), lambda sums: sums.steps.forgotten),
        _share(Metric.BOOKED_SHARE, _steps, lambda sums: sums.steps.online),
        _share(Metric.LUNCH_SERVICE_SHARE, _served, lambda sums: sums.steps.lunch_served),
        _share(
            Metric.AFTER_HOURS_SERVICE_SHARE, _served, lambda sums: sums.steps.after_hours_served
        ),
        _share(Measure.IMPLAUSIBLE_SHARE, _served, lambda sums: sums.steps.implausible),
    ),
)
"""Who came, and what became of them."""
TIMELINESS = Family(
    (_judged_waits, _judged_services),
    (
        Need(
            (Metric.ON_TIME_SHARE,),
            lambda sums: _judged_waits(sums) + _judged_services(sums),
            lambda sums: sums.steps.wait_met + sums.steps.service_met,
            cap=lambda sums: _waits(sums) + _services(sums),
        ),
        Need(
            (Metric.WAIT_WITHIN_TARGET,),
            _judged_waits,
            lambda sums: sums.steps.wait_met,
            cap=_waits,
        ),
        Need(
            (Metric.SERVICE_WITHIN_ANNOUNCED,),
            _judged_services,
            lambda sums: sums.steps.service_met,
            cap=_services,
        ),
    ),
    VISITORS,
)
"""On time is the sum of the other two."""
CALLS = Family(
    (_calls,),
    (
        Need(
            (Metric.OUT_OF_ORDER_SHARE,),
            _calls,
            lambda sums: sums.steps.calls_out_of_order,
            cap=_steps,
        ),
    ),
    VISITORS,
)
PRIORITY = Family(
    (_priority, _normal),
    (Need((Metric.PRIORITY_WAIT_RATIO,), _priority, cap=_waits, spread=True),),
    VISITORS,
)
BOOKED = Family(
    (lambda sums: sums.steps.booked_n,),
    (
        Need(
            (Metric.BOOKED_ON_TIME,),
            lambda sums: sums.steps.booked_n,
            lambda sums: sums.steps.booked_on_time,
            cap=lambda sums: sums.steps.online,
        ),
    ),
    VISITORS,
)
ESTIMATES = Family(
    (lambda sums: sums.steps.estimate_n,),
    (
        Need(
            (Metric.ESTIMATE_WITHIN_RANGE,),
            lambda sums: sums.steps.estimate_n,
            lambda sums: sums.steps.estimate_within,
            cap=_served,
        ),
    ),
    VISITORS,
)
WHOLE_VISITS = Family(
    (lambda sums: sums.total_n,),
    (Need((Measure.TOTAL_MEAN,), lambda sums: sums.total_n, cap=_visits, spread=True),),
    VISITORS,
)
OFFERS = Family((_offers,), (Need((Measure.OFFERS,), _offers, cap=_served),), VISITORS)
ANSWERS = Family(
    (_responses, _cleaned, *(partial(_rated, dimension) for dimension in Dimension)),
    (
        Need((Measure.RESPONSES, Metric.RESPONSE_RATE), _responses, cap=_offers),
        Need(
            (Metric.SATISFACTION_TOP2,),
            _all_rated,
            _all_content,
            cap=lambda sums: len(Dimension) * sums.offers,
        ),
        Need(
            (Metric.SATISFACTION_MEAN, Measure.SATISFACTION_PERCENT),
            _all_rated,
            cap=lambda sums: len(Dimension) * sums.offers,
            spread=True,
        ),
        _dimension(Metric.PROCESS_TOP2, Dimension.PROCESS),
        _dimension(Metric.STAFF_TOP2, Dimension.STAFF),
        _dimension(Metric.FACILITIES_TOP2, Dimension.FACILITIES),
        _dimension(Metric.INFORMATION_TOP2, Dimension.INFORMATION),
    ),
    OFFERS,
)
"""Satisfaction is the sum of its dimensions; who answered is known by the response rate."""
ISSUERS = Family(
    (lambda sums: sums.issuer_known,),
    (
        Need(
            (Measure.STAFF_ISSUED_SHARE,),
            lambda sums: sums.issuer_known,
            lambda sums: sums.staff_issued,
            cap=_responses,
        ),
    ),
    ANSWERS,
)
"""Who issued the tickets of those who answered."""

FAMILIES = (
    VISITORS,
    TIMELINESS,
    CALLS,
    PRIORITY,
    BOOKED,
    ESTIMATES,
    WHOLE_VISITS,
    OFFERS,
    ANSWERS,
    ISSUERS,
)
"""Of an office's row, and of totals. A parent stands before its children."""
BY_SERVICE = tuple(one for one in FAMILIES if one is not WHOLE_VISITS)
"""A visit can have several services: no service has visits of its own."""

ARRIVALS = Family(
    (_steps, _waits),
    (
        Need((Measure.STEPS,), _steps),
        Need((Measure.WAIT_MEAN, Measure.WAIT_P50, Measure.WAIT_P90), _waits),
    ),
)
PROMPT_ARRIVALS = Family(
    (_judged_waits,),
    (
        Need(
            (Metric.WAIT_WITHIN_TARGET,),
            _judged_waits,
            lambda sums: sums.steps.wait_met,
            cap=_waits,
        ),
    ),
    ARRIVALS,
)
BY_HOUR = (ARRIVALS, PROMPT_ARRIVALS)
"""Of an office's hours of arrival."""
