"""How long a visitor will wait: a range, from the site's own recent services.

The counters' work is laid out as the office will do it: each counter is free when its present
service ends, and the visitors ahead go, in the queue's order, to the counter that is free first.
The newcomer's wait ends when a counter is free. *Likely* takes every service at its mean; it is
the mean of what the sum will be, where medians would promise too little.
*Pessimistic* adds z·√(Σσ²) / counters, with z = 1.645: of waits that vary as recent services
did, about nineteen in twenty end by then (a normal approximation of the sum).
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import fmean, pstdev

from libs.events.durations import LONGEST_MS, plausible

Z_ONE_IN_TWENTY = 1.645
ENOUGH = 8
"""From this many services on, their mean is worth showing."""
MINUTE_MS = 60_000
SOON_MS = MINUTE_MS
"""A service that already takes longer than usual is taken to end within this."""


@dataclass(frozen=True, slots=True)
class RecentService:
    """One service that ended lately: what, at which local hour it began, how long it took."""

    service: str
    hour: int
    ms: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a service takes: mean and standard deviation in milliseconds."""

    mean_ms: float
    deviation_ms: float


@dataclass(frozen=True, slots=True)
class BusyCounter:
    """A counter whose visitor has been served, or awaited, for ``elapsed_ms``."""

    service: str
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range of waiting time in milliseconds, whole minutes: what the visitor reads, and by which
    it is judged. The pessimistic end is a minute at least."""

    likely_ms: int
    pessimistic_ms: int


def paces(recent: Sequence[RecentService], hour: int, services: Sequence[str]) -> dict[str, Pace]:
    """The pace of each of ``services`` around local ``hour``.

    From the service's own recent times within an hour of ``hour`` where there are enough, else
    from all of its own, else from all services together; a service of which too little is known
    even so is left out.
    """
    known = [one for one in recent if plausible(one.ms)]
    found: dict[str, Pace] = {}
    for service in services:
        own = [one for one in known if one.service == service]
        near = [one for one in own if abs(one.hour - hour) <= 1]
        sample = next((some for some in (near, own, known) if len(some) >= ENOUGH), None)
        if sample is not None:
            times = [one.ms for one in sample]
            found[service] = Pace(fmean(times), pstdev(times))
    return found


def estimate(
    ahead: Sequence[str], busy: Sequence[BusyCounter], counters: int, pace: Mapping[str, Pace]
) -> Estimate | None:
    """The wait of a visitor behind ``ahead`` (services, in the queue's order).

    ``counters`` are open, of which ``busy`` have a visitor. None where no counter is open or the
    pace of a service concerned is not known: then nothing honest can be shown.
    """
    concerned = {*ahead, *(counter.service for counter in busy)}
    if counters < 1 or not concerned <= pace.keys():
        return None
    likely = _free_after(ahead, busy, counters, pace)
    awaited = [*ahead, *(counter.service for counter in busy)] if likely else ahead
    variance = sum(pace[service].deviation_ms ** 2 for service in awaited)
    spread = Z_ONE_IN_TWENTY * sqrt(variance) / counters
    # Nobody is told seconds: the likely wait to the nearest minute, the pessimistic one up. Where
    # nobody is ahead the visitor reads "up to 1 minute", and that is what is promised.
    return Estimate(
        likely_ms=_minutes(int(likely / MINUTE_MS + 0.5)),
        pessimistic_ms=_minutes(max(ceil((likely + spread) / MINUTE_MS), 1)),
    )


def _free_after(
    ahead: Sequence[str], busy: Sequence[BusyCounter], counters: int, pace: Mapping[str, Pace]
) -> float:
    """When the first counter is free for whoever comes after ``ahead``, in milliseconds."""
    free = [max(pace[one.service].mean_ms - one.elapsed_ms, SOON_MS) for one in busy]
    free += [0.0] * (counters - len(busy))
    heapq.heapify(free)
    for service in ahead:
        heapq.heapreplace(free, free[0] + pace[service].mean_ms)
    return free[0]


def _minutes(count: int) -> int:
    """So many minutes in milliseconds, as far as a wait is plausible."""
    return min(count * MINUTE_MS, LONGEST_MS)
