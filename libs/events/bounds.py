"""The bounds of everything that comes in: one table, held by the contract and by every edge.

A bound says what can be at all. Nearness to now is no bound: it is judged at admission, where a
clock can be trusted.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last service day that may be named; both inclusive.

    An instant lies in the span when its date in UTC does.
    """

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def holds_instant(self, moment: datetime) -> bool:
        return self.holds(moment.astimezone(UTC).date())


LIVE: Final = Span(date(2015, 1, 1), date(2100, 12, 31))
"""What happens now: live and demonstration events, bookings, notices, corrections."""

PAST: Final = Span(date(1990, 1, 1), LIVE.last)
"""What may be imported."""

CLOCK: Final = Span(date(1970, 1, 1), LIVE.last)
"""What a clock may say in a sign of life: a dead battery's 1970 must reach whoever can mend it."""

VALUE_BYTES: Final = 65_536
"""The largest value on a site's topic; a larger one is refused unparsed."""

CENTRE_VALUE_BYTES: Final = 1_048_576
"""The largest value that the centre writes."""

KEPT_BYTES: Final = 4096
"""What is kept of a refused value."""

UNPACKED_BYTES: Final = 1_048_576
"""What one batch of records may unpack to, whatever its codec."""

KEYS: Final = 4096
"""The most fields of one message, inner ones among them; a manifest of 200 services has 2,016."""

DEPTH: Final = 16
"""The most levels of one message; released types have four."""

EPOCH: Final = 1000
"""The highest epoch: a database is restored a few times in its life."""

SEQUENCE: Final = 2**53 - 1
"""The highest number in an epoch: what every JSON reader reads exactly."""

VISIT_EVENTS: Final = 500
"""The most events of one visit; an honest one has ten."""

OPEN_GAPS: Final = 1000
"""The most open gaps of one stream; with more it is stopped until a person has looked."""
