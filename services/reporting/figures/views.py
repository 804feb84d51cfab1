"""What pages and API show, assembled from sums. Pure, and the one gate to publication: past it
there are only published figures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from libs.events.codes import Dimension
from libs.standards.metrics import Metric
from libs.standards.values import Edition, Service, Site, SiteKind
from services.reporting.figures.coverage import Coverage, Reach, SiteDay
from services.reporting.figures.disclosure import Published, publish, too_few
from services.reporting.figures.families import BY_HOUR, BY_SERVICE, FAMILIES, VISITORS
from services.reporting.figures.formulas import (
    Figure,
    Satisfaction,
    Series,
    figure,
    figures,
    satisfaction,
    within_limit,
)
from services.reporting.figures.measures import Measure, Name
from services.reporting.figures.scorecard import Scorecard
from services.reporting.figures.sums import Sums, total
from services.reporting.figures.suppression import (
    Family,
    left_out,
    suppress,
    withheld,
    withheld_by_family,
)
from services.reporting.model.periods import Period
from services.reporting.model.rollups import UNKNOWN_SERVICE

Row = Mapping[Name, Published]

NAMES: tuple[Name, ...] = tuple(figures(Sums()))
"""Of every figure."""

UNKNOWN = Service(
    UNKNOWN_SERVICE, "", "บริการที่ไม่มีในมาตรฐาน", "Services that the standards don't know", None
)

SERVICE_NAMES = tuple(name for family in BY_SERVICE for name in family.names if name != "visits")
"""What is shown by service. A visit can have several: no service has visits of its own."""
HOUR_NAMES = tuple(name for family in BY_HOUR for name in family.names)
"""What is shown by hour of arrival."""
FAMILY_OF: Mapping[Name, Family] = {name: family for family in FAMILIES for name in family.names}


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


def row(sums: Sums) -> Row:
    """Every figure of one site, by its own numbers."""
    hidden = withheld(FAMILIES, sums)
    return {name: publish(one, hidden=name in hidden) for name, one in figures(sums).items()}


def judged_row(judged: Sums, whole: Sums) -> Row:
    """The figures of those days of a period that an edition judges, beside the whole period's.

    They are a part of the period like any other; the other days, which nobody is shown, are told
    by subtraction. A figure that can't be told apart from the period's is left out.
    """
    parts = {True: judged, False: whole - judged}
    chosen = suppress(FAMILIES, parts, withheld(FAMILIES, whole))
    return {
        name: publish(one, hidden=True in chosen.parts[name])
        for name, one in figures(judged).items()
        if name not in chosen.not_broken_down
    }


def unreadable_row(site: Site) -> SiteRow:
    """The row of a site of which nothing can be shown."""
    return SiteRow(site, row(Sums()), Completeness(Coverage(), None), None, unreadable=True)


def totals(kinds: Mapping[str, SiteKind], sums: Mapping[str, Sums]) -> tuple[Total, Total]:
    """The pilots together and all sites together, by the sites' kinds and sums.

    The nation leaves out what the pilots, the model office or the rest must leave out, since
    these could be subtracted from it in turn.
    """
    groups = [
        {site: sums[site] for site, kind in kinds.items() if kind in PILOTS},
        {site: sums[site] for site, kind in kinds.items() if kind is SiteKind.MODEL},
        {site: sums[site] for site, kind in kinds.items() if kind is SiteKind.ROLLOUT},
    ]
    return _together(groups[:1]), _together(groups)


def _together(groups: Sequence[Mapping[str, Sums]]) -> Total:
    sites = {site: sums for group in groups for site, sums in group.items()}
    whole = total(sites.values())
    without = left_out(FAMILIES, groups)
    kept = {out: whole - total(sites[site] for site in out) for out in set(without.values())}
    made = {out: figures(sums) for out, sums in kept.items()}
    hidden = withheld_by_family(FAMILIES, lambda family: kept[without[family]])
    shown: dict[Name, Published] = {}
    names_without: dict[Name, tuple[str, ...]] = {}
    for name in NAMES:
        out = without[FAMILY_OF[name]]
        shown[name] = publish(made[out][name], hidden=name in hidden)
        if out:
            names_without[name] = tuple(sorted(out))
    return Total(shown, len(sites), names_without)


def service_rows(
    services: Mapping[str, Service], sums: Mapping[str, Sums], untold: Collection[Name]
) -> tuple[ServiceRow, ...]:
    """A row a service that had a step or an answer, in the catalogue's order; last, all together
    that the catalogue does not know. ``untold`` is withheld of the whole office."""
    rows = _beside_whole(BY_SERVICE, sums, SERVICE_NAMES, untold)
    listed = {**services, UNKNOWN_SERVICE: UNKNOWN}
    return tuple(ServiceRow(listed[code], rows[code]) for code in listed if code in rows)


def hour_rows(sums: Mapping[str, Sums], untold: Collection[Name]) -> tuple[HourRow, ...]:
    """A row an hour, empty ones between two others too; keys are hours as text. ``untold`` is
    withheld of the whole day."""
    if not sums:
        return ()
    hours = [int(hour) for hour in sums]
    every = {str(hour): Sums() for hour in range(min(hours), max(hours) + 1)} | dict(sums)
    rows = _beside_whole(BY_HOUR, every, HOUR_NAMES, untold)
    return tuple(HourRow(hour, rows[str(hour)]) for hour in sorted(int(one) for one in rows))


def _beside_whole(
    families: Sequence[Family],
    sums: Mapping[str, Sums],
    names: Collection[Name],
    untold: Collection[Name],
) -> dict[str, Row]:
    """The parts of a whole that is shown too: nothing can be told from it by subtraction.

    A figure that can't be broken down is in no row. Without any there are no rows, nor where the
    visitors of the whole are withheld: each row would tell of one of them.
    """
    if families[0].names[0] in untold:
        return {}
    chosen = suppress(families, sums, untold)
    given = [name for name in names if name not in chosen.not_broken_down]
    if not given:
        return {}
    return {
        key: {name: publish(figure(name, one), hidden=key in chosen.parts[name]) for name in given}
        for key, one in sums.items()
    }


def limit_rows(sums: Sums, limits_ms: Collection[int]) -> tuple[LimitRow, ...]:
    """The share of waits within each published limit; withheld where the visitors are."""
    hidden = VISITORS.few(sums)
    return tuple(LimitRow(limit, _limit(sums, limit, hidden=hidden)) for limit in limits_ms)


def _limit(sums: Sums, limit_ms: int, *, hidden: bool) -> Published:
    within, n = within_limit(sums.wait_cells, limit_ms)
    share = within / n if n else None
    return publish(Figure(Metric.WAIT_WITHIN_TARGET, share, n, n, within, n), hidden=hidden)


def rating_rows(sums: Sums) -> tuple[RatingRow, ...]:
    """All answers and each dimension's, cleaned and raw.

    They are withheld with the answers' other figures, all as one. What the raw series has over
    the cleaned one are the screened answers: where those are too few, the raw series is withheld.
    """
    hidden = Measure.RESPONSES in withheld(FAMILIES, sums)
    cleaned = {one: satisfaction(sums, one, Series.CLEANED) for one in (None, *Dimension)}
    raw = {one: satisfaction(sums, one, Series.RAW) for one in (None, *Dimension)}
    screened = [sums.responses - sums.cleaned_responses]
    screened += [raw[one].mean.n - cleaned[one].mean.n for one in Dimension]
    few_screened = any(too_few(n) for n in screened)
    rows: list[RatingRow] = []
    for one, answers in raw.items():
        rows.append(_ratings(cleaned[one], hidden=hidden))
        rows.append(_ratings(answers, hidden=hidden or few_screened))
    return tuple(rows)


def _ratings(answers: Satisfaction, *, hidden: bool) -> RatingRow:
    mean, percent, top2 = (
        publish(one, hidden=hidden) for one in (answers.mean, answers.percent, answers.top2)
    )
    return RatingRow(answers.dimension, answers.series, mean, percent, top2)
