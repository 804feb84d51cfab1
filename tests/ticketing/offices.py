"""The office that tests work at."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from libs.clock import Clock, now
from libs.service.formats import local_date
from libs.standards import Standards

SITE = "pjo-50"
DAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""08:30 in Bangkok."""


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> datetime:
        """Let time pass: ``minutes=3``."""
        self.moment += timedelta(**by)
        return self.moment


def clock_of(day: date) -> Clock:
    """The real clock's time of day, on the date of ``day``."""
    return lambda: now() + (day - local_date(now()))


def with_counters(standards: Standards, counters: int) -> Standards:
    """``standards`` in which the site has ``counters``."""
    site = replace(standards.sites[SITE], counters=counters)
    return replace(standards, sites={**standards.sites, SITE: site})
