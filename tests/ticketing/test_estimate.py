"""The wait estimate: a range that grows with those ahead and shrinks with counters."""

from hypothesis import given
from hypothesis import strategies as st

from libs.events.codes import Language
from libs.service.formats import wait_range
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


def test_with_a_free_counter_and_nobody_ahead_what_is_shown_is_what_is_promised() -> None:
    """The visitor reads "up to 1 minute": a promise of 0 ms would be broken after 3 seconds."""
    found = estimate([], [BusyCounter("ADV", 0)], 2, PACE)
    assert found is not None
    assert (found.likely_ms, found.pessimistic_ms) == (0, MINUTE_MS)
    assert wait_range(found.likely_ms, found.pessimistic_ms, Language.ENGLISH) == "up to 1 minute"


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


def test_the_pessimistic_wait_is_what_nineteen_in_twenty_do_not_exceed() -> None:
    """1.645 · √(Σσ²) / counters beside the likely wait, whose services it sums."""
    # One counter; ahead: one ADV (20 ± 8) and one INF (4 ± 1): 24 + 1.645 · √65 = 37.26.
    one = estimate(["ADV", "INF"], [], 1, PACE)
    assert one is not None
    assert (one.likely_ms, one.pessimistic_ms) == (24 * MINUTE_MS, 38 * MINUTE_MS)
    # The one being served counts too: 10 of 20 minutes are over; 14 + 1.645 · √65.
    busy = estimate(["INF"], [BusyCounter("ADV", 10 * MINUTE_MS)], 1, PACE)
    assert busy is not None
    assert (busy.likely_ms, busy.pessimistic_ms) == (14 * MINUTE_MS, 28 * MINUTE_MS)
    # Two counters share the work: 20 + 1.645 · √(64 · 3) / 2 = 31.4.
    two = estimate(["ADV"] * 3, [], 2, PACE)
    assert two is not None
    assert (two.likely_ms, two.pessimistic_ms) == (20 * MINUTE_MS, 32 * MINUTE_MS)


def test_the_likely_wait_is_rounded_to_the_nearest_minute_and_the_pessimistic_one_up() -> None:
    pace = {"A": Pace(MINUTE_MS * 1.4, 0), "B": Pace(MINUTE_MS * 1.6, 0)}
    down, up = estimate(["A"], [], 1, pace), estimate(["B"], [], 1, pace)
    assert down is not None
    assert up is not None
    assert (down.likely_ms, down.pessimistic_ms) == (MINUTE_MS, 2 * MINUTE_MS)
    assert (up.likely_ms, up.pessimistic_ms) == (2 * MINUTE_MS, 2 * MINUTE_MS)


def test_the_pace_is_of_an_hour_on_either_side_and_knows_how_much_services_vary() -> None:
    def services(hour: int, *minutes: int) -> list[RecentService]:
        times = [RecentService("INF", hour, one * MINUTE_MS) for one in minutes]
        return times * (ENOUGH // len(minutes))

    recent = [*services(9, 2, 6), *services(11, 10), *services(12, 100)]
    assert paces(recent, 8, ["INF"])["INF"] == Pace(4 * MINUTE_MS, 2 * MINUTE_MS)
    assert paces(recent, 10, ["INF"])["INF"].mean_ms == 7 * MINUTE_MS
