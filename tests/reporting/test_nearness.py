"""What lies too far ahead of the broker's clock is refused: the edges, to the day and moment."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.catalogue import Unknown, read
from services.reporting.ingest.messages import Reason, Refusal, sort
from services.reporting.model.horizon import EPOCH, horizon, too_far_ahead
from tests.reporting.messages import altered, calls
from tests.reporting.streams import Message, SiteStreams, local

EVENING = datetime(2026, 3, 2, 16, 59, 59, 999_000, tzinfo=UTC)
"""One millisecond before midnight in Bangkok."""


def ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def refused(message: Message, at: datetime, **changed: object) -> str | None:
    """The detail of the refusal, if the message that comes at ``at`` is refused as ahead."""
    (found,) = sort([altered(message, **changed)._replace(timestamp=ms(at))]).found
    if not isinstance(found, Refusal):
        return None
    assert found.reason is Reason.AHEAD
    assert found.key is not None
    return found.detail


@pytest.mark.parametrize(
    ("day", "at", "is_taken"),
    [
        ("2026-03-02", EVENING, True),
        ("2026-03-03", EVENING, True),
        ("2026-03-04", EVENING, False),
        ("2026-03-04", EVENING + timedelta(milliseconds=1), True),
        ("2026-03-05", EVENING + timedelta(milliseconds=1), False),
        ("2015-01-01", EVENING, True),
        ("2100-12-31", EVENING, False),
    ],
)
def test_a_live_service_day_is_one_day_ahead_at_most(
    day: str, at: datetime, *, is_taken: bool
) -> None:
    detail = refused(calls(1)[0], at, serviceday=day)
    assert (detail is None) is is_taken
    if detail is not None:
        assert detail.startswith(f"serviceday: {day} lies ahead of the broker's clock")


@pytest.mark.parametrize("origin", ["import", "demo"])
def test_another_service_day_is_two_years_ahead_at_most(origin: str) -> None:
    (message,) = calls(1)
    assert refused(message, EVENING, origin=origin, serviceday="2028-03-02") is None
    assert refused(message, EVENING, origin=origin, serviceday="2028-03-03") is not None


@pytest.mark.parametrize("name", ["time", "recordedtime"])
def test_a_moment_is_two_years_ahead_at_most(name: str) -> None:
    (message,) = calls(1)
    edge = "2028-03-02T16:59:59.999Z"
    assert refused(message, EVENING, **{name: edge}) is None
    late = refused(message, EVENING, **{name: edge.replace(".999Z", ".999001Z")})
    assert late is not None
    assert late.startswith(f"{name}: ")


def test_a_rated_day_is_two_years_ahead_at_most() -> None:
    streams = SiteStreams("pjo-50", 1)
    for day in (date(2028, 3, 2), date(2028, 3, 3)):
        streams.answer(day, "INF", local(date(2026, 3, 2), 10, 0))
    near, far = streams.feedback.sent
    assert refused(altered(near, serviceday="2026-03-02"), EVENING) is None
    assert "data.visit_day" in (refused(altered(far, serviceday="2026-03-02"), EVENING) or "")


def test_the_twenty_ninth_of_february() -> None:
    assert horizon(ms(datetime(2028, 2, 29, 12, tzinfo=UTC))).day == date(2030, 2, 28)


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_timestamp_has_a_horizon(timestamp: int) -> None:
    assert horizon(timestamp).live_day >= date(1970, 1, 2)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 30)), st.integers(-800, 800))  # noqa: DTZ001
def test_what_is_past_is_never_ahead(day: datetime, offset: int) -> None:
    at = day.replace(tzinfo=UTC)
    found = read(calls(1)[0].value or b"")
    header = found.header if isinstance(found, Unknown) else found
    said = header.model_copy(
        update={"serviceday": at.date() + timedelta(days=offset), "time": at, "recordedtime": at}
    )
    local_day = (at + timedelta(hours=7)).date()
    is_ahead = too_far_ahead(said, None, ms(at)) is not None
    assert is_ahead is (said.serviceday > local_day + timedelta(days=1))
