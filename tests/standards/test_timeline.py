"""What holds on a day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.standards.timeline import Period, Spans, Timeline, overlaps

FIRST = date(2025, 1, 1)
days = st.integers(0, 120).map(lambda ahead: FIRST + timedelta(days=ahead))


@st.composite
def separate_periods(draw: st.DrawFn) -> list[Period[int]]:
    starts = sorted(draw(st.sets(days, max_size=8)))
    periods: list[Period[int]] = []
    for number, start in enumerate(starts):
        until = draw(st.none() | days)
        following = starts[number + 1] if number + 1 < len(starts) else date.max
        if until is not None and not start <= until < following:
            until = None
        periods.append(Period(start, until, number))
    return draw(st.permutations(periods))


def slowly(periods: list[Period[int]], day: date) -> int | None:
    """The latest period that has begun, unless it has ended."""
    begun = [period for period in periods if period.start <= day]
    if not begun:
        return None
    latest = max(begun, key=lambda period: period.start)
    return None if latest.until is not None and day > latest.until else latest.value


@given(separate_periods(), days)
def test_the_latest_that_has_begun_and_not_ended_holds(
    periods: list[Period[int]], day: date
) -> None:
    assert overlaps(periods) == []
    assert Timeline(periods).at(day) == slowly(periods, day)


def test_the_next_one_may_start_the_day_after_the_last() -> None:
    timeline = Timeline([Period(date(2025, 2, 1), None, 2), Period(FIRST, date(2025, 1, 31), 1)])
    assert timeline.at(date(2025, 1, 31)) == 1
    assert timeline.at(date(2025, 2, 1)) == 2


def test_overlaps_are_told_with_the_one_before() -> None:
    first = Period(FIRST, date(2025, 1, 31), 1)
    second = Period(date(2025, 1, 31), None, 2)
    third = Period(date(2025, 1, 31), None, 3)
    assert overlaps([third, first, second]) == [(first, third), (third, second)]
    assert overlaps([first, Period(date(2025, 2, 1), None, 2)]) == []


def test_spans_are_the_days_of_their_periods() -> None:
    spans = Spans(
        [
            Period(date(2025, 1, 1), date(2025, 1, 3), "first"),
            Period(date(2025, 1, 3), date(2025, 1, 4), "second"),
            Period(date(1990, 1, 1), date(1990, 1, 1), "alone"),
        ]
    )
    assert dict(spans) == {
        date(1990, 1, 1): "alone",
        date(2025, 1, 1): "first",
        date(2025, 1, 2): "first",
        date(2025, 1, 3): "second",
        date(2025, 1, 4): "second",
    }
    assert len(spans) == 5
    assert spans.get(date(2025, 1, 5)) is None
