"""The standards in force, looked up by site, service and day. Pure: read once, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from libs.events.codes import VisitorClass
from libs.standards.timeline import Timeline
from libs.standards.values import (
    Edition,
    Name,
    OfficeHours,
    Province,
    Service,
    Site,
    Target,
)


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """Hours, and the weekdays (0 is Monday) that have them."""

    weekdays: frozenset[int]
    hours: OfficeHours


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that are no working days, and the hours of those that are.

    A key of None holds for every site that has no value of its own on the day.
    """

    weeks: Mapping[str | None, Timeline[WorkingWeek]]
    public_holidays: Mapping[date, Name]
    closures: Mapping[str | None, Mapping[date, Name]]


@dataclass(frozen=True, slots=True)
class Standards:
    """Everything under the standards' folder, validated."""

    version: str
    """SHA-256 of the files' content, in hexadecimal: equal files, equal version."""
    provinces: Mapping[str, Province]
    sites: Mapping[str, Site]
    services: Mapping[str, Service]
    editions: tuple[Edition, ...]
    """Every edition, oldest first."""
    published_limits_ms: tuple[int, ...]
    """The limits whose shares are published, each a cell boundary, ascending."""
    calendar: Calendar
    targets: Mapping[tuple[str | None, str], Timeline[Target]]
    """By site and service; a site of None holds for every site without one of its own."""
    head_starts: Timeline[Mapping[VisitorClass, int]]
    edition_in_force: Timeline[Edition]

    def target(self, site: str, service: str, day: date) -> Target | None:
        """The target in force: the site's own, else the national one, else None.

        No target holds before the first edition: until then nothing is judged.
        """
        own = self.targets.get((site, service))
        if own is not None and (target := own.at(day)) is not None:
            return target
        national = self.targets.get((None, service))
        return national.at(day) if national is not None else None

    def edition(self, day: date) -> Edition | None:
        """The edition in force; None before the first."""
        return self.edition_in_force.at(day)

    def head_start(self, visitor_class: VisitorClass, day: date) -> int:
        """How many milliseconds earlier than it came a class counts as having come."""
        by_class = self.head_starts.at(day)
        return by_class[visitor_class] if by_class is not None else 0

    def office_hours(self, site: str, day: date) -> OfficeHours | None:
        """The site's hours; None where it is closed: weekend, public holiday, closure.

        Also None before the first day for which hours are known.
        """
        if self.closed_for(site, day) is not None:
            return None
        own = self.calendar.weeks.get(site)
        week = own.at(day) if own is not None else None
        if week is None:
            national = self.calendar.weeks.get(None)
            week = national.at(day) if national is not None else None
        return week.hours if week is not None and day.weekday() in week.weekdays else None

    def holiday_name(self, day: date) -> Name | None:
        """The public holiday of a day."""
        return self.calendar.public_holidays.get(day)

    def closed_for(self, site: str, day: date) -> Name | None:
        """The public holiday or the closure for which the site is closed; None on a weekend."""
        return (
            self.holiday_name(day)
            or self.calendar.closures.get(site, {}).get(day)
            or self.calendar.closures.get(None, {}).get(day)
        )

    def service(self, code: str) -> Service:
        """The service of ``code``. One that these standards don't know, such as one that is no
        longer listed, is called by its code: what was issued for it can still be shown."""
        return self.services.get(code) or Service(code, "", code, code, None)

    def works_on(self, site: str, day: date) -> bool:
        """Whether a day is a working day of the site: its calendar opens it, and the site takes
        part on it.

        A site that is switched off took part up to its last day; without one, nothing is due of it.
        """
        known = self.sites.get(site)
        return (
            known is not None
            and _takes_part(known, day)
            and self.office_hours(site, day) is not None
        )

    def sites_on(self, day: date) -> tuple[Site, ...]:
        """The sites that take part on ``day``, in the file's order. Those of a period are those of
        its first day."""
        return tuple(site for site in self.sites.values() if _takes_part(site, day))

    @property
    def active_sites(self) -> tuple[Site, ...]:
        """The sites that are switched on, in the file's order; also those whose last day is over,
        whose streams are still there."""
        return tuple(site for site in self.sites.values() if site.active)


def _takes_part(site: Site, day: date) -> bool:
    return site.active if site.last_day is None else day <= site.last_day
