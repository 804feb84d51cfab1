"""The two questions that pages, API and terminal ask: the nation's figures, and one site's.

What is read is read site by site where it must be: a row that can't be read takes nobody else's
figures with it.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TypeVar

from libs.database.types import Connection
from libs.standards.values import Site
from services.reporting.figures import views
from services.reporting.figures.assembly import Asked, Found, Judging, SiteFound, nation_of, site_of
from services.reporting.figures.coverage import Reach, SiteDay
from services.reporting.figures.scorecard import judged_part
from services.reporting.figures.sums import Sums
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums
from services.reporting.reads.apart import off_the_loop, read_apart
from services.reporting.reads.rollup_sums import By, Scope

__all__ = ["Asked", "nation", "one_site", "read_nation", "read_site"]

V = TypeVar("V")
Read = Callable[[Sequence[str]], Awaitable[dict[str, V]]]


async def nation(connection: Connection, asked: Asked) -> views.NationalView:
    """Every site that takes part in the period or of which anything has come; of one that had
    ended before, only if something came of the period all the same."""
    return await off_the_loop(nation_of, asked, await read_nation(connection, asked))


async def one_site(connection: Connection, asked: Asked, site: Site) -> views.SiteView:
    """One site, with its services, hours, answers and days."""
    return await off_the_loop(site_of, asked, await read_site(connection, asked, site))


async def read_nation(connection: Connection, asked: Asked) -> Found:
    """All that the nation's figures are made of."""
    known = asked.standards.sites
    reaches, odd = await read_apart(
        connection, list(known), lambda some: rollup_sums.reaches(connection, some)
    )
    first = asked.period.first
    taking_part = {site.code for site in asked.standards.sites_on(first)} | odd
    sites = [
        site
        for site in known.values()
        if site.code in taking_part or _came(site, reaches.get(site.code), first)
    ]
    codes = [site.code for site in sites]

    async def days_of(some: Sequence[str]) -> dict[str, dict[date, SiteDay]]:
        return await rollup_sums.days(connection, Scope(some, asked.period))

    sums, without_sums = await read_apart(connection, codes, _sums(connection, asked.period))
    judging, without_card = await _judging(connection, asked, codes)
    days, without_days = await read_apart(connection, codes, days_of)
    unreadable = odd | without_sums | without_card | without_days
    return Found(sites, sums, judging, days, reaches, unreadable)


async def read_site(connection: Connection, asked: Asked, site: Site) -> SiteFound:
    """All that a site's page is made of."""
    code = site.code
    scope = Scope([code], asked.period)

    async def part(read: Read[V]) -> dict[str, V] | None:
        found, unreadable = await read_apart(connection, [code], read)
        return None if unreadable else found

    reaches = await part(lambda some: rollup_sums.reaches(connection, some))
    sums = await part(_sums(connection, asked.period))
    days = await part(lambda _: rollup_sums.days(connection, scope))
    judging, unjudged = await _judging(connection, asked, [code])
    return SiteFound(
        site,
        None if sums is None or unjudged else sums.get(code, Sums()),
        judging,
        await part(lambda _: rollup_sums.sums(connection, scope, By.SERVICE)),
        await part(lambda _: rollup_sums.sums(connection, scope, By.HOUR)),
        None if days is None or reaches is None else days.get(code, {}),
        (reaches or {}).get(code),
    )


async def _judging(
    connection: Connection, asked: Asked, codes: Sequence[str]
) -> tuple[Judging | None, frozenset[str]]:
    """What scorecards are made of, and whose could not be read.

    None where no edition holds at the period's end (or today).
    """
    period = asked.period
    so_far = Period(period.first, max(period.first, min(period.last, asked.today)), period.kind)
    judged = judged_part(so_far, asked.standards.edition)
    edition = asked.standards.edition(so_far.last)
    if judged is None or edition is None:
        return None, frozenset()
    if judged.first == period.first:
        return Judging(edition, judged, None), frozenset()
    found, unreadable = await read_apart(connection, codes, _sums(connection, judged))
    return Judging(edition, judged, found), unreadable


def _came(site: Site, reach: Reach | None, first: date) -> bool:
    """Whether anything has come of the site, and not all of it before its end."""
    return reach is not None and (site.last_day is None or first <= reach.last_day)


def _sums(connection: Connection, period: Period) -> Read[Sums]:
    async def read(some: Sequence[str]) -> dict[str, Sums]:
        return await rollup_sums.sums(connection, Scope(some, period), By.SITE)

    return read
