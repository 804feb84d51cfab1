"""Which moments are of a service day, by the clock on the office's wall."""

from datetime import UTC, date, datetime, timedelta, timezone

from services.ticketing.model.service_day import lies_on, within_reach

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
