"""How fast one machine may ask: a bucket that fills by itself. And how often the same is told."""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

MOST_BUCKETS = 1000
"""Buckets that are remembered: more machines than any office has."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much may be asked: ``burst`` at once, and ``per_second`` in the long run."""

    per_second: float
    burst: int


TICKETS_PER_KIOSK = Pace(per_second=1.0, burst=10)
"""Nobody takes tickets faster at one machine; a script in its place would use up a series of 9999
numbers in a minute and a half."""


class Buckets:
    """A bucket for each machine that asked lately."""

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        self._full_at: dict[int, float] = {}
        """When each machine's bucket is full again; one that is full is not remembered."""

    def take(self, machine: int) -> int | None:
        """Take one for ``machine``: None, or after how many whole seconds to ask again."""
        now, each = self._clock(), 1 / self._pace.per_second
        full_at = max(self._full_at.get(machine, now), now) + each
        late = full_at - now - each * self._pace.burst
        # A sum of many small numbers is not exact: what is missing by less than this is there.
        if late > each * 1e-6:
            return math.ceil(late)
        if machine not in self._full_at and len(self._full_at) >= MOST_BUCKETS:
            self._forget(now)
        self._full_at[machine] = full_at
        return None

    def _forget(self, now: float) -> None:
        """Forget the buckets that are full, and where none is, the one that is fullest."""
        kept = {machine: at for machine, at in self._full_at.items() if at > now}
        if len(kept) >= MOST_BUCKETS:
            del kept[min(kept, key=lambda machine: kept[machine])]
        self._full_at = kept


SAME_AGAIN_SECONDS = 60.0
MOST_TOLD = 1000


class Told:
    """What was told lately: the same is told again once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[Hashable, float] = {}

    def is_new(self, what: Hashable) -> bool:
        """Whether ``what`` was not told in the last minute; it is from now on."""
        now = self._clock()
        if now - self._told.get(what, float("-inf")) < SAME_AGAIN_SECONDS:
            return False
        if len(self._told) >= MOST_TOLD:
            lately = {one: at for one, at in self._told.items() if now - at < SAME_AGAIN_SECONDS}
            # So many at once are not people: what is forgotten is at worst told twice.
            self._told = lately if len(lately) < MOST_TOLD else {}
        self._told[what] = now
        return True
