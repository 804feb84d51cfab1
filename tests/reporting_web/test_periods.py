"""Periods: whole calendar units, named in Buddhist years."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.model.periods import (
    EARLIEST,
    LONGEST_DAYS,
    PUBLIC,
    NotPublished,
    Period,
    PeriodFault,
    PeriodKind,
    fiscal_year_of,
    period_of,
    published_between,
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
    assert period_of(PeriodKind.QUARTER, day) == Period(
        date(2026, 1, 1), date(2026, 3, 31), PeriodKind.QUARTER
    )
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


@pytest.mark.parametrize(
    ("month", "quarter", "year"), [(10, 1, 2569), (12, 1, 2569), (1, 2, 2568), (9, 4, 2568)]
)
def test_the_quarters_of_a_fiscal_year(month: int, quarter: int, year: int) -> None:
    period = period_of(PeriodKind.QUARTER, date(2025, month, 17))
    assert (period.quarter, period.fiscal_year) == (quarter, year)
    assert period.first.month in (1, 4, 7, 10)


@given(st.sampled_from(PUBLIC), DAYS)
def test_a_public_period_lies_whole_in_every_longer_one(kind: PeriodKind, day: date) -> None:
    """Or else subtracting one from the other tells of the days that straddle."""
    inner = period_of(kind, day)
    for longer in PUBLIC[PUBLIC.index(kind) :]:
        outer = period_of(longer, day)
        assert outer.first <= inner.first
        assert inner.last <= outer.last


@given(st.sampled_from(PUBLIC), st.dates(date(1995, 1, 1), TODAY))
def test_calendar_periods_are_published(kind: PeriodKind, day: date) -> None:
    period = period_of(kind, day)
    assert published_between(period.first, period.last, TODAY) == period


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 3, 16), date(2026, 3, 18)),
        (date(2026, 3, 9), date(2026, 3, 15)),
        (date(2026, 3, 1), date(2026, 3, 30)),
        (date(2026, 2, 1), date(2026, 3, 31)),
        (date(2025, 11, 1), date(2026, 1, 31)),
        (date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_other_days_are_not_published_and_the_fault_says_which_are(first: date, last: date) -> None:
    with pytest.raises(NotPublished) as raised:
        published_between(first, last, TODAY)
    for kind in PUBLIC:
        whole = period_of(kind, first)
        assert f"{whole.first} to {whole.last}" in str(raised.value)
    assert range_of(first, last, TODAY).kind is PeriodKind.RANGE, "for operators"


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
