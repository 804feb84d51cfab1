"""Coverage: which days are due, and what is known of them."""

from datetime import UTC, date, datetime

from services.reporting.figures.coverage import (
    Coverage,
    DayState,
    Reach,
    SiteDay,
    coverage,
    days_of_site,
)
from services.reporting.model.periods import PeriodKind, period_of

MARCH = period_of(PeriodKind.MONTH, date(2026, 3, 1))
TODAY = date(2026, 3, 13)
REACH = Reach(date(2026, 3, 4), date(2026, 3, 10), datetime(2026, 3, 10, 9, tzinfo=UTC))


def weekday(day: date) -> bool:
    return day.weekday() < 5


def day(of_march: int, state: DayState) -> SiteDay:
    return SiteDay(date(2026, 3, of_march), state, None, 1)


def test_days_are_due_from_the_first_known_one_to_yesterday() -> None:
    known = [day(4, DayState.COMPLETE), day(5, DayState.ARRIVING), day(10, DayState.OPEN)]
    days = days_of_site(MARCH, {one.day: one for one in known}, REACH, weekday, TODAY)
    assert [(one.day.day, one.state) for one in days] == [
        (4, DayState.COMPLETE),
        (5, DayState.ARRIVING),
        (6, DayState.MISSING),
        (9, DayState.MISSING),
        (10, DayState.OPEN),
        (11, DayState.MISSING),
        (12, DayState.MISSING),
    ]
    counted = coverage(days)
    assert counted == Coverage(days=7, complete=1, arriving=1, open=1, missing=4)
    assert counted.share == 1 / 7


def test_a_day_worked_on_a_sunday_counts_when_it_is_there() -> None:
    sunday = day(8, DayState.COMPLETE)
    days = days_of_site(MARCH, {sunday.day: sunday}, REACH, lambda _: False, TODAY)
    assert coverage(days) == Coverage(days=1, complete=1)


def test_a_site_of_which_nothing_has_come_owes_nothing() -> None:
    assert days_of_site(MARCH, {}, None, weekday, TODAY) == ()
    assert coverage(()).share is None
