"""Figures, periods and states as people say them. Texts are msgids; numbers are in the language."""

from typing import Protocol

from libs.events.codes import Dimension, Language
from libs.service import formats
from libs.service.language import Said, say
from libs.standards.metrics import METRICS, Metric, Unit
from libs.standards.values import EvidenceKind, Part, SiteKind
from services.reporting.figures.coverage import DayState
from services.reporting.figures.disclosure import Published
from services.reporting.figures.formulas import Series
from services.reporting.figures.measures import MEASURES, AnyUnit, Measure, MeasureUnit, Name
from services.reporting.figures.scorecard import Finding, State
from services.reporting.figures.views import Part as ViewPart
from services.reporting.model.periods import Period, PeriodKind

STATES = {
    State.MET: say("Met"),
    State.NOT_MET: say("Not met"),
    State.EVIDENCE_DUE: say("Figure met, evidence: none"),
    State.TOO_FEW: say("Too few to judge"),
    State.LOW_RESPONSE: say("Too few have answered"),
    State.NOT_YET_MEASURED: say("Not yet measured"),
    State.ATTESTED_NONE: say("Attested: none"),
}
STATE_LOOKS = {
    State.MET: "good",
    State.NOT_MET: "bad",
    State.EVIDENCE_DUE: "care",
}
"""Colour beside the words, never instead of them."""
DAY_STATES = {
    DayState.COMPLETE: say("Complete"),
    DayState.ARRIVING: say("Arriving"),
    DayState.DISPUTED: say("Disputed"),
    DayState.RESOLVED: say("Resolved"),
    DayState.OPEN: say("Open"),
    DayState.MISSING: say("Nothing received"),
}
DAY_LOOKS = {
    DayState.COMPLETE: "good",
    DayState.ARRIVING: "care",
    DayState.DISPUTED: "bad",
    DayState.RESOLVED: "care",
    DayState.MISSING: "care",
}
DAY_REASONS: dict[str | None, Said] = {
    "ticketing_numbers_missing": say("Some events of the queue have not arrived."),
    "ticketing_revision_due": say("The day changed after its closing; its new totals are awaited."),
    "ticketing_manifest_missing": say("The queue's totals of the day have not arrived."),
    "feedback_numbers_missing": say("Some events of the ratings have not arrived."),
    "feedback_revision_due": say("Ratings came after the closing; their new totals are awaited."),
    "feedback_manifest_missing": say("The ratings' totals of the day have not arrived."),
    "totals_differ": say("Everything has arrived, and the office's totals differ from these."),
    "refused": say("A message of the day could not be taken in. The centre must look into it."),
    "service_unknown": say("Visits of services that the standards don't know. They must be added."),
    "restored": say("The office put back a backup and lost records that are here. It must look."),
    "resolved_checked": say("The office lost records that are here; it has checked these."),
    "resolved_repeated": say("The office lost records; some visitors may be counted twice here."),
    "resolved_unknown": say("The office lost records; nothing more can be found out."),
}
PLAIN_REASONS = {
    DayState.COMPLETE: say("Everything has arrived, and the office's totals agree."),
    DayState.OPEN: say("The office has not closed the day."),
    DayState.MISSING: say("The office should have worked, and nothing has arrived."),
}
PARTS = {
    Part.PHYSICAL: say("Physical"),
    Part.QUALITY: say("Quality"),
    Part.RESULTS: say("Evident results"),
}
SITE_KINDS = {
    SiteKind.MODEL: say("Model office"),
    SiteKind.CENTRAL_PILOT: say("Central pilot"),
    SiteKind.PROVINCIAL_PILOT: say("Provincial pilot"),
    SiteKind.ROLLOUT: say("National roll-out"),
}
PERIOD_KINDS = {
    PeriodKind.DAY: say("Day"),
    PeriodKind.MONTH: say("Month"),
    PeriodKind.QUARTER: say("Quarter"),
    PeriodKind.YEAR: say("Fiscal year"),
}
EVIDENCE = {
    EvidenceKind.PHOTO: say("photographs"),
    EvidenceKind.DOCUMENT: say("a document"),
    EvidenceKind.WEB_PAGE: say("a web page"),
    EvidenceKind.PLAN: say("a plan"),
    EvidenceKind.REPORT: say("a report"),
}
DIMENSIONS: dict[Dimension | None, Said] = {
    None: say("All dimensions"),
    Dimension.PROCESS: say("Steps and process"),
    Dimension.STAFF: say("Staff"),
    Dimension.FACILITIES: say("Facilities"),
    Dimension.INFORMATION: say("Information and quality"),
}
VIEW_PARTS = {
    ViewPart.FIGURES: say("figures of the whole office"),
    ViewPart.SERVICES: say("figures by service"),
    ViewPart.HOURS: say("figures by hour"),
    ViewPart.DAYS: say("states of days"),
}
OF_RATINGS = frozenset(
    (Metric.SATISFACTION_TOP2, Metric.SATISFACTION_MEAN, Measure.SATISFACTION_PERCENT)
)
"""Figures whose n counts ratings, of which a visitor gives up to four."""
SERIES = {Series.CLEANED: say("cleaned"), Series.RAW: say("raw")}


class Named(Protocol):
    """What has a name in both languages."""

    @property
    def name_th(self) -> str: ...
    @property
    def name_en(self) -> str: ...


class Wording:
    """How one language says it."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def name(self, one: Named) -> str:
        """The name of a site, service, level, criterion or edition."""
        return one.name_th if self.language is Language.THAI else one.name_en

    def called(self, name: Name) -> str:
        """The name of a metric or measure; templates write it as text."""
        metric = name in METRICS
        return self.name(METRICS[Metric(name)] if metric else MEASURES[Measure(name)])

    def figure(self, one: Published) -> str | None:
        """The value with its unit; None where there is none or it is withheld."""
        return None if one.value is None else self.amount(one.value, one.unit)

    def counted(self, one: Published) -> str:
        """What its n counts: ratings are no people."""
        number = formats.number(one.n or 0)
        if one.name not in OF_RATINGS:
            return f"n\N{NO-BREAK SPACE}{number}"
        thai = self.language is Language.THAI
        return f"{number}\N{NO-BREAK SPACE}{'คะแนนรายด้าน' if thai else 'ratings'}"

    def amount(self, value: float, unit: AnyUnit) -> str:
        """A number of a unit."""
        match unit:
            case Unit.SHARE:
                return _percent(round(value * 1_000_000))
            case MeasureUnit.PERCENT_OF_FIVE:
                return _percent(round(value * 10_000))
            case MeasureUnit.MILLISECONDS:
                return _unbroken(formats.duration(round(value), self.language))
            case MeasureUnit.COUNT:
                return formats.number(round(value))
            case Unit.LEVEL | Unit.RATIO:
                return f"{value:.2f}"

    def gap(self, one: Finding) -> str | None:
        """What a value lacks; percentage points for shares. None where it lacks nothing."""
        if not one.gap or one.figure is None:
            return None
        if one.figure.unit is Unit.SHARE:
            points = f"{100 * one.gap:.1f}"
            return f"{points} จุด" if self.language is Language.THAI else f"{points} points"
        return self.amount(one.gap, one.figure.unit)

    def period(self, one: Period) -> str:
        """The period's name, in Buddhist years."""
        thai = self.language is Language.THAI
        match one.kind:
            case PeriodKind.DAY:
                return formats.full_date(one.first, self.language)
            case PeriodKind.MONTH:
                return formats.month_name(one.first, self.language)
            case PeriodKind.YEAR:
                year = one.fiscal_year
                return f"ปีงบประมาณ พ.ศ. {year}" if thai else f"Fiscal year B.E. {year}"
            case PeriodKind.QUARTER:
                year = one.fiscal_year
                if thai:
                    return f"ไตรมาส {one.quarter} ปีงบประมาณ พ.ศ. {year}"
                return f"Quarter {one.quarter} of fiscal year B.E. {year}"
            case PeriodKind.RANGE:
                return self.days(one)

    def days(self, one: Period) -> str:
        """``1 มี.ค. 2569 – 31 มี.ค. 2569``."""
        first, last = (formats.short_date(day, self.language) for day in (one.first, one.last))
        return first if one.first == one.last else f"{first} – {last}"


def _percent(millionths: int) -> str:
    return formats.percent(millionths, 1_000_000).replace(" ", "\N{NO-BREAK SPACE}")


def _unbroken(text: str) -> str:
    """A duration that breaks between its parts only: ``4 minutes`` and ``30 seconds``."""
    words = text.split(" ")
    pairs = zip(words[::2], words[1::2], strict=True)
    return " ".join(f"{number}\N{NO-BREAK SPACE}{unit}" for number, unit in pairs)
