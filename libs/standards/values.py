"""What the standards say, as values: sites, services, targets, hours, editions."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from libs.standards.metrics import Metric


class SourceMark(StrEnum):
    """How far a value may be trusted. Only ``official`` is ever shown as official."""

    OFFICIAL = "official"
    """Set by the body in charge; the reference names the document."""
    PUBLIC = "public"
    """Read in a public source, and not confirmed by the body in charge."""
    INFERRED = "inferred"
    """Concluded from public sources that do not say it themselves."""
    WORKING = "working"
    """Chosen so that the system can work; the ministry replaces it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from."""

    mark: SourceMark
    reference: str

    @property
    def official(self) -> bool:
        return self.mark is SourceMark.OFFICIAL


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages."""

    th: str
    en: str


class SiteKind(StrEnum):
    """What part a site has in the ministry's plan."""

    CENTRAL_PILOT = "central_pilot"
    PROVINCIAL_PILOT = "provincial_pilot"
    MODEL = "model"
    """The benchmark that the pilots stand beside."""
    ROLLOUT = "rollout"


@dataclass(frozen=True, slots=True)
class Province:
    """A province by its ISO 3166-2 code (``TH-50``)."""

    code: str
    name_th: str
    name_en: str
    region: str


@dataclass(frozen=True, slots=True)
class Site:
    """A service centre."""

    code: str
    name_th: str
    name_en: str
    kind: SiteKind
    active: bool
    province: str | None
    """The province's code; None for an office of the central administration."""
    region: str | None
    services: tuple[str, ...]
    """Codes of the services offered; empty until the site is switched on."""
    counters: int
    last_day: date | None = None
    """The last day of a site that is closed or merged."""
    successor: str | None = None
    """The code of the site that it merged into."""


@dataclass(frozen=True, slots=True)
class CaseTime:
    """The published time from complete papers to the decision: days, outside the queue."""

    text_th: str
    text_en: str
    source: Source


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the catalogue."""

    code: str
    series: str
    """The letter its ticket numbers begin with."""
    name_th: str
    name_en: str
    case_time: CaseTime | None
    """None where no published time was found."""
    last_day: date | None = None
    """The last day on which it is offered anywhere."""
    successor: str | None = None
    """The code of the service that took its place."""


@dataclass(frozen=True, slots=True)
class Target:
    """How long a visitor may wait, and how long the service is announced to take, inclusive."""

    wait_ms: int
    service_ms: int
    source: Source


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """A working day of a site, in local times (Asia/Bangkok)."""

    open: time
    close: time
    lunch_start: time
    lunch_end: time


class Part(StrEnum):
    """The three parts of the standard."""

    PHYSICAL = "physical"
    QUALITY = "quality"
    RESULTS = "results"


class CriterionKind(StrEnum):
    """How a criterion is shown to be met."""

    MEASURED = "measured"
    ATTESTED = "attested"
    BOTH = "both"


class Direction(StrEnum):
    """On which side of its threshold a metric is met; the threshold itself is met."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class EvidenceKind(StrEnum):
    """What a site hands in to attest a criterion."""

    PHOTO = "photo"
    DOCUMENT = "document"
    WEB_PAGE = "web_page"
    PLAN = "plan"
    REPORT = "report"


class Level(StrEnum):
    """The three levels, lowest first."""

    BASIC = "basic"
    ADVANCED = "advanced"
    EXCELLENCE = "excellence"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One item of an edition."""

    code: str
    part: Part
    name_th: str
    name_en: str
    kind: CriterionKind
    source: Source
    weight: int
    """Points towards the score of the edition."""
    metric: Metric | None
    """None where it is attested only, or where no event measures it yet."""
    direction: Direction | None
    threshold: float | None
    """In the metric's unit; None without a metric."""
    minimum_n: int
    """With fewer counted the value is shown, and the criterion is not met by it."""
    minimum_response_rate: float | None
    """With a lower share of answers the value is shown, and the criterion is not met by it."""
    evidence: EvidenceKind | None

    @property
    def not_yet_measured(self) -> bool:
        """Whether it should be measured and no event tells it yet."""
        return self.kind is not CriterionKind.ATTESTED and self.metric is None


@dataclass(frozen=True, slots=True)
class LevelRule:
    """What a site needs for a level."""

    level: Level
    name_th: str
    name_en: str
    score_at_least: float
    """The share (0 to 1) of all weights whose criteria are met."""
    mandatory: tuple[str, ...]
    """Codes of criteria that must be met, whatever the score."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The criteria, weights and levels that hold from a date."""

    code: str
    name_th: str
    name_en: str
    working_model: bool
    """Whether every page and export that shows a level must say that it is no official one."""
    notice_th: str
    notice_en: str
    holds_from: date
    criteria: tuple[Criterion, ...]
    levels: tuple[LevelRule, ...]
    """Lowest first."""
    source: Source
