"""From the files to the values."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

from libs.events.codes import VisitorClass
from libs.standards import files, folder
from libs.standards.checks import check
from libs.standards.faults import Fault, StandardsError
from libs.standards.folder import Folder, M
from libs.standards.standards import Calendar, Standards, WorkingWeek
from libs.standards.timeline import Period, Spans, Timeline
from libs.standards.values import (
    CaseTime,
    Criterion,
    Edition,
    LevelRule,
    Name,
    OfficeHours,
    Province,
    Service,
    Site,
    Source,
    Target,
)

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE_MS = 60_000


def load(root: Path) -> Standards:
    """The standards under ``root``.

    Raises StandardsError with every fault found: its file and line, what is wrong, how to mend.
    """
    return made_of(folder.contents_of(root))


def made_of(contents: Mapping[str, bytes]) -> Standards:
    """The standards that these files, by their names, make. Raises as :func:`load` does."""
    found = folder.read(contents)
    faults: list[Fault] = [*found.faults, *check(found)]
    if faults:
        raise StandardsError(faults)
    provinces = _provinces(_content(found, folder.PROVINCES, files.ProvincesFile))
    endings = found.get(folder.ENDINGS, files.EndingsFile)
    ended = endings.content if endings else None
    targets = _content(found, folder.TARGETS, files.TargetsFile)
    editions = sorted((one.content for one in found.editions), key=lambda one: one.start)
    values = {edition.code: _edition(edition) for edition in editions}
    return Standards(
        version=found.version,
        provinces=provinces,
        sites=_sites(_content(found, folder.SITES, files.SitesFile), provinces, ended),
        services=_services(_content(found, folder.SERVICES, files.ServicesFile), ended),
        editions=tuple(values.values()),
        published_limits_ms=tuple(sorted(set(targets.published_limits))),
        calendar=_calendar(found),
        targets=_targets(targets),
        head_starts=_head_starts(_content(found, folder.QUEUE, files.QueueFile)),
        edition_in_force=Timeline(
            Period(one.start, one.until, values[one.code]) for one in editions
        ),
    )


def _content(found: Folder, name: str, form: type[M]) -> M:
    parsed = found.get(name, form)
    if parsed is None:
        raise LookupError(f"{name} was read without a fault and is not there")
    return parsed.content


def _source(entry: files.SourceEntry) -> Source:
    return Source(entry.mark, entry.reference)


def _provinces(content: files.ProvincesFile) -> Mapping[str, Province]:
    return MappingProxyType(
        {
            entry.code: Province(entry.code, entry.name_th, entry.name_en, entry.region)
            for entry in content.provinces
        }
    )


def _sites(
    content: files.SitesFile,
    provinces: Mapping[str, Province],
    ended: files.EndingsFile | None,
) -> Mapping[str, Site]:
    endings = {one.site: one for one in ended.sites} if ended else {}
    return MappingProxyType(
        {
            entry.code: Site(
                code=entry.code,
                name_th=entry.name_th,
                name_en=entry.name_en,
                kind=entry.kind,
                active=entry.active,
                province=entry.province,
                region=provinces[entry.province].region if entry.province else None,
                services=entry.services,
                counters=entry.counters,
                last_day=ending.last_day if (ending := endings.get(entry.code)) else None,
                successor=ending.successor if ending else None,
            )
            for entry in content.sites
        }
    )


def _services(
    content: files.ServicesFile, ended: files.EndingsFile | None
) -> Mapping[str, Service]:
    endings = {one.service: one for one in ended.services} if ended else {}
    return MappingProxyType(
        {
            entry.code: Service(
                code=entry.code,
                series=entry.series,
                name_th=entry.name_th,
                name_en=entry.name_en,
                case_time=_case_time(entry.case_time) if entry.case_time else None,
                last_day=ending.last_day if (ending := endings.get(entry.code)) else None,
                successor=ending.successor if ending else None,
            )
            for entry in content.services
        }
    )


def _case_time(entry: files.CaseTimeEntry) -> CaseTime:
    return CaseTime(entry.text_th, entry.text_en, _source(entry.source))


def _targets(content: files.TargetsFile) -> Mapping[tuple[str | None, str], Timeline[Target]]:
    periods: defaultdict[tuple[str | None, str], list[Period[Target]]] = defaultdict(list)
    for entry in content.targets:
        target = Target(entry.wait, entry.service_time, _source(entry.source or content.source))
        periods[entry.site, entry.service].append(Period(entry.start, entry.until, target))
    return MappingProxyType({key: Timeline(found) for key, found in periods.items()})


def _head_starts(content: files.QueueFile) -> Timeline[Mapping[VisitorClass, int]]:
    return Timeline(
        Period(
            entry.start,
            entry.until,
            MappingProxyType(
                {
                    VisitorClass.NORMAL: entry.minutes.normal * _MINUTE_MS,
                    VisitorClass.PRIORITY: entry.minutes.priority * _MINUTE_MS,
                    VisitorClass.APPOINTMENT: entry.minutes.appointment * _MINUTE_MS,
                }
            ),
        )
        for entry in content.head_starts
    )


def _calendar(found: Folder) -> Calendar:
    weeks: defaultdict[str | None, list[Period[WorkingWeek]]] = defaultdict(list)
    hours = _content(found, folder.OFFICE_HOURS, files.OfficeHoursFile)
    for entry in hours.office_hours:
        weekdays = frozenset(_WEEKDAYS.index(day) for day in entry.weekdays)
        value = OfficeHours(entry.open, entry.close, entry.lunch_start, entry.lunch_end)
        week = WorkingWeek(weekdays, value)
        weeks[entry.site].append(Period(entry.start, entry.until, week))
    holidays = _content(found, folder.PUBLIC_HOLIDAYS, files.PublicHolidaysFile)
    return Calendar(
        weeks=MappingProxyType({site: Timeline(one) for site, one in weeks.items()}),
        public_holidays=MappingProxyType(
            {entry.date: Name(entry.name_th, entry.name_en) for entry in holidays.public_holidays}
        ),
        closures=_closures(_content(found, folder.CLOSURES, files.ClosuresFile)),
    )


def _closures(content: files.ClosuresFile) -> Mapping[str | None, Mapping[date, Name]]:
    closed: defaultdict[str | None, list[Period[Name]]] = defaultdict(list)
    for entry in content.closures:
        period = Period(entry.start, entry.until, Name(entry.name_th, entry.name_en))
        for site in entry.sites or (None,):
            closed[site].append(period)
    return MappingProxyType({site: Spans(periods) for site, periods in closed.items()})


def _edition(content: files.EditionFile) -> Edition:
    return Edition(
        code=content.code,
        name_th=content.name_th,
        name_en=content.name_en,
        working_model=content.working_model,
        notice_th=content.notice_th,
        notice_en=content.notice_en,
        holds_from=content.start,
        criteria=tuple(_criterion(entry) for entry in content.criteria),
        levels=tuple(
            LevelRule(
                entry.level, entry.name_th, entry.name_en, entry.score_at_least, entry.mandatory
            )
            for entry in content.levels
        ),
        source=_source(content.source),
    )


def _criterion(entry: files.CriterionEntry) -> Criterion:
    return Criterion(
        code=entry.code,
        part=entry.part,
        name_th=entry.name_th,
        name_en=entry.name_en,
        kind=entry.kind,
        source=_source(entry.source),
        weight=entry.weight,
        metric=entry.metric,
        direction=entry.direction,
        threshold=entry.threshold,
        minimum_n=entry.minimum_n,
        minimum_response_rate=entry.minimum_response_rate,
        evidence=entry.evidence,
    )
