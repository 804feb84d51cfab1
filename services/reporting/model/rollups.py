"""The rollups: sums of contributions, each a table of keys and counters. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

Key: TypeAlias = tuple[str | int | date, ...]

UNKNOWN_SERVICE = "unknown"
"""The one code under which everything of services is counted that the standards don't know,
however many codes a site makes up. In small letters, so that it can be no service's own."""
COUNTING = 2
"""The number of the rules by which facts are counted. A release that counts otherwise has another
number, and makes all figures anew before it takes in anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Rollup:
    """A table of sums: what its rows are by, and what they count."""

    table: str
    keys: tuple[str, ...]
    counters: tuple[str, ...]


STEPS = Rollup(
    "step_rollup",
    ("site", "service_day", "service", "visitor_class", "hour"),
    (
        "steps",
        "served",
        "no_show",
        "left_waiting",
        "removed",
        "forgotten",
        "wait_n",
        "wait_ms",
        "service_n",
        "service_ms",
        "wait_met",
        "wait_missed",
        "service_met",
        "service_missed",
        "calls_in_order",
        "calls_out_of_order",
        "implausible",
        "lunch_served",
        "after_hours_served",
        "estimate_n",
        "estimate_within",
        "kiosk",
        "counter",
        "mobile",
        "online",
        "booked_n",
        "booked_on_time",
    ),
)
CELLS = Rollup(
    "step_cells",
    ("site", "service_day", "service", "visitor_class", "hour", "measure", "cell"),
    ("n",),
)
VISITS = Rollup("visit_rollup", ("site", "service_day"), ("visits", "ended", "total_n", "total_ms"))
FEEDBACK = Rollup(
    "feedback_rollup",
    ("site", "service_day", "service"),
    ("offers", "responses", "cleaned_responses", "issuer_known", "staff_issued"),
)
RATINGS = Rollup(
    "rating_rollup",
    ("site", "service_day", "service", "dimension", "level"),
    ("n", "cleaned_n"),
)
FEEDBACK_DAYS = Rollup(
    "feedback_day_rollup",
    ("site", "service_day", "service"),
    ("offers", "responses", "ratings", "levels"),
)
ROLLUPS = (STEPS, CELLS, VISITS, FEEDBACK, RATINGS, FEEDBACK_DAYS)


class Entry(NamedTuple):
    """What one fact adds to one row."""

    rollup: Rollup
    key: Key
    amounts: Mapping[str, int]


class Row(NamedTuple):
    """A row of a rollup, or a change to one; ``counts`` in the order of its counters."""

    key: Key
    counts: tuple[int, ...]


class Ledger:
    """A sum of entries by row: changes to be applied, or all that there is."""

    def __init__(self) -> None:
        self._rows: dict[Rollup, defaultdict[Key, defaultdict[str, int]]] = {
            rollup: defaultdict(_zeros) for rollup in ROLLUPS
        }

    def add(self, entries: Iterable[Entry]) -> None:
        for rollup, key, amounts in entries:
            row = self._rows[rollup][key]
            for counter, amount in amounts.items():
                row[counter] += amount

    def subtract(self, entries: Iterable[Entry]) -> None:
        for rollup, key, amounts in entries:
            row = self._rows[rollup][key]
            for counter, amount in amounts.items():
                row[counter] -= amount

    def days(self) -> set[date]:
        """The service days of which anything is counted."""
        keys = (key for rows in self._rows.values() for key in rows)
        return {part for key in keys for part in key if isinstance(part, date)}

    def rows(self, rollup: Rollup) -> Iterator[Row]:
        """The rows in which anything is not zero, in key order."""
        counters = rollup.counters
        for key, counts in sorted(self._rows[rollup].items(), key=_key):
            if any(counts.values()):
                yield Row(key, tuple([counts[counter] for counter in counters]))


def _zeros() -> defaultdict[str, int]:
    return defaultdict(int)


def _key(item: tuple[Key, object]) -> Key:
    return item[0]
