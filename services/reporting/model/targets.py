"""What a step is judged by: the standards of its site, service and day, looked up once. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from libs.standards.standards import Standards
from services.reporting.model.rollups import UNKNOWN_SERVICE

LOCAL_OFFSET = timedelta(hours=7)
"""Asia/Bangkok, which keeps no summer time."""
SECONDS_OF_DAY = 24 * 60 * 60
KEPT = 50_000
"""Yardsticks kept at once: two months of every site's services, and a few megabytes. A site that
sends days of many years pushes out its own and others', which are looked up again."""


def local_second(moment: datetime) -> int:
    """The second of the local day, 0 to 86,399, at ``moment`` (UTC)."""
    second = moment.hour * 3600 + moment.minute * 60 + moment.second
    return (second + LOCAL_OFFSET.seconds) % SECONDS_OF_DAY


def _second(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The standards of one site, service and day. Times are seconds of the local day."""

    wait_ms: int | None
    """None where nothing is judged: no target, or a day before the first edition."""
    service_ms: int | None
    hours: range
    """When the site is open; empty on a day it is closed."""
    lunch: range

    def over_lunch(self, moment: datetime) -> bool:
        return local_second(moment) in self.lunch

    def after_hours(self, moment: datetime) -> bool:
        return local_second(moment) not in self.hours


class Yardsticks:
    """The yardsticks of each site, service and day that is asked for."""

    def __init__(self, standards: Standards) -> None:
        self.version = standards.version
        self._standards = standards
        self._found = lru_cache(maxsize=KEPT)(self._look_up)

    def counted_as(self, service: str) -> str:
        """The code under which ``service`` is counted: its own, if the standards know it."""
        return service if service in self._standards.services else UNKNOWN_SERVICE

    def of(self, site: str, service: str, day: date) -> Yardstick:
        """What was in force; of a site or service that the standards don't know, nothing was."""
        return self._found(site, self.counted_as(service), day)

    def _look_up(self, site: str, service: str, day: date) -> Yardstick:
        judged = self._standards.edition(day) is not None
        target = self._standards.target(site, service, day) if judged else None
        hours = self._standards.office_hours(site, day)
        return Yardstick(
            wait_ms=target.wait_ms if target else None,
            service_ms=target.service_ms if target else None,
            hours=range(_second(hours.open), _second(hours.close)) if hours else range(0),
            lunch=range(_second(hours.lunch_start), _second(hours.lunch_end))
            if hours
            else range(0),
        )


def local_hour(moment: datetime) -> int:
    """The local hour, 0 to 23, that holds ``moment``."""
    return local_second(moment.astimezone(UTC)) // 3600
