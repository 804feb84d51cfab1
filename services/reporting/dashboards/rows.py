"""The rows of the tables `published_*`, from what the pages show and the standards say. Pure.

Figures come as :class:`~services.reporting.figures.disclosure.Published` only, so that nothing can
be read from a dashboard that a page withholds.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from libs.standards import Standards
from libs.standards.metrics import METRICS
from libs.standards.values import Edition
from services.reporting.figures.coverage import SiteDay
from services.reporting.figures.disclosure import Published, too_few
from services.reporting.figures.measures import MEASURES
from services.reporting.figures.scorecard import Scorecard, Standing
from services.reporting.figures.views import NationalView, SiteRow, Total

NATION, PILOTS = "nation", "pilots"
"""Places that are no site; no site's code looks like them."""


class FigureRow(NamedTuple):
    """A row of `published_figures`, of a known period."""

    place: str
    name: str
    value: float | None
    n: int | None
    withheld: bool
    left_out: str
    """Codes of sites with a blank between them."""


class CriterionRow(NamedTuple):
    """A row of `published_criteria`, of a known period."""

    site: str
    code: str
    edition: str
    state: str
    value: float | None
    n: int | None
    gap: float | None


class ScorecardRow(NamedTuple):
    """A row of `published_scorecards`, of a known period."""

    site: str
    edition: str
    points: int
    points_possible: int
    level: str | None
    days: int
    complete_days: int


class DayRow(NamedTuple):
    """A row of `published_days`."""

    site: str
    service_day: date
    state: str
    detail: str | None
    revision: int | None


class Queue(NamedTuple):
    """Who waits at a site, by the events that have come."""

    waiting: int
    since: datetime | None
    """When the first of them entered the queue."""
    steps: int
    """Of the day so far."""


class QueueRow(NamedTuple):
    """A row of `published_queues`, at a known moment."""

    site: str
    waiting: int | None
    longest_wait_ms: int | None
    withheld: bool


def figure_rows(view: NationalView) -> Iterator[FigureRow]:
    """Every figure of every site that can be read, the pilots and the nation."""
    for row in (row for row in view.rows if not row.unreadable):
        for one in row.figures.values():
            yield _figure(row.site.code, one, ())
    for place, total in ((PILOTS, view.pilots), (NATION, view.nation)):
        yield from _of_total(place, total)


def _of_total(place: str, total: Total) -> Iterator[FigureRow]:
    for name, one in total.figures.items():
        yield _figure(place, one, total.left_out.get(name, ()))


def _figure(place: str, one: Published, left_out: Sequence[str]) -> FigureRow:
    return FigureRow(place, one.name, one.value, one.n, one.suppressed, " ".join(left_out))


def criterion_rows(view: NationalView) -> Iterator[CriterionRow]:
    """Every criterion of every site that an edition judges."""
    for site, card in _judged(view):
        for finding in card.findings:
            shown = finding.figure
            yield CriterionRow(
                site.site.code,
                finding.criterion.code,
                card.edition.code,
                finding.state,
                shown.value if shown else None,
                shown.n if shown else None,
                finding.gap,
            )


def scorecard_rows(view: NationalView) -> Iterator[ScorecardRow]:
    """The scorecard of every site of which anything could be judged."""
    for site, card in _judged(view):
        if card.standing is Standing.NOT_JUDGED:
            continue
        coverage = site.completeness.coverage
        yield ScorecardRow(
            site.site.code,
            card.edition.code,
            card.points,
            card.points_possible,
            card.level.level if card.level else None,
            coverage.days,
            coverage.complete,
        )


def _judged(view: NationalView) -> Iterator[tuple[SiteRow, Scorecard]]:
    return ((row, row.scorecard) for row in view.rows if row.scorecard)


def day_rows(days: Mapping[str, Sequence[SiteDay]]) -> Iterator[DayRow]:
    """What is known of each site's days."""
    for site, of_site in days.items():
        for one in of_site:
            yield DayRow(site, one.day, one.state, one.detail, one.revision)


def queue_row(site: str, queue: Queue, moment: datetime) -> QueueRow:
    """A site's queue as anybody may see it.

    How many wait is told of a day of at least five steps; the longest wait rests on those who
    wait, so on at least five of them.
    """
    if too_few(queue.steps):
        return QueueRow(site, None, None, withheld=True)
    if queue.since is None or too_few(queue.waiting):
        return QueueRow(site, queue.waiting, None, withheld=queue.waiting > 0)
    longest = int((moment - queue.since).total_seconds() * 1000)
    return QueueRow(site, queue.waiting, max(0, longest), withheld=False)


def site_rows(standards: Standards, today: date) -> list[tuple[str, str, str, str, bool]]:
    """The rows of `published_sites`."""
    active = {site.code for site in standards.sites_on(today)}
    return [
        (site.code, site.name_th, site.name_en, site.kind.value, site.code in active)
        for site in standards.sites.values()
    ]


def name_rows() -> list[tuple[str, str, str, str]]:
    """The rows of `published_names`."""
    return [
        (name.value, one.name_th, one.name_en, one.unit.value)
        for known in (METRICS, MEASURES)
        for name, one in known.items()
    ]


def edition_rows(
    editions: Sequence[Edition],
) -> list[tuple[str, str, str, date, bool, str, str]]:
    """The rows of `published_editions`."""
    return [
        (
            edition.code,
            edition.name_th,
            edition.name_en,
            edition.holds_from,
            edition.working_model,
            edition.notice_th,
            edition.notice_en,
        )
        for edition in editions
    ]


def edition_criterion_rows(
    editions: Sequence[Edition],
) -> list[tuple[str, str, int, str, str, str, str, float | None, str | None]]:
    """The rows of `published_edition_criteria`."""
    return [
        (
            edition.code,
            criterion.code,
            position,
            criterion.part.value,
            criterion.kind.value,
            criterion.name_th,
            criterion.name_en,
            criterion.threshold,
            criterion.direction.value if criterion.direction else None,
        )
        for edition in editions
        for position, criterion in enumerate(edition.criteria)
    ]
