"""What pages and API share: where the figures are, and which period a request asks for."""

import re
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator

from libs.service.formats import local_date
from libs.service.language import say
from libs.service.pages import Pages
from libs.service.problems import Problem
from libs.standards.standards import Standards
from libs.standards.values import Site
from libs.stream.clock import Clock
from libs.stream.outbox import Pool
from services.reporting import questions, reading
from services.reporting.periods import Period, PeriodFault, PeriodKind, period_of, range_of
from services.reporting.recent import Recent
from services.reporting.views import NationalView, SiteView


def _iso(value: object) -> date:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("write the date as 2026-03-31 (a year of the Common Era)")
    return date.fromisoformat(value)


IsoDate = Annotated[date, BeforeValidator(_iso)]
First = Annotated[IsoDate, Query(alias="from", description="First service day, 2026-03-01.")]
Last = Annotated[IsoDate, Query(alias="to", description="Last service day, with it.")]


@dataclass(frozen=True, slots=True)
class Portal:
    """All that answering takes."""

    pool: Pool
    standards: Standards
    pages: Pages
    clock: Clock
    nations: Recent[NationalView] = field(default_factory=Recent[NationalView])
    offices: Recent[SiteView] = field(default_factory=Recent[SiteView])

    @property
    def today(self) -> date:
        """The date in Bangkok."""
        return local_date(self.clock())

    async def nation(self, period: Period) -> NationalView:
        """The nation's figures, at most a second old."""

        async def ask() -> NationalView:
            async with reading.snapshot(self.pool) as connection:
                return await questions.nation(connection, self._about(period))

        return await self.nations.get((period, self.today), ask)

    async def office(self, site: Site, period: Period) -> SiteView:
        """One site's figures, at most a second old."""

        async def ask() -> SiteView:
            async with reading.snapshot(self.pool) as connection:
                return await questions.one_site(connection, self._about(period), site)

        return await self.offices.get((site.code, period, self.today), ask)

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
            newest = await reading.newest_day(self.pool)
            day = min(newest or self.today, self.today)
        try:
            period = period_of(kind, day)
            range_of(period.first, period.last, self.today)
        except PeriodFault as fault:
            raise unanswerable(fault) from None
        return period

    def range_of(self, first: date, last: date) -> Period:
        """The period between two days; a problem names the fault where it can't be answered."""
        try:
            return range_of(first, last, self.today)
        except PeriodFault as fault:
            raise unanswerable(fault) from None


def unanswerable(fault: PeriodFault) -> Problem:
    """The answer to a period that can't be answered."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "period",
        say("This period cannot be answered."),
        say("Choose days up to today, of at most three years, as dates of the Common Era."),
        str(fault),
    )
