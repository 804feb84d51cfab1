"""Durations by cell: frozen boundaries, exact shares, percentiles within 2.5 %."""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from math import floor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.durations import LONGEST_MS
from libs.standards.cells import (
    BOUNDARIES_MS,
    RELATIVE_ERROR,
    cell_of,
    count_within,
    is_boundary,
    midpoint_ms,
    nearest_boundaries,
    percentile,
    share_within,
)

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
FROZEN = "0d2efda6f7c11817df6013a8e43d581b930c03475b6270637d6152db73453ef9"

durations = st.one_of(
    st.integers(0, LONGEST_MS),
    st.integers(0, 5 * MINUTE),
    st.integers(0, 60),
    st.sampled_from(BOUNDARIES_MS),
)


def exact_percentile(values: Sequence[int], q: float) -> float:
    """Type 7 of the values themselves."""
    ordered = sorted(values)
    rank = (len(ordered) - 1) * q
    low = floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (rank - low) * (ordered[high] - ordered[low])


def assert_close(found: float | None, exact: float) -> None:
    assert found is not None
    assert abs(found - exact) <= RELATIVE_ERROR * exact + 1e-6, f"{found} is not near {exact}"


def test_the_boundaries_are_frozen() -> None:
    digest = sha256(",".join(map(str, BOUNDARIES_MS)).encode()).hexdigest()
    assert digest == FROZEN, "stored rows hold cell numbers: a boundary may never change"


def test_the_boundaries_ascend_from_zero_to_a_day() -> None:
    assert BOUNDARIES_MS[0] == 0
    assert BOUNDARIES_MS[-1] == LONGEST_MS
    assert all(low < high for low, high in pairwise(BOUNDARIES_MS))


@pytest.mark.parametrize(
    "limit",
    [
        *(k * SECOND for k in range(1, 21)),
        *(k * SECOND for k in range(20, 121, 5)),
        *(k * SECOND for k in range(120, 301, 10)),
        *(k * SECOND for k in range(300, 601, 30)),
        *(k * MINUTE for k in range(10, 121)),
        *(k * 15 * MINUTE for k in range(8, 33)),
        *(k * HOUR for k in range(1, 25)),
    ],
)
def test_a_usual_limit_is_a_boundary(limit: int) -> None:
    assert is_boundary(limit)


def test_every_cell_is_narrow_enough_for_its_midpoint() -> None:
    for cell in range(1, len(BOUNDARIES_MS)):
        middle = midpoint_ms(cell)
        for edge in (BOUNDARIES_MS[cell - 1] + 1, BOUNDARIES_MS[cell]):
            assert abs(middle - edge) <= RELATIVE_ERROR * edge, cell


def test_zero_has_a_cell_of_its_own() -> None:
    assert cell_of(0) == 0
    assert cell_of(1) == 1
    assert midpoint_ms(0) == 0


def test_a_limit_belongs_to_the_cell_below_it() -> None:
    assert cell_of(60 * SECOND) + 1 == cell_of(60 * SECOND + 1)


@given(durations)
def test_a_duration_lies_in_its_cell(ms: int) -> None:
    cell = cell_of(ms)
    assert ms <= BOUNDARIES_MS[cell]
    assert cell == 0 or ms > BOUNDARIES_MS[cell - 1]


@pytest.mark.parametrize("ms", [-1, LONGEST_MS + 1])
def test_an_implausible_duration_has_no_cell(ms: int) -> None:
    with pytest.raises(ValueError, match="no plausible duration"):
        cell_of(ms)


@pytest.mark.parametrize("cell", [-1, len(BOUNDARIES_MS)])
def test_a_number_beyond_the_list_is_no_cell(cell: int) -> None:
    with pytest.raises(IndexError):
        midpoint_ms(cell)


@given(st.lists(durations, min_size=1, max_size=200), st.floats(0, 1))
def test_a_percentile_is_within_the_error(values: list[int], q: float) -> None:
    assert_close(percentile(Counter(map(cell_of, values)), q), exact_percentile(values, q))


@given(st.lists(durations, min_size=1, max_size=50), st.sampled_from(BOUNDARIES_MS))
def test_a_share_within_a_boundary_is_exact(values: list[int], limit: int) -> None:
    counts = Counter(map(cell_of, values))
    within = sum(value <= limit for value in values)
    assert count_within(counts, limit) == within
    assert share_within(counts, limit) == within / len(values)


@given(st.lists(durations), st.lists(durations), st.sampled_from(BOUNDARIES_MS))
def test_cells_of_two_days_merge_by_addition(one: list[int], two: list[int], limit: int) -> None:
    merged = Counter(map(cell_of, one)) + Counter(map(cell_of, two))
    assert merged == Counter(map(cell_of, one + two))
    assert share_within(merged, limit) == share_within(Counter(map(cell_of, one + two)), limit)


def test_of_nothing_there_is_no_figure() -> None:
    assert percentile({}, 0.5) is None
    assert share_within({}, 60 * SECOND) is None


def test_a_quantile_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        percentile({1: 1}, 90)


def test_a_limit_that_is_no_boundary_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="431 s is no boundary of a cell") as refused:
        share_within({1: 1}, 431 * SECOND)
    assert "420 s or 450 s" in str(refused.value)


def test_the_nearest_boundaries_are_whole_seconds() -> None:
    assert nearest_boundaries(7 * MINUTE + 1) == (7 * MINUTE, 7 * MINUTE + 30 * SECOND)
    assert nearest_boundaries(127 * MINUTE) == (2 * HOUR, 2 * HOUR + 15 * MINUTE)
    assert nearest_boundaries(LONGEST_MS + 1) == (LONGEST_MS,)
    assert nearest_boundaries(1) == (SECOND,)
    assert not is_boundary(LONGEST_MS + 1)


REAL_DAY = Path(
    os.environ.get("SADUAK_REAL_DAY")
    or Path(__file__).parents[3] / "shared/data/real_day_visits.csv"
)


@pytest.mark.skipif(not REAL_DAY.exists(), reason=f"{REAL_DAY} is not here (SADUAK_REAL_DAY)")
def test_a_real_day_of_waits() -> None:
    waits: dict[str, list[int]] = {}
    services: dict[str, list[int]] = {}
    with REAL_DAY.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["outcome"] == "AGENT":
                waits.setdefault(row["type"], []).append(int(row["q_time"]) * SECOND)
                services.setdefault(row["type"], []).append(int(row["ser_time"]) * SECOND)
    assert len(waits["PS"]) == 1120
    for values in (
        *waits.values(),
        *services.values(),
        [ms for some in waits.values() for ms in some],
    ):
        counts = Counter(map(cell_of, values))
        for q in (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99):
            assert_close(percentile(counts, q), exact_percentile(values, q))
        for limit in (20, 60, 120, 300, 900):
            within = sum(value <= limit * SECOND for value in values)
            assert count_within(counts, limit * SECOND) == within
