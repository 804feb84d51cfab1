"""A value that changes from day to day."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Period(Generic[T]):
    """A value and the days on which it holds: from ``start`` up to and with ``until``.

    Without ``until`` it holds until the next one starts.
    """

    start: date
    until: date | None
    value: T


class Timeline(Generic[T]):
    """What holds on a day; nothing, before the first period and between two."""

    __slots__ = ("_days", "_values")

    def __init__(self, periods: Iterable[Period[T]]) -> None:
        """Periods in any order; they must not overlap (see :func:`overlap`)."""
        changes: dict[date, T | None] = {}
        for period in sorted(periods, key=lambda period: period.start):
            changes[period.start] = period.value
            if period.until is not None:
                changes.setdefault(period.until + timedelta(days=1), None)
        self._days = sorted(changes)
        self._values = [changes[day] for day in self._days]

    def at(self, day: date) -> T | None:
        """The value that holds on ``day``."""
        index = bisect_right(self._days, day)
        return self._values[index - 1] if index else None

    @property
    def start(self) -> date | None:
        """The first day on which anything holds."""
        return self._days[0] if self._days else None


class Spans(Mapping[date, T]):
    """The value of each day of some periods that have an end; of two for one day the later holds.

    A day costs as much as there are periods, and a century no more than a day.
    """

    __slots__ = ("_periods",)

    def __init__(self, periods: Iterable[Period[T]]) -> None:
        self._periods = tuple(periods)

    def __getitem__(self, day: date) -> T:
        for period in reversed(self._periods):
            if period.start <= day <= (period.until or period.start):
                return period.value
        raise KeyError(day)

    def __iter__(self) -> Iterator[date]:
        days = {
            period.start + timedelta(days=ahead)
            for period in self._periods
            for ahead in range(((period.until or period.start) - period.start).days + 1)
        }
        return iter(sorted(days))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def overlap(earlier: Period[T], later: Period[T]) -> bool:
    """Whether two periods, ordered by start, claim the same day as their own."""
    return later.start == earlier.start or (
        earlier.until is not None and later.start <= earlier.until
    )


def overlaps(periods: Iterable[Period[T]]) -> list[tuple[Period[T], Period[T]]]:
    """Each period that claims days of the one before it, with that one."""
    ordered = sorted(periods, key=lambda period: period.start)
    return [(a, b) for a, b in pairwise(ordered) if overlap(a, b)]
