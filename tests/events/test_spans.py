"""The types of moments and days, made anew here: what they read, hold and write.

The released types are made when they are imported, with all that such a type does; so this is
where its rules can be seen at work one by one.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from libs.events.bounds import LIVE, PAST, Span
from libs.events.codes import Origin
from libs.events.envelope import day_span_of, span_of
from libs.events.moments import (
    DAY_FORM,
    MOMENT_FORM,
    OUT_OF_SPAN,
    DayWithin,
    OutOfSpan,
    Within,
    left_out,
    nearest,
    set_apart,
)

FIRST = datetime(2015, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
BANGKOK = timezone(timedelta(hours=7))


def moments() -> TypeAdapter[datetime]:
    return TypeAdapter(Annotated[datetime, Within(LIVE)])


def days() -> TypeAdapter[date]:
    return TypeAdapter(Annotated[date, DayWithin(LIVE)])


def faults(caught: pytest.ExceptionInfo[ValidationError]) -> list[tuple[str, str]]:
    return [(one["type"], one["msg"]) for one in caught.value.errors()]


def test_a_moment_is_read_up_to_both_ends_of_its_span_and_no_further() -> None:
    kind = moments()
    for moment in (FIRST, LAST):
        assert kind.validate_json(f'"{moment.isoformat()}"') == moment
        assert kind.validate_python(moment) == moment
    for moment in (FIRST - INSTANT, LAST + INSTANT):
        with pytest.raises(ValidationError) as by_json:
            kind.validate_json(f'"{moment.isoformat()}"')
        with pytest.raises(ValidationError) as by_python:
            kind.validate_python(moment)
        said = [("out_of_span", "must lie from 2015-01-01 to 2100-12-31")]
        assert faults(by_json) == faults(by_python) == said


def test_a_moment_is_kept_in_utc_however_it_was_said() -> None:
    kind = moments()
    nine = datetime(2026, 3, 2, 9, tzinfo=BANGKOK)
    for found in (kind.validate_json('"2026-03-02T09:00:00+07:00"'), kind.validate_python(nine)):
        assert found == nine
        assert found.tzinfo is UTC


def test_a_moment_of_no_calendar_is_named_so() -> None:
    with pytest.raises(ValidationError) as caught:
        moments().validate_json('"2026-02-30T00:00:00Z"')
    assert faults(caught) == [("no_moment", "is on no calendar")]


@pytest.mark.parametrize("said", [1764000000, "2026-03-02T09:00:00Z", date(2026, 3, 2), None])
def test_in_python_a_moment_is_a_moment(said: object) -> None:
    with pytest.raises(ValidationError):
        moments().validate_python(said)


def test_a_moment_without_a_zone_is_none() -> None:
    with pytest.raises(ValidationError) as caught:
        moments().validate_python(datetime(2026, 3, 2))  # noqa: DTZ001 - that is what is tried
    assert faults(caught)[0][0] == "timezone_aware"


@pytest.mark.parametrize("token", ["1764000000", "null", "true", '["2026-03-02T09:00:00Z"]'])
def test_in_json_a_moment_is_a_text(token: str) -> None:
    with pytest.raises(ValidationError):
        moments().validate_json(token)


def test_what_becomes_of_a_moment_beyond_is_said_by_the_type() -> None:
    apart = TypeAdapter[object](Annotated[datetime | OutOfSpan, Within(LIVE, read=set_apart)])
    assert apart.validate_json('"9999-12-31T23:59:59-12:00"') is OUT_OF_SPAN
    with pytest.raises(ValidationError):
        apart.validate_python(LAST + INSTANT)
    dropped = TypeAdapter[object](Annotated[datetime | None, Within(LIVE, said=left_out)])
    assert dropped.validate_python(LAST + INSTANT) is None
    moved = TypeAdapter(Annotated[datetime, Within(LIVE, read=nearest, said=nearest)])
    assert moved.validate_json('"2643-01-01T00:00:00Z"') == LAST
    assert moved.validate_python(datetime(1970, 1, 1, tzinfo=UTC)) == FIRST


def test_the_nearest_end_is_that_on_whose_side_a_moment_lies() -> None:
    span = Span(date(2020, 6, 1), date(2021, 6, 1))
    assert nearest(span, datetime(2020, 3, 1, tzinfo=UTC)) == datetime(2020, 6, 1, tzinfo=UTC)
    assert nearest(span, datetime(2021, 8, 1, tzinfo=UTC)).date() == span.last


def test_a_moment_is_written_as_it_is_read() -> None:
    apart = TypeAdapter[object](Annotated[datetime | OutOfSpan, Within(LIVE, read=set_apart)])
    for kind in (moments(), apart):
        assert kind.dump_json(FIRST) == b'"2015-01-01T00:00:00Z"'
        assert kind.dump_python(FIRST) == FIRST
    with pytest.raises(
        PydanticSerializationError, match=r"ValueError: a moment out of span is never said$"
    ):
        apart.dump_json(OUT_OF_SPAN)


def test_the_schema_of_a_moment_tells_its_form_and_its_span() -> None:
    form = {"type": "string", "format": "date-time", "pattern": MOMENT_FORM}
    assert moments().json_schema() == form | {"description": "2015-01-01 to 2100-12-31"}


def test_a_day_is_read_up_to_both_ends_of_its_span_and_no_further() -> None:
    kind = days()
    for day in (LIVE.first, LIVE.last):
        assert kind.validate_json(f'"{day}"') == kind.validate_python(day) == day
    for day in (LIVE.first - timedelta(days=1), LIVE.last + timedelta(days=1)):
        with pytest.raises(ValidationError):
            kind.validate_json(f'"{day}"')
        with pytest.raises(ValidationError):
            kind.validate_python(day)


def test_a_strict_model_reads_a_day_from_json() -> None:
    """Every envelope and payload is one."""
    strict = TypeAdapter(Annotated[date, DayWithin(LIVE)], config=ConfigDict(strict=True))
    assert strict.validate_json('"2026-03-02"') == date(2026, 3, 2)


@pytest.mark.parametrize("token", ["1764000000", "null", '"20260302"', '"2026-03-02T00:00:00Z"'])
def test_in_json_a_day_is_a_text_of_one_form(token: str) -> None:
    with pytest.raises(ValidationError):
        days().validate_json(token)


@pytest.mark.parametrize("said", ["2026-03-02", 1764000000, FIRST])
def test_in_python_a_day_is_a_day(said: object) -> None:
    with pytest.raises(ValidationError):
        days().validate_python(said)


def test_a_day_is_written_as_it_is_read_and_its_schema_tells_its_form() -> None:
    assert days().dump_json(LIVE.first) == b'"2015-01-01"'
    schema = days().json_schema()
    assert (schema["type"], schema["format"]) == ("string", "date")
    assert schema["description"] == "2015-01-01 to 2100-12-31"
    assert schema["pattern"] != DAY_FORM


def test_only_what_looks_back_lies_in_the_past() -> None:
    assert (span_of(Origin.IMPORT), span_of(Origin.LIVE), span_of(Origin.DEMO)) == (
        PAST, LIVE, LIVE,
    )  # fmt: skip
    assert day_span_of("visit.issued.v1", Origin.IMPORT) is PAST
    assert day_span_of("visit.issued.v1", Origin.LIVE) is LIVE
    assert day_span_of("day.resolved.v1", Origin.LIVE) is PAST
