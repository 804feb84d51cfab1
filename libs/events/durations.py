"""The one definition of durations, on both sides of the wire."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

MILLISECOND = timedelta(milliseconds=1)
LONGEST_MS = 24 * 60 * 60 * 1000
"""No wait or service of a service day is longer; what is, is a wrong clock."""


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC; raises ValueError where UTC has no date for it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the calendar") from None


Milliseconds = Annotated[int, Field(ge=0, le=10**15)]
"""A duration or a sum of durations; sums hold plausible durations only."""


def between(start: datetime, end: datetime) -> int:
    """Whole milliseconds from ``start`` to ``end``, rounded down; negative if ``end`` is earlier.

    SQL says the same as ``floor(extract(epoch FROM (later - earlier)) * 1000)``.
    """
    return (end - start) // MILLISECOND


def plausible(milliseconds: int) -> bool:
    """Whether a duration may enter a sum or a histogram: from 0 to 24 hours, inclusive.

    Others are kept and counted as implausible, on the site's side as on the nation's.
    """
    return 0 <= milliseconds <= LONGEST_MS


def cut_to_hour(moment: datetime) -> datetime:
    """The start of the hour that holds ``moment``."""
    return moment.replace(minute=0, second=0, microsecond=0)
