"""The days of every site that takes part, as vigil and publisher look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from libs.database.types import Connection
from libs.standards import Standards
from services.reporting.figures.coverage import Reach, SiteDay, days_of_site
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums
from services.reporting.reads.apart import off_the_loop, read_apart
from services.reporting.reads.rollup_sums import Scope


@dataclass(frozen=True, slots=True)
class SiteDays:
    """The days of a period, by site."""

    days: Mapping[str, Sequence[SiteDay]]
    unreadable: frozenset[str]
    """Codes of the sites whose days can't be read."""


async def read_site_days(
    connection: Connection, standards: Standards, period: Period, today: date
) -> SiteDays:
    """What is known of each site's days, and what is missing of them."""
    codes = [site.code for site in standards.sites_on(period.first)]

    async def read_days(some: Sequence[str]) -> dict[str, dict[date, SiteDay]]:
        return await rollup_sums.days(connection, Scope(some, period))

    known, odd_days = await read_apart(connection, codes, read_days)
    reaches, odd_reaches = await read_apart(
        connection, codes, partial(rollup_sums.reaches, connection)
    )
    unreadable = odd_days | odd_reaches
    readable = [code for code in codes if code not in unreadable]
    days = await off_the_loop(_due, standards, readable, known, reaches, period, today)
    return SiteDays(days, unreadable)


def _due(
    standards: Standards,
    codes: Sequence[str],
    known: Mapping[str, Mapping[date, SiteDay]],
    reaches: Mapping[str, Reach],
    period: Period,
    today: date,
) -> dict[str, Sequence[SiteDay]]:
    return {
        code: days_of_site(
            period, known.get(code, {}), reaches.get(code), partial(standards.works_on, code), today
        )
        for code in codes
    }
