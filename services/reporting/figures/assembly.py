"""Assembles what was read of the sites into what is shown. Pure.

A site, or a part of one, whose rows make no sense is shown as one that can't be read: the log says
why, and nobody else's figures go with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

import structlog

from libs.standards.standards import Standards
from libs.standards.values import Edition, Site
from services.reporting.figures import views
from services.reporting.figures.coverage import Coverage, Reach, SiteDay, coverage, days_of_site
from services.reporting.figures.scorecard import Scorecard, judge
from services.reporting.figures.sums import Sums
from services.reporting.figures.views import Part
from services.reporting.model.periods import Period

LOG = structlog.stdlib.get_logger()

V = TypeVar("V")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's frame: the standards, the period, and today in Bangkok."""

    standards: Standards
    period: Period
    today: date


@dataclass(frozen=True, slots=True)
class Judging:
    """What scorecards are made of."""

    edition: Edition
    period: Period
    """Its days on which the edition held."""
    sums: Mapping[str, Sums] | None
    """Of those days; None where they are all days of the period asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was read of the sites, from which all figures of a period are made."""

    sites: Sequence[Site]
    sums: Mapping[str, Sums]
    judging: Judging | None
    """None where no edition holds at the period's end (or today)."""
    days: Mapping[str, Mapping[date, SiteDay]]
    reaches: Mapping[str, Reach]
    unreadable: frozenset[str]
    """Codes of the sites with rows that could not be read."""


@dataclass(frozen=True, slots=True)
class SiteFound:
    """What was read of one site; None for what could not be read."""

    site: Site
    sums: Sums | None
    judging: Judging | None
    services: Mapping[str, Sums] | None
    hours: Mapping[str, Sums] | None
    days: Mapping[date, SiteDay] | None
    reach: Reach | None


def nation_of(asked: Asked, found: Found) -> views.NationalView:
    """The nation's figures."""
    rows: list[views.SiteRow] = []
    sums: dict[str, Sums] = {}
    for site in found.sites:
        if site.code in found.unreadable:
            rows.append(views.unreadable_row(site))
            continue
        try:
            of_site = found.sums.get(site.code, Sums())
            rows.append(_row(asked, found, site, of_site))
            sums[site.code] = of_site
        except Exception:
            LOG.exception("a site's figures cannot be made", site=site.code)
            rows.append(views.unreadable_row(site))
    kinds = {site.code: site.kind for site in found.sites if site.code in sums}
    pilots, everyone = views.totals(kinds, sums)
    return views.NationalView(asked.period, tuple(rows), pilots, everyone)


def _row(asked: Asked, found: Found, site: Site, sums: Sums) -> views.SiteRow:
    known, reach = found.days.get(site.code, {}), found.reaches.get(site.code)
    shown = views.row(sums)
    completeness = _completeness(asked, site, known, reach)[1]
    card = _card(found.judging, site.code, sums, shown)
    return views.SiteRow(site, shown, completeness, card)


def _card(judging: Judging | None, site: str, sums: Sums, shown: views.Row) -> Scorecard | None:
    """The scorecard of what is shown of a site, so that it tells nothing that its row withholds."""
    if judging is None:
        return None
    if judging.sums is not None:
        shown = views.judged_row(judging.sums.get(site, Sums()), sums)
    return judge(judging.edition, judging.period, shown)


def site_of(asked: Asked, found: SiteFound) -> views.SiteView:
    """One site's figures; what could not be read or made is named in it, and empty."""
    unreadable: list[Part] = []

    def made(part: Part, value: V | None, make: Callable[[V], R], empty: R) -> R:
        if value is not None:
            try:
                return make(value)
            except Exception:
                LOG.exception("a part cannot be made", site=found.site.code, part=part)
        unreadable.append(part)
        return empty

    nothing = _of_sums(asked, found, Sums())
    row, _, limits, ratings = nothing
    row, card, limits, ratings = made(
        Part.FIGURES,
        found.sums,
        lambda sums: _of_sums(asked, found, sums),
        (row, None, limits, ratings),
    )
    untold = frozenset(name for name, one in row.items() if one.suppressed)
    services = made(
        Part.SERVICES,
        found.services,
        lambda by: views.service_rows(asked.standards.services, by, untold),
        (),
    )
    hours = made(Part.HOURS, found.hours, lambda by: views.hour_rows(by, untold), ())
    days, completeness = made(
        Part.DAYS,
        found.days,
        lambda known: _completeness(asked, found.site, known, found.reach),
        ((), views.Completeness(Coverage(), None)),
    )
    return views.SiteView(
        site=found.site,
        period=asked.period,
        figures=row,
        scorecard=card,
        services=services,
        hours=hours,
        limits=limits,
        ratings=ratings,
        days=days,
        completeness=completeness,
        unreadable=tuple(unreadable),
        successor=asked.standards.sites.get(found.site.successor) if found.site.successor else None,
    )


def _of_sums(
    asked: Asked, found: SiteFound, sums: Sums
) -> tuple[views.Row, Scorecard | None, tuple[views.LimitRow, ...], tuple[views.RatingRow, ...]]:
    shown = views.row(sums)
    return (
        shown,
        _card(found.judging, found.site.code, sums, shown),
        views.limit_rows(sums, asked.standards.published_limits_ms),
        views.rating_rows(sums),
    )


def _completeness(
    asked: Asked, site: Site, known: Mapping[date, SiteDay], reach: Reach | None
) -> tuple[tuple[SiteDay, ...], views.Completeness]:
    days = days_of_site(
        asked.period,
        known,
        reach,
        partial(asked.standards.works_on, site.code),
        asked.today,
    )
    return days, views.Completeness(coverage(days), reach)
