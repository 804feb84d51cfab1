"""How much of what should be here is here: the days of a site, and until when its data reach."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from services.reporting.model.periods import Period


class DayState(StrEnum):
    """What is known of a site's day."""

    COMPLETE = "complete"
    """Every number is here, and the site's totals equal the nation's."""
    ARRIVING = "arriving"
    """The day is closed, and not everything has come yet."""
    DISPUTED = "disputed"
    """Every number is here, and totals differ, or the site lost records of it."""
    RESOLVED = "resolved"
    """The site lost records of it, and a person there has looked into it: it stands as it is here,
    and the site's totals may differ."""
    OPEN = "open"
    """The site has not closed it."""
    MISSING = "missing"
    """A day on which the office should have worked, and nothing has come."""


@dataclass(frozen=True, slots=True)
class SiteDay:
    """One day of a site."""

    day: date
    state: DayState
    detail: str | None
    """A code that says what is awaited or differs."""
    revision: int | None
    """The ticketing manifest's: over 1 when the day was corrected after its closing."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a site's data reach."""

    first_day: date
    """The first service day anything is known of: the site takes part from then on."""
    last_day: date
    until: datetime
    """When the last thing that is known of the last day happened."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days of a period by state."""

    days: int = 0
    """Days that should be there, and days that are though nobody expected them."""
    complete: int = 0
    arriving: int = 0
    disputed: int = 0
    resolved: int = 0
    open: int = 0
    missing: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.days + other.days,
            self.complete + other.complete,
            self.arriving + other.arriving,
            self.disputed + other.disputed,
            self.resolved + other.resolved,
            self.open + other.open,
            self.missing + other.missing,
        )

    @property
    def share(self) -> float | None:
        """Complete days among all; None where no day was due."""
        return self.complete / self.days if self.days else None


def days_of_site(
    period: Period,
    known: Mapping[date, SiteDay],
    reach: Reach | None,
    works_on: Callable[[date], bool],
    today: date,
) -> tuple[SiteDay, ...]:
    """The site's days of ``period``, in order.

    A day is due when the calendar opens the office, from the site's first known day up to today;
    today itself is not missing before anything of it has come.
    """
    days: list[SiteDay] = []
    for day in period.days():
        if day in known:
            days.append(known[day])
        elif reach and reach.first_day < day < today and works_on(day):
            days.append(SiteDay(day, DayState.MISSING, None, None))
    return tuple(days)


def coverage(days: Iterable[SiteDay]) -> Coverage:
    """How many days are in which state."""
    counted = Counter(day.state for day in days)
    return Coverage(
        days=counted.total(),
        complete=counted[DayState.COMPLETE],
        arriving=counted[DayState.ARRIVING],
        disputed=counted[DayState.DISPUTED],
        resolved=counted[DayState.RESOLVED],
        open=counted[DayState.OPEN],
        missing=counted[DayState.MISSING],
    )
