"""The two questions that pages, API and terminal ask: the nation's figures, and one site's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from libs.standards.standards import Standards
from libs.standards.values import Site
from libs.stream.outbox import Connection
from services.reporting import reading, views
from services.reporting.coverage import Reach, SiteDay, coverage, days_of_site
from services.reporting.figures import figures
from services.reporting.periods import Period
from services.reporting.reading import By, Scope
from services.reporting.scorecard import Scorecard, judge, judged_part
from services.reporting.sums import Sums


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's frame: the standards, the period, and today in Bangkok."""

    standards: Standards
    period: Period
    today: date


async def nation(connection: Connection, asked: Asked) -> views.NationalView:
    """Every site that takes part in the period or of which anything has come; of one that had
    ended before, only if something came of the period all the same."""
    reaches = await reading.reaches(connection)
    first = asked.period.first
    taking_part = {site.code for site in asked.standards.sites_on(first)}
    sites = [
        site
        for site in asked.standards.sites.values()
        if site.code in taking_part
        or (
            (reach := reaches.get(site.code)) is not None
            and (site.last_day is None or first <= reach.last_day)
        )
    ]
    scope = Scope([site.code for site in sites], asked.period)
    found = await reading.sums(connection, scope, By.SITE)
    sums = {code: found.get(code, Sums()) for code in scope.sites}
    cards = await _scorecards(connection, asked, scope, sums)
    days = await reading.days(connection, scope)
    rows = tuple(
        views.SiteRow(
            site,
            views.row(sums[site.code]),
            _completeness(asked, site, days.get(site.code, {}), reaches.get(site.code))[1],
            cards.get(site.code),
        )
        for site in sites
    )
    pilots, everyone = views.totals({site.code: site.kind for site in sites}, sums)
    return views.NationalView(asked.period, rows, pilots, everyone)


async def one_site(connection: Connection, asked: Asked, site: Site) -> views.SiteView:
    """One site, with its services, hours, answers and days."""
    scope = Scope([site.code], asked.period)
    sums = (await reading.sums(connection, scope, By.SITE)).get(site.code, Sums())
    cards = await _scorecards(connection, asked, scope, {site.code: sums})
    known = (await reading.days(connection, scope)).get(site.code, {})
    reach = (await reading.reaches(connection)).get(site.code)
    days, completeness = _completeness(asked, site, known, reach)
    services = await reading.sums(connection, scope, By.SERVICE)
    return views.SiteView(
        site,
        asked.period,
        views.row(sums),
        cards.get(site.code),
        views.service_rows(asked.standards.services, services),
        views.hour_rows(await reading.sums(connection, scope, By.HOUR)),
        views.limit_rows(sums, asked.standards.published_limits_ms),
        views.rating_rows(sums),
        days,
        completeness,
        asked.standards.sites.get(site.successor) if site.successor else None,
    )


async def _scorecards(
    connection: Connection, asked: Asked, scope: Scope, sums: Mapping[str, Sums]
) -> Mapping[str, Scorecard]:
    """Each site's scorecard; none where no edition holds at the period's end (or today)."""
    period = asked.period
    so_far = Period(period.first, max(period.first, min(period.last, asked.today)), period.kind)
    judged = judged_part(so_far, asked.standards.edition)
    edition = asked.standards.edition(so_far.last)
    if judged is None or edition is None:
        return {}
    if judged.first != period.first:
        found = await reading.sums(connection, Scope(scope.sites, judged), By.SITE)
        sums = {site: found.get(site, Sums()) for site in scope.sites}
    return {site: judge(edition, judged, figures(one)) for site, one in sums.items()}


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
