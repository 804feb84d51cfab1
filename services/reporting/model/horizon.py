"""Is what an event tells of near enough to be true? Judged by the broker's clock. Pure.

The contract bounds what can be at all; a site's clock may still be wrong by years. The broker's
clock can be trusted, and each message bears its time.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from libs.events.bounds import LIVE
from libs.events.catalogue import Event
from libs.events.codes import Origin
from libs.events.envelope import Header
from libs.events.responses import FeedbackGiven

LIVE_DAYS = 1
"""How many days a live service day may be ahead of the broker's local date: its clock may be slow,
and an office may open its day in the evening before."""
OTHER_YEARS = 2
"""How many years anything else may be ahead."""

LOCAL = timedelta(hours=7)
"""Asia/Bangkok, which keeps no summer time."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END_MS = (datetime.combine(LIVE.last, datetime.min.time(), UTC) - EPOCH) // timedelta(
    milliseconds=1
)


class Horizon(NamedTuple):
    """How far ahead may be told of, at one time of the broker."""

    live_day: date
    day: date
    instant: datetime


@lru_cache(maxsize=1000)
def horizon(timestamp: int) -> Horizon:
    """The horizon at ``timestamp`` (ms since 1970); the records of one batch share theirs."""
    now = EPOCH + timedelta(milliseconds=min(max(timestamp, 0), END_MS))
    today = (now + LOCAL).date()
    return Horizon(
        live_day=today + timedelta(days=LIVE_DAYS),
        day=_years_later(today),
        instant=datetime.combine(_years_later(now.date()), now.timetz()),
    )


def _years_later(day: date) -> date:
    """The same date two years on; of 29 February the 28th."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year + OTHER_YEARS, day=last)


def too_far_ahead(header: Header, event: Event | None, timestamp: int) -> str | None:
    """What of a message lies too far ahead of ``timestamp``, the broker's (ms since 1970): a text
    that names the field and both days. None where nothing does."""
    live_day, day, instant = horizon(timestamp)
    last = live_day if header.origin == Origin.LIVE else day
    if header.serviceday > last:
        return _said("serviceday", header.serviceday, last)
    if header.time > instant:
        return _said("time", header.time.date(), instant.date())
    if header.recordedtime > instant:
        return _said("recordedtime", header.recordedtime.date(), instant.date())
    if event is not None and isinstance(event.data, FeedbackGiven) and event.data.visit_day > day:
        return _said("data.visit_day", event.data.visit_day, day)
    return None


def _said(name: str, day: date, last: date) -> str:
    return f"{name}: {day} lies ahead of the broker's clock, by which it is at most {last}"
