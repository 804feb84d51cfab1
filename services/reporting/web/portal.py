"""What pages and API share: where the figures are, and which period a request asks for."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from libs.clock import Clock
from libs.database.types import Pool
from libs.service.formats import local_date
from libs.service.language import say
from libs.service.pages import Pages
from libs.service.problems import Problem
from libs.service.times import AskedDay
from libs.standards.standards import Standards
from libs.standards.values import Site
from services.reporting.figures.assembly import nation_of, site_of
from services.reporting.figures.views import NationalView, SiteView
from services.reporting.model.periods import (
    NotPublished,
    Period,
    PeriodFault,
    PeriodKind,
    period_of,
    published_between,
)
from services.reporting.reads import questions, rollup_sums
from services.reporting.reads.apart import off_the_loop
from services.reporting.reads.rollup_sums import Crowded
from services.reporting.web.cache import Recent

First = Annotated[
    AskedDay,
    Query(alias="from", description="First day of a day, month, quarter or fiscal year."),
]
Last = Annotated[AskedDay, Query(alias="to", description="Its last day, with it.")]


BUSY = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "busy",
    say("So many ask for figures now that your turn did not come."),
    say("Wait a moment and try again."),
)


@dataclass(frozen=True, slots=True)
class Portal:
    """All that answering takes."""

    pool: Pool
    standards: Standards
    pages: Pages
    clock: Clock
    nations: Recent[NationalView] = field(default_factory=Recent[NationalView])
    offices: Recent[SiteView] = field(default_factory=Recent[SiteView])
    newest_days: Recent[date | None] = field(default_factory=Recent["date | None"])

    @property
    def today(self) -> date:
        """The date in Bangkok."""
        return local_date(self.clock())

    async def nation(self, period: Period) -> NationalView:
        """The nation's figures, at most a second old."""
        asked = self._about(period)

        async def ask() -> NationalView:
            async with rollup_sums.snapshot(self.pool) as connection:
                found = await questions.read_nation(connection, asked)
            return await off_the_loop(nation_of, asked, found)

        with _crowd_told():
            return await self.nations.get((period, asked.today), ask)

    async def office(self, site: Site, period: Period) -> SiteView:
        """One site's figures, at most a second old."""
        asked = self._about(period)

        async def ask() -> SiteView:
            async with rollup_sums.snapshot(self.pool) as connection:
                found = await questions.read_site(connection, asked, site)
            return await off_the_loop(site_of, asked, found)

        with _crowd_told():
            return await self.offices.get((site.code, period, asked.today), ask)

    def _about(self, period: Period) -> questions.Asked:
        return questions.Asked(self.standards, period, self.today)

    def site(self, code: str) -> Site:
        """The site of this code; a problem where there is none."""
        site = self.standards.sites.get(code)
        if site is None:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                "no_such_site",
                say("There is no office of this code."),
                say("Choose an office from the national table."),
                code,
            )
        return site

    async def period_of(self, kind: PeriodKind, day: date | None) -> Period:
        """The period of this kind that holds ``day``, or the newest day anything is known of; a
        problem where it can't be answered."""
        if day is None:
            with _crowd_told():
                newest = await self.newest_days.get(
                    None, partial(rollup_sums.newest_day, self.pool)
                )
            day = min(newest or self.today, self.today)
        try:
            period = period_of(kind, day)
            published_between(period.first, period.last, self.today)
        except PeriodFault as fault:
            raise unanswerable(fault) from None
        return period

    def period_between(self, first: date, last: date) -> Period:
        """The published period between two days; a problem names the fault where it is none."""
        try:
            return published_between(first, last, self.today)
        except PeriodFault as fault:
            raise unanswerable(fault) from None


@contextmanager
def _crowd_told() -> Generator[None]:
    """Tell whoever had no turn among many to come again."""
    try:
        yield
    except Crowded:
        raise BUSY from None


def unanswerable(fault: PeriodFault) -> Problem:
    """The answer to a period that can't be answered."""
    if isinstance(fault, NotPublished):
        return Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "period",
            say("Figures are published for whole calendar periods only."),
            say("Ask for a day, a month, a quarter or a fiscal year, from its first to last day."),
            str(fault),
        )
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "period",
        say("This period cannot be answered."),
        say("Choose days up to today, of at most three years, as dates of the Common Era."),
        str(fault),
    )
