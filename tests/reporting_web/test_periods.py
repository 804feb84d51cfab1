"""Periods: whole calendar units, named in Buddhist years."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.periods import (
    EARLIEST,
    LONGEST_DAYS,
    Period,
    PeriodFault,
    PeriodKind,
    fiscal_year_of,
    period_of,
    range_of,
)

TODAY = date(2026, 3, 18)
KINDS = st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.RANGE])
DAYS = st.dates(date(1995, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2021, 9, 30), 2564), (date(2021, 10, 1), 2565), (date(2022, 9, 30), 2565)],
)
def test_a_fiscal_year_is_named_by_the_year_it_ends_in(day: date, year: int) -> None:
    assert fiscal_year_of(day) == year
    assert period_of(PeriodKind.YEAR, day).fiscal_year == year


def test_the_units_that_hold_a_day() -> None:
    day = date(2026, 2, 18)
    assert period_of(PeriodKind.WEEK, day).first == date(2026, 2, 16)
    assert period_of(PeriodKind.MONTH, day).last == date(2026, 2, 28)
    assert period_of(PeriodKind.YEAR, day).first == date(2025, 10, 1)


@given(KINDS, DAYS)
def test_units_follow_each_other_without_hole_or_overlap(kind: PeriodKind, day: date) -> None:
    period = period_of(kind, day)
    assert period.first <= day <= period.last
    after = period.after()
    assert after is not None
    assert after.first - period.last == timedelta(days=1)
    assert after.before() == period
    assert len(list(period.days())) == (period.last - period.first).days + 1


@given(KINDS, st.dates(date(1995, 1, 1), TODAY))
def test_a_range_that_is_a_unit_is_called_that(kind: PeriodKind, day: date) -> None:
    period = period_of(kind, day)
    assert range_of(period.first, period.last, TODAY) == period


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "exchange them"),
        (date(2026, 3, 19), date(2026, 3, 20), "future"),
        (date(2026, 3, 1) - timedelta(days=LONGEST_DAYS), date(2026, 3, 1), "ask for less"),
        (date(1980, 3, 1), date(1980, 3, 1), "no figures reach back"),
    ],
)
def test_a_range_that_cannot_be_answered(first: date, last: date, why: str) -> None:
    with pytest.raises(PeriodFault, match=why):
        range_of(first, last, TODAY)


def test_before_and_after_a_range() -> None:
    period = range_of(date(2026, 3, 3), date(2026, 3, 5), TODAY)
    after = period.after()
    assert period.before() == Period(date(2026, 2, 28), date(2026, 3, 2))
    assert after is not None
    assert after.before() == period


@given(KINDS, st.dates())
def test_the_ends_of_the_calendar_are_no_fault_of_ours(kind: PeriodKind, day: date) -> None:
    try:
        period = period_of(kind, day)
        answered = range_of(period.first, period.last, TODAY)
    except PeriodFault:
        assert day.year < 1991 or day > TODAY
        return
    for beside in (answered.before(), answered.after()):
        assert beside is None or beside.first <= beside.last
    assert answered.first >= EARLIEST


@pytest.mark.parametrize("day", [date(2569, 3, 16), date(2643, 12, 31)])
def test_a_buddhist_year_is_told_what_to_write(day: date) -> None:
    with pytest.raises(PeriodFault, match=str(day.year - 543)):
        range_of(day, day, TODAY)
