"""Days and moments as requests give them: one form each, and what is said of any other."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from libs.events.bounds import LIVE, PAST, Span
from libs.events.moments import DAY_FORM, MOMENT_FORM
from libs.service.formats import BUDDHIST_ERA
from libs.service.language import Said, say

TIME_FAULTS: Final[Mapping[str, tuple[Said, Said]]] = {
    "buddhist_year": (
        say("The year %(year)s is counted in the Buddhist Era."),
        say("Write the year %(common)s (%(year)s - 543)."),
    ),
    "no_day": (
        say("This is no date."),
        say("Write a day that exists as YYYY-MM-DD, such as 2026-11-25."),
    ),
    "no_moment": (
        say("This is no date with a time."),
        say("Write it as 2026-11-25T09:30:00+07:00, with its offset from UTC."),
    ),
    "out_of_calendar": (
        say("This lies outside the years %(first)s to %(last)s."),
        say("Check the year."),
    ),
}
"""What is said of each fault, and how to mend it; the fault's own values fill the texts."""


def buddhist(year: int) -> dict[str, str] | None:
    """What the hint names for a year that was counted in the Buddhist Era; None where it is no
    such year, or where it would be out of the calendar in that era too."""
    common = year - BUDDHIST_ERA
    if not PAST.first.year <= common <= PAST.last.year:
        return None
    return {"year": str(year), "common": str(common)}


def _out_of_calendar(year: int, span: Span) -> PydanticCustomError:
    hint = buddhist(year)
    if hint is not None:
        return PydanticCustomError("buddhist_year", "a year of the Buddhist Era", hint)
    years = {"first": str(span.first.year), "last": str(span.last.year)}
    return PydanticCustomError("out_of_calendar", "outside the calendar", years)


def holds(span: Span, moment: datetime) -> bool:
    """Whether ``span`` holds ``moment``, which may have no date in UTC at all."""
    try:
        return span.holds_instant(moment)
    except OverflowError:
        return False


def _formed(value: object, form: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(form, value):
        raise ValueError("not of this form")
    return value


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(_formed(value, DAY_FORM))
    except ValueError:
        raise PydanticCustomError("no_day", "no date") from None
    if not PAST.holds(day):
        raise _out_of_calendar(day.year, PAST)
    return day


def _moment_of(span: Span) -> BeforeValidator:
    def read(value: object) -> datetime:
        try:
            moment = datetime.fromisoformat(_formed(value, MOMENT_FORM))
        except ValueError:
            raise PydanticCustomError("no_moment", "no date with a time") from None
        if not holds(span, moment):
            raise _out_of_calendar(moment.year, span)
        return moment.astimezone(UTC)

    return BeforeValidator(read)


AskedDay = Annotated[date, BeforeValidator(_day)]
"""A service day in an address, a query or a body: ``YYYY-MM-DD``, within :data:`PAST`."""
AskedMoment = Annotated[datetime, _moment_of(LIVE)]
"""A moment of what happens now, in the contract's one form, kept in UTC. Whether it lies where the
field may is for the use case to judge."""
AskedPastMoment = Annotated[datetime, _moment_of(PAST)]
"""A moment that may be of an imported visit."""
