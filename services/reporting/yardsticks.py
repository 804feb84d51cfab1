"""What a step is judged by: the standards of its site, service and day, looked up once. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from libs.standards.standards import Standards

LOCAL_OFFSET = timedelta(hours=7)
"""Asia/Bangkok, which keeps no summer time."""
SECONDS_OF_DAY = 24 * 60 * 60


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
    """The yardsticks of every site, service and day that was asked for."""

    def __init__(self, standards: Standards) -> None:
        self.version = standards.version
        self._standards = standards
        self._known: dict[tuple[str, str, date], Yardstick] = {}

    def of(self, site: str, service: str, day: date) -> Yardstick:
        """What was in force; of a site or service that the standards don't know, nothing was."""
        key = (site, service, day)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look_up(site, service, day)
        return found

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
