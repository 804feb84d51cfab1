"""The form of each file of the standards: what may stand in it, field by field."""

import re
from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from libs.events.bounds import PAST
from libs.events.codes import ServiceCode, SiteCode
from libs.standards.cells import is_boundary, nearest_boundaries
from libs.standards.metrics import Metric
from libs.standards.values import (
    CriterionKind,
    Direction,
    EvidenceKind,
    Level,
    Part,
    SiteKind,
    SourceMark,
)

BUDDHIST_ERA = 543
_SPAN = f"{PAST.first} to {PAST.last}"
_DATE = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}")
_UNITS_MS = {"s": 1000, "min": 60_000, "h": 3_600_000}


SHOWN = 60
"""Signs of a value that a fault shows."""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _refusal(what: str, mend: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{what}", {"what": what, "mend": mend})


def _form(mend: str) -> WrapValidator:
    """Says ``mend`` where the value does not have the form of its type."""

    def check(value: object, handler: Callable[[object], object]) -> object:
        try:
            return handler(value)
        except ValidationError:
            raise _refusal(f"{_shown(value)} does not have the right form", mend) from None

    return WrapValidator(check)


def _iso_date(value: object) -> date | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _day(value: object) -> date:
    """Text to a date: a number is none, nor is a date with a clock time."""
    if (year := _buddhist_year(value)) is not None:
        raise _refusal(
            f"{value} is written with a Buddhist year",
            f"write the year {year - BUDDHIST_ERA} ({year} - {BUDDHIST_ERA})",
        )
    day = _iso_date(value)
    if day is None:
        mend = "write a day that exists as YYYY-MM-DD: 2025-10-01"
        raise _refusal(f"{_shown(value)} is no date", mend)
    if not PAST.holds(day):
        raise _refusal(f"{day} lies outside of what the figures reach", f"write a day from {_SPAN}")
    return day


def _buddhist_year(value: object) -> int | None:
    """The year of a date in the Buddhist era, also of a leap day that only that era has."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    year = int(found[1]) if found else 0
    first, last = PAST.first.year + BUDDHIST_ERA, PAST.last.year + BUDDHIST_ERA
    return year if first <= year <= last else None


def _clock(value: object) -> time:
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise _refusal(
            f"{_shown(value)} is no time of day", "write HH:MM, from 00:00 to 23:59: 08:30"
        )
    return time.fromisoformat(value)


def _milliseconds(value: object) -> int:
    found = re.fullmatch(r"([0-9]{1,5}) ?(s|min|h)", value) if isinstance(value, str) else None
    if not found:
        raise _refusal(
            f"{_shown(value)} is no duration", "write a number and a unit: 90 s, 15 min, 2 h"
        )
    return int(found[1]) * _UNITS_MS[found[2]]


def said(ms: int) -> str:
    """A duration as the files write it: in the largest unit that holds it whole."""
    for unit in ("h", "min"):
        if ms >= _UNITS_MS[unit] and ms % _UNITS_MS[unit] == 0:
            return f"{ms // _UNITS_MS[unit]} {unit}"
    return f"{ms // 1000} s"


def _boundary(ms: int) -> int:
    if not is_boundary(ms):
        words = " or ".join(said(boundary) for boundary in nearest_boundaries(ms))
        raise _refusal(
            f"{said(ms)} is no boundary of a duration cell, so a share within it is not exact",
            f"write {words}",
        )
    if ms == 0:
        raise _refusal("a limit of 0 can't be kept", "write at least 1 s")
    return ms


Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[time, BeforeValidator(_clock)]
Limit = Annotated[int, BeforeValidator(_milliseconds), AfterValidator(_boundary)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Site = Annotated[
    SiteCode,
    _form("write three small letters, a hyphen, then two to four small letters or digits: pjo-50"),
]
Service = Annotated[ServiceCode, _form("write two to four capital letters, or two such: JF-BAIL")]
Series = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]$"), _form("write one capital letter, A to Z")
]
ProvinceCode = Annotated[
    str, StringConstraints(pattern=r"^TH-[1-9][0-9]$"), _form("write TH- and two digits: TH-50")
]
CriterionCode = Annotated[
    str,
    StringConstraints(pattern=r"^[PQR][1-9][0-9]?$"),
    _form("write P, Q or R and a number from 1 to 99: P1"),
]
EditionCode = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40),
    _form("write small letters, digits and hyphens: 2565-working"),
]
Share = Annotated[float, Field(ge=0, le=1)]


class Entry(BaseModel):
    """A group of fields in a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SourceEntry(Entry):
    mark: SourceMark
    reference: Text


class Dated(Entry):
    """An entry that holds from a day, up to and with another if that is given."""

    start: Day = Field(alias="from")
    until: Day | None = None


class ProvinceEntry(Entry):
    code: ProvinceCode
    name_th: Text
    name_en: Text
    region: Text


class ProvincesFile(Entry):
    provinces: tuple[ProvinceEntry, ...] = Field(min_length=1)


class SiteEntry(Entry):
    code: Site
    kind: SiteKind
    active: bool
    name_th: Text
    name_en: Text
    province: ProvinceCode | None = None
    services: tuple[Service, ...] = ()
    counters: int = Field(default=0, ge=0, le=999)


class SitesFile(Entry):
    source: SourceEntry
    sites: tuple[SiteEntry, ...] = Field(min_length=1)


class CaseTimeEntry(Entry):
    text_th: Text
    text_en: Text
    source: SourceEntry


class ServiceEntry(Entry):
    code: Service
    series: Series
    name_th: Text
    name_en: Text
    case_time: CaseTimeEntry | None


class ServicesFile(Entry):
    services: tuple[ServiceEntry, ...] = Field(min_length=1, max_length=26)


class TargetEntry(Dated):
    service: Service
    site: Site | None = None
    wait: Limit
    service_time: Limit
    source: SourceEntry | None = None


class TargetsFile(Entry):
    source: SourceEntry
    published_limits: tuple[Limit, ...] = Field(min_length=1)
    targets: tuple[TargetEntry, ...]


class HeadStartMinutes(Entry):
    normal: Literal[0]
    priority: int = Field(ge=0, le=240)
    appointment: int = Field(ge=0, le=240)


class HeadStartEntry(Dated):
    minutes: HeadStartMinutes


class QueueFile(Entry):
    source: SourceEntry
    head_starts: tuple[HeadStartEntry, ...] = Field(min_length=1)


class EndingEntry(Entry):
    last_day: Day
    source: SourceEntry | None = None


class SiteEndingEntry(EndingEntry):
    site: Site
    successor: Site | None = None


class ServiceEndingEntry(EndingEntry):
    service: Service
    successor: Service | None = None


class EndingsFile(Entry):
    source: SourceEntry
    sites: tuple[SiteEndingEntry, ...] = ()
    services: tuple[ServiceEndingEntry, ...] = ()


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class OfficeHoursEntry(Dated):
    site: Site | None = None
    weekdays: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    open: Clock
    lunch_start: Clock
    lunch_end: Clock
    close: Clock


class OfficeHoursFile(Entry):
    source: SourceEntry
    office_hours: tuple[OfficeHoursEntry, ...] = Field(min_length=1)


class HolidayEntry(Entry):
    date: Day
    name_th: Text
    name_en: Text


class PublicHolidaysFile(Entry):
    source: SourceEntry
    public_holidays: tuple[HolidayEntry, ...] = Field(min_length=1)


class ClosureEntry(Entry):
    start: Day = Field(alias="from")
    until: Day
    sites: tuple[Site, ...] | None = Field(default=None, min_length=1)
    """None: every site."""
    name_th: Text
    name_en: Text


class ClosuresFile(Entry):
    closures: tuple[ClosureEntry, ...]


class CriterionEntry(Entry):
    code: CriterionCode
    part: Part
    name_th: Text
    name_en: Text
    kind: CriterionKind
    source: SourceEntry
    weight: int = Field(ge=1, le=100)
    metric: Metric | None = None
    direction: Direction | None = None
    threshold: float | None = Field(default=None, ge=0)
    minimum_n: int = Field(default=5, ge=5, le=100_000)
    minimum_response_rate: Share | None = None
    evidence: EvidenceKind | None = None


class LevelEntry(Entry):
    level: Level
    name_th: Text
    name_en: Text
    score_at_least: Share
    mandatory: tuple[CriterionCode, ...] = ()


class EditionFile(Dated):
    code: EditionCode
    name_th: Text
    name_en: Text
    working_model: bool
    notice_th: Text
    notice_en: Text
    source: SourceEntry
    criteria: tuple[CriterionEntry, ...] = Field(min_length=1)
    levels: tuple[LevelEntry, ...] = Field(min_length=1)
