"""Which moments are of a service day, by the clock on the office's wall."""

from datetime import UTC, date, datetime, timedelta, timezone

from services.ticketing.model.service_day import is_over, lies_on, within_reach

DAY = date(2026, 3, 2)
MIDNIGHT = datetime(2026, 3, 1, 17, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def test_a_day_lasts_from_midnight_to_midnight() -> None:
    day = timedelta(days=1)
    tried = (MIDNIGHT - INSTANT, MIDNIGHT, MIDNIGHT + day - INSTANT, MIDNIGHT + day)
    assert [lies_on(DAY, moment) for moment in tried] == [False, True, True, False]


def test_what_is_of_a_day_ends_with_the_next_at_the_latest() -> None:
    two = timedelta(days=2)
    tried = (MIDNIGHT - INSTANT, MIDNIGHT, MIDNIGHT + two - INSTANT, MIDNIGHT + two)
    assert [within_reach(DAY, moment) for moment in tried] == [False, True, True, False]


def test_the_ends_of_the_calendar_are_of_no_day() -> None:
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
    assert not lies_on(date.max, last)
    assert not within_reach(date.max - timedelta(days=2), last)


def test_a_day_is_over_when_the_next_begins_on_the_offices_wall() -> None:
    day = timedelta(days=1)
    tried = (MIDNIGHT - day, MIDNIGHT, MIDNIGHT + day - INSTANT, MIDNIGHT + day, MIDNIGHT + 9 * day)
    assert [is_over(DAY, moment) for moment in tried] == [False, False, False, True, True]


def test_no_day_is_over_at_a_moment_that_has_no_date_here() -> None:
    assert not is_over(DAY, datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))))
