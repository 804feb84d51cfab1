"""Cells of durations: small integers that merge by addition, whatever day or site they are from.

Cell 0 holds exactly 0 ms; cell *i* holds the durations over ``BOUNDARIES_MS[i - 1]`` up to and
with ``BOUNDARIES_MS[i]``. So a count within a published limit is exact, and a percentile read
from cells lies within :data:`RELATIVE_ERROR` of the exact one.
"""

from bisect import bisect_left
from collections.abc import Mapping
from math import floor

from libs.standards.boundaries import BOUNDARIES_MS

__all__ = [
    "BOUNDARIES_MS",
    "RELATIVE_ERROR",
    "cell_of",
    "count_within",
    "is_boundary",
    "midpoint_ms",
    "nearest_boundaries",
    "percentile",
    "share_within",
]

_LIMITS_MS = tuple(ms for ms in BOUNDARIES_MS if ms > 0 and ms % 1000 == 0)

RELATIVE_ERROR = 0.025
"""α: how far a percentile may lie from the exact one, as a share of the exact one."""


def cell_of(ms: int) -> int:
    """The cell of a plausible duration (0 ms to 24 h, inclusive); others raise ValueError."""
    if not 0 <= ms <= BOUNDARIES_MS[-1]:
        raise ValueError(f"{ms} ms is no plausible duration: it must lie from 0 to 24 hours")
    return bisect_left(BOUNDARIES_MS, ms)


def midpoint_ms(cell: int) -> float:
    """The duration that stands for all of ``cell``: 2ab / (a + b) of its smallest a and largest b.

    The relative error is then the same at both ends, (b - a) / (b + a) (Masson, Rim and Lee,
    DDSketch, VLDB 2019). Raises IndexError for a number that is no cell.
    """
    if cell < 0:
        raise IndexError(f"{cell} is no cell")
    largest = BOUNDARIES_MS[cell]
    if cell == 0:
        return float(largest)
    smallest = BOUNDARIES_MS[cell - 1] + 1
    return 2 * smallest * largest / (smallest + largest)


def is_boundary(ms: int) -> bool:
    """Whether a share within ``ms`` can be told exactly."""
    index = bisect_left(BOUNDARIES_MS, ms)
    return index < len(BOUNDARIES_MS) and BOUNDARIES_MS[index] == ms


def nearest_boundaries(ms: int) -> tuple[int, ...]:
    """The nearest boundaries below and above ``ms`` that are whole seconds, as people say them."""
    index = bisect_left(_LIMITS_MS, ms)
    return _LIMITS_MS[max(index - 1, 0) : index + 1]


def percentile(counts: Mapping[int, int], q: float) -> float | None:
    """The ``q`` quantile (0 to 1) in milliseconds of durations counted by cell; None of none.

    Type 7 (Hyndman and Fan, 1996): linear between the two order statistics around (n - 1)q, each
    taken at its cell's midpoint.
    """
    if not 0 <= q <= 1:
        raise ValueError(f"a quantile lies from 0 to 1, not at {q}")
    total = sum(counts.values())
    if total == 0:
        return None
    rank = (total - 1) * q
    lower = floor(rank)
    below = _order_statistic_ms(counts, lower)
    above = _order_statistic_ms(counts, min(lower + 1, total - 1))
    return below + (rank - lower) * (above - below)


def _order_statistic_ms(counts: Mapping[int, int], rank: int) -> float:
    """The midpoint of the cell that holds the ``rank``-th smallest duration, from 0."""
    passed = 0
    for cell in sorted(counts):
        passed += counts[cell]
        if rank < passed:
            return midpoint_ms(cell)
    raise IndexError(f"rank {rank} of {passed}")


def count_within(counts: Mapping[int, int], limit_ms: int) -> int:
    """How many durations are at most ``limit_ms``, exactly.

    Raises ValueError, naming the nearest boundaries, where the limit is none.
    """
    if not is_boundary(limit_ms):
        near = " or ".join(f"{limit // 1000} s" for limit in nearest_boundaries(limit_ms))
        raise ValueError(f"{limit_ms / 1000:g} s is no boundary of a cell; the nearest: {near}")
    last = bisect_left(BOUNDARIES_MS, limit_ms)
    return sum(n for cell, n in counts.items() if cell <= last)


def share_within(counts: Mapping[int, int], limit_ms: int) -> float | None:
    """The share (0 to 1) of durations of at most ``limit_ms``, exactly; None of none.

    Raises ValueError where the limit is no boundary.
    """
    within = count_within(counts, limit_ms)
    total = sum(counts.values())
    return within / total if total else None
