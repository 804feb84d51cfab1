"""What an operator's commands are told: one form each, within bounds."""

import re
from datetime import date, datetime, time
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from libs.events.bounds import LIVE
from libs.events.codes import SITE_PATTERN
from libs.service.formats import BANGKOK
from libs.service.text import printable
from libs.service.times import TIME_FAULTS, AskedDay
from services.reporting.model.periods import Period

DAY = TypeAdapter[date](AskedDay)
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([01][0-9]|2[0-3]):([0-5][0-9])")
SERVICE = re.compile(r"[A-Z]{2,4}(-[A-Z]{2,4})?|unknown")
LONGEST_LIMIT_S = 24 * 60 * 60
HIGHEST_ID = 2**63 - 1


def a_day(text: str) -> date:
    """A service day, ``2026-03-31``; raises BadParameter with how to write it."""
    try:
        return DAY.validate_python(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        what, mend = TIME_FAULTS[fault["type"]]
        given = fault.get("ctx", {})
        told = f"{what.msgid % given} {mend.msgid % given}"
        raise typer.BadParameter(f"{printable(text)}: {told}") from None


def a_moment(text: str) -> datetime:
    """A time of the day in Bangkok, ``2026-03-31 16:30``, of the live calendar."""
    found = MOMENT.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{printable(text)}: write it as 2026-11-25 16:30.")
    day = a_day(found[1])
    if not LIVE.holds(day):
        raise typer.BadParameter(f"{text}: this lies outside of {LIVE.first} to {LIVE.last}.")
    return datetime.combine(day, time(int(found[2]), int(found[3])), BANGKOK)


def a_site(text: str) -> str:
    """A site's code."""
    if not re.fullmatch(SITE_PATTERN, text):
        raise typer.BadParameter(f"{printable(text)} is no code of a site, such as pjo-50.")
    return text


def a_service(text: str) -> str:
    """A service's code."""
    if not SERVICE.fullmatch(text):
        raise typer.BadParameter(f"{printable(text)} is no code of a service, such as JF-BAIL.")
    return text


First = Annotated[
    date,
    typer.Option("--from", parser=a_day, metavar="YYYY-MM-DD", help="First service day."),
]
Last = Annotated[
    date,
    typer.Option("--to", parser=a_day, metavar="YYYY-MM-DD", help="Last service day, with it."),
]


def period_between(first: date, last: date) -> Period:
    """The days from ``first`` to ``last``; raises ValueError where there are none."""
    if first > last:
        raise ValueError(f"--from ({first}) is after --to ({last}): exchange them.")
    return Period(first, last)
