"""Which moments belong to a service day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

OFFICE_TIME = ZoneInfo("Asia/Bangkok")
LATEST_END = timedelta(days=1)
"""A day that visitors came late on may end after midnight, and no later than the next day does."""


def lies_on(day: date, moment: datetime) -> bool:
    """Whether ``moment`` is of ``day`` by the clock on the office's wall."""
    return _local(moment) == day


def is_over(day: date, moment: datetime) -> bool:
    """Whether the date of ``day`` is over at ``moment``: if the day is open, its closing was
    forgotten."""
    local = _local(moment)
    return local is not None and day < local


def within_reach(day: date, moment: datetime) -> bool:
    """Whether something of service day ``day`` can have happened at ``moment``."""
    local = _local(moment)
    return local is not None and day <= local <= day + LATEST_END


def _local(moment: datetime) -> date | None:
    try:
        return moment.astimezone(OFFICE_TIME).date()
    except OverflowError:  # the ends of the calendar have no date everywhere
        return None
