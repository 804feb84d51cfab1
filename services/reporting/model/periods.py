"""Periods that figures are published for: named in Buddhist years, whole calendar units."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from libs.events.bounds import PAST, Span
from libs.service.formats import BUDDHIST_ERA

ONE_DAY = timedelta(days=1)
FISCAL_YEAR_BEGINS = 10
"""October; a fiscal year bears the Buddhist year in which it ends."""
LONGEST_DAYS = 1100
"""About three fiscal years, the life of a certificate."""
EARLIEST = PAST.first
"""No figures reach further back."""
CALENDAR = PAST
NAMED = Span(date(1980, 1, 1), date(2110, 12, 31))
"""Days of which a period can be told: those of the calendar, and of the periods that begin or end
outside of it."""


class PeriodFault(ValueError):
    """The period asked for can't be answered; the message says why and how to mend it."""


class NotPublished(PeriodFault):
    """The days are no calendar period; the message names those that hold the first of them."""


class PeriodKind(StrEnum):
    """The periods a page offers."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    """Three months of a fiscal year; the first is October to December."""
    YEAR = "year"
    """A fiscal year: 1 October to 30 September."""
    RANGE = "range"
    """Any other run of days, which only an operator's command line answers."""


PUBLIC = (PeriodKind.DAY, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR)
"""What is published, the shortest first. Each lies whole in one of the next: weeks straddle months,
and whoever subtracts one from the other would be told of single days."""


@dataclass(frozen=True, slots=True)
class Period:
    """A run of service days, both ends included."""

    first: date
    last: date
    kind: PeriodKind = PeriodKind.RANGE

    def days(self) -> Iterator[date]:
        """Every day, in order."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + offset * ONE_DAY

    @property
    def fiscal_year(self) -> int:
        """The fiscal year, in the Buddhist era, in which the period ends."""
        return fiscal_year_of(self.last)

    @property
    def quarter(self) -> int:
        """The quarter of the fiscal year, 1 to 4, in which the period ends."""
        return (self.last.month - FISCAL_YEAR_BEGINS) % 12 // 3 + 1

    def before(self) -> "Period | None":
        """The period of the same kind just before; of a range, one of equal length. None where
        the calendar begins."""
        if not CALENDAR.holds(self.first):
            return None
        if self.kind is PeriodKind.RANGE:
            length = self.last - self.first
            return Period(self.first - length - ONE_DAY, self.first - ONE_DAY)
        return period_of(self.kind, self.first - ONE_DAY)

    def after(self) -> "Period | None":
        """The period of the same kind just after; of a range, one of equal length. None where
        the calendar ends."""
        if not CALENDAR.holds(self.last):
            return None
        if self.kind is PeriodKind.RANGE:
            length = self.last - self.first
            return Period(self.last + ONE_DAY, self.last + length + ONE_DAY)
        return period_of(self.kind, self.last + ONE_DAY)


def fiscal_year_of(day: date) -> int:
    """The Buddhist year that names the fiscal year of ``day``: October opens the next one."""
    return day.year + BUDDHIST_ERA + (day.month >= FISCAL_YEAR_BEGINS)


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period of this kind that holds ``day``; raises PeriodFault for a range, and for a day
    that no calendar of ours can hold."""
    if not NAMED.holds(day):
        raise PeriodFault(f"{day} is out of the calendar ({NAMED.first} to {NAMED.last})")
    match kind:
        case PeriodKind.DAY:
            return Period(day, day, kind)
        case PeriodKind.MONTH:
            first = day.replace(day=1)
            return Period(first, _next_month(first) - ONE_DAY, kind)
        case PeriodKind.QUARTER:
            first = day.replace(day=1, month=day.month - (day.month - 1) % 3)
            last = first
            for _ in range(3):
                last = _next_month(last)
            return Period(first, last - ONE_DAY, kind)
        case PeriodKind.YEAR:
            year = day.year if day.month >= FISCAL_YEAR_BEGINS else day.year - 1
            return Period(date(year, FISCAL_YEAR_BEGINS, 1), date(year + 1, 9, 30), kind)
        case PeriodKind.RANGE:
            raise PeriodFault("a range has two ends: give from and to")


def range_of(first: date, last: date, today: date) -> Period:
    """The period from ``first`` to ``last``; raises PeriodFault for one that can't be answered.

    A range that happens to be a whole day, month, quarter or fiscal year is called that.
    """
    if first > last:
        raise PeriodFault(f"from ({first}) is after to ({last}): exchange them")
    if first < EARLIEST:
        raise PeriodFault(f"from ({first}) is before {EARLIEST}: no figures reach back so far")
    if first > today:
        raise PeriodFault(f"from ({first}) lies in the future: today is {today}{_hint(first)}")
    if (last - first).days >= LONGEST_DAYS:
        raise PeriodFault(f"{first} to {last} is longer than {LONGEST_DAYS} days: ask for less")
    for kind in PUBLIC:
        whole = period_of(kind, first)
        if (whole.first, whole.last) == (first, last):
            return whole
    return Period(first, last)


def published_between(first: date, last: date, today: date) -> Period:
    """The published period from ``first`` to ``last``; raises PeriodFault for any other days."""
    period = range_of(first, last, today)
    if period.kind is PeriodKind.RANGE:
        raise NotPublished(
            f"{first} to {last} is no day, month, quarter or fiscal year; write "
            + ", or ".join(
                f"{one.first} to {one.last}" for kind in PUBLIC for one in [period_of(kind, first)]
            )
        )
    return period


def _hint(day: date) -> str:
    """What is said of a year that can be one of the Buddhist Era only."""
    common = day.year - BUDDHIST_ERA
    if not CALENDAR.first.year <= common <= CALENDAR.last.year:
        return ""
    return f"; {day.year} is a Buddhist year: write {common}"


def _next_month(first: date) -> date:
    return (first + 31 * ONE_DAY).replace(day=1)
