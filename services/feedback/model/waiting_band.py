"""How long a visitor waited, as coarsely as a rating may tell it."""

from datetime import datetime

from libs.events.codes import WaitingBand
from libs.events.durations import between, plausible

_MINUTE_MS = 60_000
_UPPER_LIMITS = (
    (5 * _MINUTE_MS, WaitingBand.UP_TO_5_MIN),
    (15 * _MINUTE_MS, WaitingBand.UP_TO_15_MIN),
    (30 * _MINUTE_MS, WaitingBand.UP_TO_30_MIN),
    (60 * _MINUTE_MS, WaitingBand.UP_TO_60_MIN),
)


def waiting_band(entered: datetime, first_called: datetime | None) -> WaitingBand:
    """The band of the wait from entering the queue to the first call; limits are inclusive.

    Unknown for a visitor who was never called, and where a wrong clock makes the wait
    implausible.
    """
    if first_called is None:
        return WaitingBand.UNKNOWN
    waited = between(entered, first_called)
    if not plausible(waited):
        return WaitingBand.UNKNOWN
    for limit, band in _UPPER_LIMITS:
        if waited <= limit:
            return band
    return WaitingBand.OVER_60_MIN
