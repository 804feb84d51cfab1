"""What pages and API share: where the figures are, and which period a request asks for."""

import re
from dataclasses import dataclass
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
from services.reporting.periods import Period, PeriodFault, PeriodKind, period_of, range_of
from services.reporting.questions import Asked


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

    @property
    def today(self) -> date:
        """The date in Bangkok."""
        return local_date(self.clock())

    def ask(self, first: date, last: date) -> Asked:
        """The question about these days; a problem names the fault of days it can't be about."""
        return self.about(self._range(first, last))

    def about(self, period: Period) -> Asked:
        """The question about a period."""
        return Asked(self.standards, period, self.today)

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

    def period_of(self, kind: PeriodKind, day: date) -> Period:
        """The period of this kind that holds ``day``; a problem where none can be answered."""
        try:
            period = period_of(kind, day)
            range_of(period.first, period.last, self.today)
        except PeriodFault as fault:
            raise unanswerable(fault) from None
        return period

    def _range(self, first: date, last: date) -> Period:
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
