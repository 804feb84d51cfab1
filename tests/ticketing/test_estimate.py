"""The wait estimate: a range that grows with those ahead and shrinks with counters."""

from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.model.estimate import (
    ENOUGH,
    MINUTE_MS,
    BusyCounter,
    Pace,
    RecentService,
    estimate,
    paces,
)

PACE = {"INF": Pace(4 * MINUTE_MS, MINUTE_MS), "ADV": Pace(20 * MINUTE_MS, 8 * MINUTE_MS)}
services = st.sampled_from(sorted(PACE))
ahead = st.lists(services, max_size=20)
busy = st.builds(BusyCounter, services, st.integers(0, 3_600_000))


@given(ahead, st.lists(busy, max_size=4), st.integers(0, 4))
def test_it_is_a_range_of_whole_minutes(
    queue: list[str], counters: list[BusyCounter], idle: int
) -> None:
    found = estimate(queue, counters, len(counters) + idle, PACE)
    if not counters and not idle:
        assert found is None
        return
    assert found is not None
    assert 0 <= found.likely_ms <= found.pessimistic_ms
    assert found.likely_ms % MINUTE_MS == found.pessimistic_ms % MINUTE_MS == 0


@given(ahead, services, st.lists(busy, max_size=4), st.integers(1, 4))
def test_one_more_ahead_never_makes_it_shorter_nor_one_more_counter_longer(
    queue: list[str], newcomer: str, counters: list[BusyCounter], idle: int
) -> None:
    open_now = len(counters) + idle
    before = estimate(queue, counters, open_now, PACE)
    longer = estimate([*queue, newcomer], counters, open_now, PACE)
    helped = estimate(queue, counters, open_now + 1, PACE)
    assert before is not None
    assert longer is not None
    assert helped is not None
    assert helped.likely_ms <= before.likely_ms <= longer.likely_ms


def test_with_a_free_counter_and_nobody_ahead_there_is_no_wait() -> None:
    found = estimate([], [BusyCounter("ADV", 0)], 2, PACE)
    assert found is not None
    assert (found.likely_ms, found.pessimistic_ms) == (0, 0)


def test_visitors_ahead_go_to_the_counter_that_is_free_first() -> None:
    # Counters are free after 4 and 20 minutes; the one ahead takes the first until minute 8.
    found = estimate(["INF"], [BusyCounter("INF", 0), BusyCounter("ADV", 0)], 2, PACE)
    assert found is not None
    assert found.likely_ms == 8 * MINUTE_MS


def test_what_is_not_known_is_not_guessed() -> None:
    assert estimate(["INF", "MED"], [], 2, PACE) is None
    assert estimate([], [], 0, PACE) is None


def test_the_pace_is_that_of_the_hour_where_enough_is_known_else_of_the_service() -> None:
    morning = [RecentService("INF", 9, 2 * MINUTE_MS)] * ENOUGH
    afternoon = [RecentService("INF", 14, 6 * MINUTE_MS)] * (ENOUGH // 2)
    found = paces([*morning, *afternoon], 9, ["INF", "MED"])
    assert found["INF"].mean_ms == 2 * MINUTE_MS
    later = paces([*morning, *afternoon], 14, ["INF"])
    assert 2 * MINUTE_MS < later["INF"].mean_ms < 6 * MINUTE_MS
    assert paces(afternoon, 14, ["INF"]) == {}


def test_a_wrong_clock_does_not_enter_the_pace() -> None:
    known = [RecentService("INF", 9, 2 * MINUTE_MS)] * ENOUGH
    wrong = [RecentService("INF", 9, -5), RecentService("INF", 9, 90_000_000)]
    assert paces([*known, *wrong], 9, ["INF"])["INF"].mean_ms == 2 * MINUTE_MS
