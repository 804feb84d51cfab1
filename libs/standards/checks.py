"""What must hold between the entries of the files: references, dates, letters, levels."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from libs.standards import files
from libs.standards.documents import Location
from libs.standards.edition_checks import check_edition
from libs.standards.faults import Fault
from libs.standards.folder import (
    CLOSURES,
    ENDINGS,
    OFFICE_HOURS,
    PROVINCES,
    PUBLIC_HOLIDAYS,
    QUEUE,
    SERVICES,
    SITES,
    TARGETS,
    Folder,
    Parsed,
)
from libs.standards.timeline import Period, overlaps

E = TypeVar("E", bound=files.Entry)
F = TypeVar("F", bound=files.Entry)


def check(folder: Folder) -> list[Fault]:
    """Every fault between entries that could be read."""
    checks: tuple[Callable[[Folder], Iterator[Fault]], ...] = (
        _provinces,
        _services,
        _sites,
        _targets,
        _queue,
        _office_hours,
        _public_holidays,
        _closures,
        _editions,
        _endings,
    )
    return [fault for one in checks for fault in one(folder)]


def _twice(parsed: Parsed[F], list_name: str, field: str, entries: Iterable[E]) -> Iterator[Fault]:
    """Entries whose ``field`` an earlier one has."""
    first: dict[object, int] = {}
    for index, entry in enumerate(entries):
        value = getattr(entry, field)
        if value in first:
            line = parsed.line((list_name, first[value], field))
            yield parsed.fault(
                (list_name, index, field),
                f"`{field}` {value} is already on line {line}",
                "give each its own, or remove one of the two",
            )
        first.setdefault(value, index)


def _unknown(
    parsed: Parsed[F], location: Location, kind: str, code: str, known: set[str] | None
) -> Iterator[Fault]:
    """``code``, unless it is known; nothing where the list of known ones is itself at fault."""
    if known is not None and code not in known:
        where = {"service": SERVICES, "site": SITES, "province": PROVINCES}[kind]
        yield parsed.fault(
            location, f"there is no {kind} {code}", f"write a code of {where}, or add it there"
        )


def _service_codes(folder: Folder) -> set[str] | None:
    parsed = folder.get(SERVICES, files.ServicesFile)
    return {entry.code for entry in parsed.content.services} if parsed else None


def _site_codes(folder: Folder) -> set[str] | None:
    parsed = folder.get(SITES, files.SitesFile)
    return {entry.code for entry in parsed.content.sites} if parsed else None


def _province_codes(folder: Folder) -> set[str] | None:
    parsed = folder.get(PROVINCES, files.ProvincesFile)
    return {entry.code for entry in parsed.content.provinces} if parsed else None


def _provinces(folder: Folder) -> Iterator[Fault]:
    if parsed := folder.get(PROVINCES, files.ProvincesFile):
        yield from _twice(parsed, "provinces", "code", parsed.content.provinces)


def _services(folder: Folder) -> Iterator[Fault]:
    if parsed := folder.get(SERVICES, files.ServicesFile):
        yield from _twice(parsed, "services", "code", parsed.content.services)
        yield from _twice(parsed, "services", "series", parsed.content.services)


def _sites(folder: Folder) -> Iterator[Fault]:
    parsed = folder.get(SITES, files.SitesFile)
    if parsed is None:
        return
    services, provinces = _service_codes(folder), _province_codes(folder)
    yield from _twice(parsed, "sites", "code", parsed.content.sites)
    for index, site in enumerate(parsed.content.sites):
        at: Location = ("sites", index)
        for place, service in enumerate(site.services):
            here = (*at, "services", place)
            yield from _unknown(parsed, here, "service", service, services)
            if service in site.services[:place]:
                yield parsed.fault(here, f"service {service} is listed twice", "remove one")
        if site.province is not None:
            yield from _unknown(parsed, (*at, "province"), "province", site.province, provinces)
        if site.active and not site.services:
            what = f"site {site.code} is active and offers no service"
            yield parsed.fault((*at, "active"), what, "list its `services:`, or make it inactive")
        if site.active and not site.counters:
            what = f"site {site.code} is active and has no counter"
            yield parsed.fault((*at, "active"), what, "give its `counters:`, or make it inactive")


def _periods(
    parsed: Parsed[F],
    list_name: str,
    entries: Iterable[files.Dated],
    key: Callable[[files.Dated], object],
) -> Iterator[Fault]:
    """Entries of one key whose days overlap, or that end before they begin."""
    by_key: defaultdict[object, list[Period[int]]] = defaultdict(list)
    for index, entry in enumerate(entries):
        at: Location = (list_name, index)
        if entry.until is not None and entry.until < entry.start:
            yield _backwards(parsed, at, entry.start, entry.until)
        else:
            by_key[key(entry)].append(Period(entry.start, entry.until, index))
    for periods in by_key.values():
        for earlier, later in overlaps(periods):
            line = parsed.line((list_name, earlier.value))
            yield parsed.fault(
                (list_name, later.value, "from"),
                f"the days from {later.start} overlap those of the entry on line {line}",
                "change `from`, or end the earlier one with `until` the day before",
            )


def _backwards(parsed: Parsed[F], at: Location, start: date, until: date) -> Fault:
    what = f"`until` {until} lies before `from` {start}"
    return parsed.fault((*at, "until"), what, "write the last day on which it holds")


def _targets(folder: Folder) -> Iterator[Fault]:
    parsed = folder.get(TARGETS, files.TargetsFile)
    if parsed is None:
        return
    services, sites = _service_codes(folder), _site_codes(folder)
    targets = parsed.content.targets
    first_edition = min((edition.content.start for edition in folder.editions), default=None)
    for index, target in enumerate(targets):
        at: Location = ("targets", index)
        yield from _unknown(parsed, (*at, "service"), "service", target.service, services)
        if target.site is not None:
            yield from _unknown(parsed, (*at, "site"), "site", target.site, sites)
        if first_edition is not None and target.start < first_edition:
            yield parsed.fault(
                (*at, "from"),
                f"the target holds from {target.start}, before the first edition",
                f"write {first_edition} or later: nothing is judged before an edition",
            )
    yield from _periods(parsed, "targets", targets, _target_key)
    national = {target.service for target in targets if target.site is None}
    for service in sorted((services or set()) - national):
        what = f"service {service} has no target"
        mend = f"add an entry with `service: {service}` and without `site`"
        yield parsed.fault(("targets",), what, mend)


def _target_key(entry: files.Dated) -> object:
    return (entry.site, entry.service) if isinstance(entry, files.TargetEntry) else None


def _queue(folder: Folder) -> Iterator[Fault]:
    if parsed := folder.get(QUEUE, files.QueueFile):
        yield from _periods(parsed, "head_starts", parsed.content.head_starts, lambda _: None)


def _office_hours(folder: Folder) -> Iterator[Fault]:
    parsed = folder.get(OFFICE_HOURS, files.OfficeHoursFile)
    if parsed is None:
        return
    sites = _site_codes(folder)
    entries = parsed.content.office_hours
    for index, hours in enumerate(entries):
        at: Location = ("office_hours", index)
        if hours.site is not None:
            yield from _unknown(parsed, (*at, "site"), "site", hours.site, sites)
        if not hours.open <= hours.lunch_start < hours.lunch_end <= hours.close:
            yield parsed.fault(
                (*at, "open"),
                "the times of day are not in order",
                "order them: open, lunch_start, lunch_end, close",
            )
    yield from _periods(
        parsed,
        "office_hours",
        entries,
        lambda entry: entry.site if isinstance(entry, files.OfficeHoursEntry) else None,
    )


def _public_holidays(folder: Folder) -> Iterator[Fault]:
    if parsed := folder.get(PUBLIC_HOLIDAYS, files.PublicHolidaysFile):
        yield from _twice(parsed, "public_holidays", "date", parsed.content.public_holidays)


def _closures(folder: Folder) -> Iterator[Fault]:
    parsed = folder.get(CLOSURES, files.ClosuresFile)
    if parsed is None:
        return
    sites = _site_codes(folder)
    for index, closure in enumerate(parsed.content.closures):
        at: Location = ("closures", index)
        if closure.until < closure.start:
            yield _backwards(parsed, at, closure.start, closure.until)
        for place, site in enumerate(closure.sites or ()):
            yield from _unknown(parsed, (*at, "sites", place), "site", site, sites)


def _editions(folder: Folder) -> Iterator[Fault]:
    editions = sorted(folder.editions, key=lambda edition: edition.content.start)
    for place, edition in enumerate(editions):
        yield from check_edition(edition)
        content = edition.content
        if content.until is not None and content.until < content.start:
            yield _backwards(edition, (), content.start, content.until)
        for earlier in editions[:place]:
            other = earlier.document.name
            if earlier.content.code == content.code:
                what = f"edition {content.code} is already in {other}"
                yield edition.fault(("code",), what, "give each edition its own code")
        if place and _claims(editions[place - 1].content, content.start):
            before = editions[place - 1].document.name
            yield edition.fault(
                ("from",),
                f"the days from {content.start} overlap those of {before}",
                "change `from`, or end the earlier edition with `until` the day before",
            )


def _claims(earlier: files.EditionFile, day: date) -> bool:
    return earlier.start == day or (earlier.until is not None and day <= earlier.until)


def _endings(folder: Folder) -> Iterator[Fault]:
    parsed = folder.get(ENDINGS, files.EndingsFile)
    if parsed is None:
        return
    content = parsed.content
    yield from _twice(parsed, "sites", "site", content.sites)
    yield from _twice(parsed, "services", "service", content.services)
    sites = {one.site: one.last_day for one in content.sites}
    services = {one.service: one.last_day for one in content.services}
    for index, site in enumerate(content.sites):
        at: Location = ("sites", index)
        yield from _unknown(parsed, (*at, "site"), "site", site.site, _site_codes(folder))
        if site.successor is not None:
            known = _site_codes(folder)
            yield from _unknown(parsed, (*at, "successor"), "site", site.successor, known)
            yield from _outlived(parsed, at, site.successor, site.last_day, sites)
    for index, service in enumerate(content.services):
        at = ("services", index)
        known = _service_codes(folder)
        yield from _unknown(parsed, (*at, "service"), "service", service.service, known)
        if service.successor is not None:
            yield from _unknown(parsed, (*at, "successor"), "service", service.successor, known)
            yield from _outlived(parsed, at, service.successor, service.last_day, services)


def _outlived(
    parsed: Parsed[F],
    at: Location,
    successor: str,
    last_day: date,
    endings: Mapping[str, date],
) -> Iterator[Fault]:
    """A successor that does not go on after what it takes over, itself among them."""
    if successor in endings and endings[successor] <= last_day:
        yield parsed.fault(
            (*at, "successor"),
            f"`successor` {successor} has its own last day on {endings[successor]}",
            "name one that goes on after this `last_day`, or none",
        )
