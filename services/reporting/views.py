"""What pages and API show, assembled from sums. Pure, and the one gate to publication: past it
there are only published figures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from libs.events.codes import Dimension
from libs.standards.metrics import Metric
from libs.standards.values import Edition, Service, Site, SiteKind
from services.reporting.coverage import Coverage, Reach, SiteDay
from services.reporting.disclosure import (
    Published,
    hidden_beside_total,
    left_out_of_total,
    publish,
    too_few,
)
from services.reporting.figures import (
    Figure,
    Satisfaction,
    Series,
    figure,
    figures,
    satisfaction,
    within_limit,
)
from services.reporting.measures import Measure, Name
from services.reporting.periods import Period
from services.reporting.rollups import UNKNOWN_SERVICE
from services.reporting.scorecard import Scorecard
from services.reporting.sums import Sums, total

Row = Mapping[Name, Published]
Figures = Mapping[Name, Figure]

NAMES: tuple[Name, ...] = tuple(figures(Sums()))
"""Of every figure."""

UNKNOWN = Service(
    UNKNOWN_SERVICE, "", "บริการที่ไม่มีในมาตรฐาน", "Services that the standards don't know", None
)

HOUR_NAMES: tuple[Name, ...] = (
    Measure.STEPS,
    Measure.WAIT_MEAN,
    Measure.WAIT_P50,
    Measure.WAIT_P90,
    Metric.WAIT_WITHIN_TARGET,
)
"""What is shown by hour of arrival."""
DIMENSION_TOP2: tuple[Name, ...] = (
    Metric.PROCESS_TOP2,
    Metric.STAFF_TOP2,
    Metric.FACILITIES_TOP2,
    Metric.INFORMATION_TOP2,
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far what is shown of a site can be relied on to be all."""

    coverage: Coverage
    reach: Reach | None
    """None of a site of which nothing has come."""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site in the national table."""

    site: Site
    figures: Row
    completeness: Completeness
    scorecard: Scorecard | None
    """None before the first edition."""
    unreadable: bool = False
    """Whether rows of it can't be read: then nothing of it is shown, nor in any total."""


@dataclass(frozen=True, slots=True)
class Total:
    """Several sites together."""

    figures: Row
    sites: int
    left_out: Mapping[Name, tuple[str, ...]]
    """Codes of the sites that a figure leaves out, for subtraction would give theirs away."""


@dataclass(frozen=True, slots=True)
class NationalView:
    """Every site, the pilots beside the model office."""

    period: Period
    rows: tuple[SiteRow, ...]
    pilots: Total
    nation: Total

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Codes of the sites of which nothing is shown, and that no total holds."""
        return tuple(row.site.code for row in self.rows if row.unreadable)

    @property
    def edition(self) -> Edition | None:
        """The edition that judges the sites."""
        return next((row.scorecard.edition for row in self.rows if row.scorecard), None)

    @property
    def completeness(self) -> Completeness:
        """All sites' days together, and how far the data of any reach."""
        every = [row.completeness for row in self.rows]
        known = [one.reach for one in every if one.reach]
        return Completeness(
            sum((one.coverage for one in every), Coverage()),
            Reach(
                min(reach.first_day for reach in known),
                max(reach.last_day for reach in known),
                max(reach.until for reach in known),
            )
            if known
            else None,
        )


@dataclass(frozen=True, slots=True)
class ServiceRow:
    service: Service
    figures: Row


@dataclass(frozen=True, slots=True)
class HourRow:
    """Steps that entered the queue within one local hour."""

    hour: int
    figures: Row


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One dimension's answers, or all dimensions' (None)."""

    dimension: Dimension | None
    series: Series
    mean: Published
    percent: Published
    top2: Published


@dataclass(frozen=True, slots=True)
class LimitRow:
    """The waits of served steps within a published limit."""

    limit_ms: int
    share: Published


class Part(StrEnum):
    """What a site's view is read from, part by part."""

    FIGURES = "figures"
    SERVICES = "services"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class SiteView:
    """One site."""

    site: Site
    period: Period
    figures: Row
    scorecard: Scorecard | None
    services: tuple[ServiceRow, ...]
    hours: tuple[HourRow, ...]
    """Every hour from the first with an arrival to the last."""
    limits: tuple[LimitRow, ...]
    ratings: tuple[RatingRow, ...]
    days: tuple[SiteDay, ...]
    completeness: Completeness
    unreadable: tuple[Part, ...]
    """What can't be read, and is empty here."""
    successor: Site | None
    """The site that it merged into."""

    @property
    def edition(self) -> Edition | None:
        """The edition that judges the site."""
        return self.scorecard.edition if self.scorecard else None


PILOTS = (SiteKind.CENTRAL_PILOT, SiteKind.PROVINCIAL_PILOT)


def row(made: Figures) -> Row:
    """Every figure of one site, by its own size."""
    hidden = _hidden_dimensions(made)
    return {name: publish(one, hidden=name in hidden) for name, one in made.items()}


def unreadable_row(site: Site) -> SiteRow:
    """The row of a site of which nothing can be shown."""
    return SiteRow(
        site, row(figures(Sums())), Completeness(Coverage(), None), None, unreadable=True
    )


def totals(
    kinds: Mapping[str, SiteKind], sums: Mapping[str, Sums], made: Mapping[str, Figures]
) -> tuple[Total, Total]:
    """The pilots together and all sites together, by the sites' kinds, sums, and the figures made
    of these.

    The nation leaves out what the pilots, the model office or the rest must leave out, since
    these could be subtracted from it in turn.
    """
    groups = (
        [site for site, kind in kinds.items() if kind in PILOTS],
        [site for site, kind in kinds.items() if kind is SiteKind.MODEL],
        [site for site, kind in kinds.items() if kind is SiteKind.ROLLOUT],
    )
    pilots = _Together(sums, made, groups[:1])
    return pilots.total(), _Together(sums, made, groups).total()


class _Together:
    """Sums of several sites, with and without some of them, each made once."""

    def __init__(
        self,
        sums: Mapping[str, Sums],
        made: Mapping[str, Figures],
        groups: Collection[Collection[str]],
    ) -> None:
        self._sums = sums
        self._groups = groups
        self._sites = [site for group in groups for site in group]
        self._whole = total(sums[site] for site in self._sites)
        self._by_site = made
        self._made: dict[frozenset[str], Figures] = {}

    def total(self) -> Total:
        shown: dict[Name, Published] = {}
        left_out: dict[Name, tuple[str, ...]] = {}
        for name in NAMES:
            without = self._without(name)
            if without:
                left_out[name] = tuple(sorted(without))
            made = self._figures(without)
            shown[name] = publish(made[name], hidden=name in _hidden_dimensions(made))
        return Total(shown, len(self._sites), left_out)

    def _without(self, name: Name) -> frozenset[str]:
        left_out = frozenset[str]()
        for group in self._groups:
            people = {site: self._by_site[site][name].people for site in group}
            left_out |= left_out_of_total(people)
        return left_out

    def _figures(self, without: frozenset[str]) -> Figures:
        if without not in self._made:
            kept = self._whole - total(self._sums[site] for site in without)
            self._made[without] = figures(kept)
        return self._made[without]


def service_rows(
    services: Mapping[str, Service], sums: Mapping[str, Sums]
) -> tuple[ServiceRow, ...]:
    """A row a service that had a step or an answer, in the catalogue's order; last, all together
    that the catalogue does not know."""
    rows = _beside_total(sums, NAMES)
    listed = {**services, UNKNOWN_SERVICE: UNKNOWN}
    return tuple(ServiceRow(listed[code], rows[code]) for code in listed if code in rows)


def hour_rows(sums: Mapping[str, Sums]) -> tuple[HourRow, ...]:
    """A row an hour, empty ones between two others too; keys are hours as text."""
    if not sums:
        return ()
    hours = [int(hour) for hour in sums]
    every = {str(hour): Sums() for hour in range(min(hours), max(hours) + 1)} | dict(sums)
    rows = _beside_total(every, HOUR_NAMES)
    return tuple(HourRow(hour, rows[str(hour)]) for hour in sorted(int(hour) for hour in every))


def _beside_total(sums: Mapping[str, Sums], names: Collection[Name]) -> dict[str, Row]:
    """The parts of a whole that is shown too: nothing can be told from it by subtraction."""
    made = {key: {name: figure(name, one) for name in names} for key, one in sums.items()}
    hidden = {
        name: hidden_beside_total({key: row[name].people for key, row in made.items()})
        for name in names
    }
    return {
        key: {
            name: publish(one, hidden=key in hidden[name] or name in _hidden_dimensions(row))
            for name, one in row.items()
        }
        for key, row in made.items()
    }


def _hidden_dimensions(made: Figures) -> frozenset[Name]:
    """The dimensions' figures that the one of all dimensions would give away."""
    people: dict[Name, int] = {name: made[name].people for name in DIMENSION_TOP2 if name in made}
    return hidden_beside_total(people)


def limit_rows(sums: Sums, limits_ms: Collection[int]) -> tuple[LimitRow, ...]:
    """The share of waits within each published limit."""
    return tuple(LimitRow(limit, _limit(sums, limit)) for limit in limits_ms)


def _limit(sums: Sums, limit_ms: int) -> Published:
    within, n = within_limit(sums.wait_cells, limit_ms)
    share = within / n if n else None
    return publish(Figure(Metric.WAIT_WITHIN_TARGET, share, n, n, within, n))


def rating_rows(sums: Sums) -> tuple[RatingRow, ...]:
    """All answers and each dimension's, cleaned and raw.

    The dimensions are parts of the whole; and what the raw series has over the cleaned one are
    the screened answers. Where those are too few for any row, the raw series is withheld.
    """
    cleaned = _answers(sums, Series.CLEANED)
    raw = _answers(sums, Series.RAW)
    few_screened = any(too_few(raw[one].mean.people - cleaned[one].mean.people) for one in raw)
    hidden = _hidden_answers(cleaned)
    hidden_raw = frozenset(raw) if few_screened else hidden | _hidden_answers(raw)
    rows: list[RatingRow] = []
    for one in raw:
        rows.append(_ratings(cleaned[one], hidden=one in hidden))
        rows.append(_ratings(raw[one], hidden=one in hidden_raw))
    return tuple(rows)


Answers = Mapping[Dimension | None, Satisfaction]


def _answers(sums: Sums, series: Series) -> Answers:
    return {one: satisfaction(sums, one, series) for one in (None, *Dimension)}


def _hidden_answers(answers: Answers) -> frozenset[Dimension | None]:
    people: dict[Dimension | None, int] = {one: answers[one].mean.people for one in Dimension}
    return hidden_beside_total(people)


def _ratings(answers: Satisfaction, *, hidden: bool) -> RatingRow:
    mean, percent, top2 = (
        publish(one, hidden=hidden) for one in (answers.mean, answers.percent, answers.top2)
    )
    return RatingRow(answers.dimension, answers.series, mean, percent, top2)
