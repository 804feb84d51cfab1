"""Dates, times and durations as people say them."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.codes import Language
from libs.service import formats

TH, EN = Language.THAI, Language.ENGLISH
languages = st.sampled_from(list(Language))
DAY = date(2021, 12, 2)
UNITS = {
    "วัน": 86_400, "ชั่วโมง": 3_600, "นาที": 60, "วินาที": 1,
    "day": 86_400, "hour": 3_600, "minute": 60, "second": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("milliseconds", "thai", "english"),
    [
        (0, "0 วินาที", "0 seconds"),
        (1_000, "1 วินาที", "1 second"),
        (270_000, "4 นาที 30 วินาที", "4 minutes 30 seconds"),
        (59_600, "1 นาที", "1 minute"),
        (3_599_600, "1 ชั่วโมง", "1 hour"),
        (3_900_000, "1 ชั่วโมง 5 นาที", "1 hour 5 minutes"),
        (86_399_000, "1 วัน", "1 day"),
        (100_000_000, "1 วัน 4 ชั่วโมง", "1 day 4 hours"),
        (-90_000, "−1 นาที 30 วินาที", "−1 minute 30 seconds"),
    ],
)
def test_durations(milliseconds: int, thai: str, english: str) -> None:
    assert formats.duration(milliseconds, TH) == thai
    assert formats.duration(milliseconds, EN) == english


@given(st.integers(0, 40 * 86_400_000), languages)
def test_a_duration_read_back_is_within_its_rounding(milliseconds: int, language: Language) -> None:
    said = formats.duration(milliseconds, language)
    parts = re.findall(r"(\d+) (\S+?)s?(?= |$)", said)
    seconds = sum(int(count) * UNITS[unit] for count, unit in parts)
    largest = max((UNITS[unit] for _, unit in parts), default=1)
    rounding_ms = {1: 500, 60: 500, 3_600: 30_000, 86_400: 1_800_000}[largest]
    assert abs(seconds * 1000 - milliseconds) <= rounding_ms
    assert len(parts) <= 2
    assert all(int(count) < 60 for count, unit in parts if unit not in {"วัน", "day"})


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_a_longer_wait_is_never_said_shorter(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert formats.wait_range(low, high, TH)
    numbers = [int(n) for n in re.findall(r"\d+", formats.wait_range(low, high, EN))]
    assert numbers == sorted(numbers)
    assert numbers[-1] * 60_000 >= high


def test_wait_ranges() -> None:
    assert formats.wait_range(600_000, 1_500_000, TH) == "ประมาณ 10–25 นาที"
    assert formats.wait_range(600_000, 600_000, EN) == "about 10 minutes"
    assert formats.wait_range(0, 240_000, EN) == "up to 4 minutes"
    assert formats.wait_range(0, 0, TH) == "ไม่เกิน 1 นาที"


def test_dates_have_buddhist_years() -> None:
    assert formats.full_date(DAY, TH) == "วันพฤหัสบดีที่ 2 ธันวาคม 2564"
    assert formats.full_date(DAY, EN) == "Thursday 2 December B.E. 2564"
    assert formats.short_date(DAY, TH) == "2 ธ.ค. 2564"
    assert formats.short_date(DAY, EN) == "2 Dec 2564"
    assert formats.month_name(DAY, TH) == "ธันวาคม 2564"


def test_times_are_bangkoks() -> None:
    late = datetime(2021, 12, 1, 17, 5, tzinfo=UTC)
    assert formats.local_date(late) == DAY
    assert formats.clock_time(late, TH) == "00:05 น."
    assert formats.date_and_time(late, EN) == "2 Dec 2564, 00:05"
    assert formats.date_and_time(late, TH) == "2 ธ.ค. 2564 00:05 น."


@given(st.dates(), languages)
def test_every_date_names_its_own_day_and_year(day: date, language: Language) -> None:
    for form in (formats.full_date, formats.long_date, formats.short_date):
        numbers = [int(n) for n in re.findall(r"\d+", form(day, language))]
        assert numbers == [day.day, day.year + 543]


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_percentage_is_rounded_half_up(part: int, whole: int) -> None:
    said = float(formats.percent(part, whole).removesuffix(" %"))
    assert abs(said - 100 * part / whole) <= 0.05 + 1e-9


def test_numbers() -> None:
    assert formats.percent(0, 0) == "–"
    assert formats.percent(1, 8) == "12.5 %"
    assert formats.number(1234567) == "1,234,567"


def test_seconds_of_the_clock_are_told_where_the_order_counts() -> None:
    moment = datetime(2021, 12, 2, 6, 5, 9, tzinfo=UTC)
    assert formats.clock_seconds(moment, TH) == "13:05:09 น."
    assert formats.clock_seconds(moment, EN) == "13:05:09"
