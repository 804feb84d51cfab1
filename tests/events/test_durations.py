"""Instants and durations: one definition on both sides of the wire."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from libs.events.bounds import LIVE
from libs.events.durations import LONGEST_MS, between, cut_to_hour, plausible, to_utc

NOON = datetime(2026, 3, 2, 12, 34, 56, 789_123, tzinfo=UTC)


def test_an_hour_is_cut_to_its_start() -> None:
    assert cut_to_hour(NOON) == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_duration_is_rounded_down_and_may_be_negative() -> None:
    later = NOON + timedelta(microseconds=1_999)
    assert (between(NOON, later), between(later, NOON)) == (1, -2)


def test_a_duration_is_plausible_from_nothing_to_a_day() -> None:
    tried = (-1, 0, LONGEST_MS, LONGEST_MS + 1)
    assert [ms for ms in tried if plausible(ms)] == [0, 24 * 60 * 60 * 1000]


def test_a_moment_is_kept_in_utc() -> None:
    local = datetime(2026, 3, 2, 7, tzinfo=timezone(timedelta(hours=7)))
    assert to_utc(local) == datetime(2026, 3, 2, tzinfo=UTC)
    assert to_utc(local).tzinfo is UTC
    with pytest.raises(ValueError, match=r"^lies outside the calendar$"):
        to_utc(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=7))))


def test_the_day_of_an_instant_is_that_of_utc_wherever_the_machine_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Bangkok")
        time.tzset()
        last = datetime(2100, 12, 31, 23, 59, tzinfo=UTC)
        assert LIVE.holds_instant(last)
        assert to_utc(last.astimezone(timezone(timedelta(hours=7)))).tzinfo is UTC
    time.tzset()
