"""Moments and days: one form, a span each, and what honest outboxes hold beyond it."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from libs.events.beats import SiteBeat, beat_of, read_beat
from libs.events.bounds import CLOCK, LIVE, PAST, Span
from libs.events.catalogue import Event, Poison, Unknown, read
from libs.events.codes import Channel, CorrectionReason, Origin, RelayState, Stream, VisitorClass
from libs.events.examples import examples
from libs.events.inbox import NotForUs, NoticeGiven, read_inbox
from libs.events.moments import (
    OUT_OF_SPAN,
    Instant,
    OutOfSpan,
    PastInstant,
    ServiceDay,
    days_pattern,
    known,
)
from libs.events.publication import read_publication
from libs.events.visits import EndCorrection, StartCorrection, VisitCorrected, VisitIssued
from tests.nasty import (
    DAY_TEXTS,
    ILL_FORMED_DAYS,
    ILL_FORMED_TIMES,
    IMPORT_ONLY_TIMES,
    ODD_GOOD_TIMES,
    OUT_OF_SPAN_DAYS,
    OUT_OF_SPAN_TIMES,
    TIME_TEXTS,
)

YEAR_9999 = datetime.max.replace(tzinfo=UTC)
BOOKED = "visit.issued.v1.2.json"
STARTED = "visit.corrected.v1.3.json"
ENDED = "visit.corrected.v1.4.json"
BEAT = "site.beat.v1.1.json"
NOTICE = "inbox.notice.v1.1.json"


def changed(example: str, **fields: Any) -> bytes:
    """A frozen message with other values; ``data__x`` is the field x of its data."""
    message = json.loads(examples()[example])
    for name, value in fields.items():
        *inner, last = name.split("__")
        node = message
        for one in inner:
            node = node[one]
        assert last in node
        node[last] = value
    return json.dumps(message, separators=(",", ":")).encode()


def event(raw: bytes) -> Event:
    found = read(raw)
    assert not isinstance(found, Unknown)
    return found


def cases(*kinds: Mapping[str, str]) -> Any:
    return pytest.mark.parametrize(
        "text", [pytest.param(text, id=name) for kind in kinds for name, text in kind.items()]
    )


def is_in(span: Span, text: str) -> bool:
    try:
        return span.holds_instant(datetime.fromisoformat(text))
    except OverflowError:
        return False


# --- The envelope ----------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["time", "recordedtime"])
@pytest.mark.parametrize("kind", ["visit.called.v1", "visit.waved.v7"])
@cases(ILL_FORMED_TIMES, OUT_OF_SPAN_TIMES, IMPORT_ONLY_TIMES)
def test_a_time_that_can_not_be_is_refused(field: str, kind: str, text: str) -> None:
    with pytest.raises(Poison, match=r"time") as caught:
        read(changed("visit.called.v1.1.json", type=kind, **{field: text}))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("kind", ["visit.called.v1", "visit.waved.v7"])
@cases(ILL_FORMED_DAYS, OUT_OF_SPAN_DAYS, {"import only": "2014-12-31"})
def test_a_service_day_that_can_not_be_is_refused(kind: str, text: str) -> None:
    with pytest.raises(Poison, match="serviceday"):
        read(changed("visit.called.v1.1.json", type=kind, serviceday=text))


@cases(ODD_GOOD_TIMES)
def test_an_odd_but_good_time_is_read_in_utc(text: str) -> None:
    found = event(changed("visit.called.v1.1.json", time=text, recordedtime=text))
    assert found.time == found.recordedtime == datetime.fromisoformat(text)
    assert found.time.tzinfo is UTC


def test_an_import_may_lie_in_the_past_but_was_recorded_now() -> None:
    past = IMPORT_ONLY_TIMES["first of the past"]
    found = event(
        changed("visit.called.v1.1.json", origin="import", time=past, serviceday="1990-01-01")
    )
    assert found.time == datetime(1990, 1, 1, tzinfo=UTC)
    assert found.serviceday == date(1990, 1, 1)
    for field, value in (("recordedtime", past), ("time", "1989-12-31T23:59:59Z")):
        with pytest.raises(Poison, match=field):
            read(changed("visit.called.v1.1.json", origin="import", **{field: value}))
    with pytest.raises(Poison, match="serviceday"):
        read(changed("visit.called.v1.1.json", origin="import", serviceday="1989-12-31"))


@pytest.mark.parametrize("origin", ["live", "demo"])
def test_what_a_supervisor_says_today_may_be_of_an_imported_day(origin: str) -> None:
    for example in (ENDED, "day.resolved.v1.1.json"):
        raw = changed(example, origin=origin, serviceday="1995-03-01")
        assert event(raw).serviceday == date(1995, 3, 1)
        assert isinstance(read(raw.replace(b".v1", b".v2")), Unknown)
        with pytest.raises(Poison, match="serviceday"):
            read(changed(example, origin=origin, serviceday="1989-12-31"))
        with pytest.raises(Poison, match="time"):
            read(changed(example, origin=origin, time=IMPORT_ONLY_TIMES["first of the past"]))


def test_a_rating_is_of_no_day_before_there_were_any() -> None:
    for text in (*ILL_FORMED_DAYS.values(), *OUT_OF_SPAN_DAYS.values(), "2014-12-31"):
        with pytest.raises(Poison, match="visit_day"):
            read(changed("feedback.given.v1.1.json", data__visit_day=text))


# --- What honest outboxes hold ---------------------------------------------------------------


@cases(OUT_OF_SPAN_TIMES, {"before any import": "1989-12-31T23:59:59Z"})
def test_what_honest_sites_have_sent_is_read_as_out_of_span(text: str) -> None:
    booked = event(changed(BOOKED, data__appointment=text)).data
    assert isinstance(booked, VisitIssued)
    assert booked.appointment is OUT_OF_SPAN
    assert known(booked.appointment) is None
    for example in (STARTED, ENDED):
        for side in ("old", "new"):
            raw = changed(example, **{f"data__correction__{side}": text})
            data = event(raw).data
            assert isinstance(data, VisitCorrected)
            assert getattr(data.correction, side) is OUT_OF_SPAN


def test_that_there_was_none_is_another_thing() -> None:
    data = event(changed(BOOKED, data__appointment=None)).data
    assert isinstance(data, VisitIssued)
    assert data.appointment is None


@pytest.mark.parametrize(
    ("example", "field"),
    [
        (BOOKED, "data__appointment"),
        (STARTED, "data__correction__new"),
        (ENDED, "data__correction__old"),
    ],
)
@cases(ILL_FORMED_TIMES)
def test_what_no_release_could_have_sent_is_refused(example: str, field: str, text: str) -> None:
    with pytest.raises(Poison, match=field.rpartition("__")[2]):
        read(changed(example, **{field: text}))


@given(TIME_TEXTS)
def test_no_time_is_read_that_lies_out_of_its_span(text: str) -> None:
    try:
        data = event(changed(BOOKED, data__appointment=text)).data
    except Poison:
        return
    assert isinstance(data, VisitIssued)
    if isinstance(data.appointment, OutOfSpan):
        assert not is_in(LIVE, text)
    else:
        assert data.appointment is not None
        assert LIVE.holds_instant(data.appointment)
        assert data.appointment == datetime.fromisoformat(text)


@given(TIME_TEXTS | DAY_TEXTS)
def test_types_and_schema_agree_on_the_form(text: str) -> None:
    """All that the types read, the published schema allows."""
    for kind in (Instant, PastInstant, ServiceDay):
        adapter: TypeAdapter[datetime | date] = TypeAdapter(kind)
        try:
            adapter.validate_json(json.dumps(text))
        except ValidationError:
            continue
        Draft202012Validator(adapter.json_schema()).validate(text)


@given(st.dates())
def test_the_pattern_of_days_is_their_span(day: date) -> None:
    for span in (LIVE, PAST, CLOCK):
        matches = Draft202012Validator({"pattern": days_pattern(span)}).is_valid(str(day))
        assert matches is span.holds(day)


# --- What is said ----------------------------------------------------------------------------


def issued(appointment: datetime | OutOfSpan | None) -> VisitIssued:
    return VisitIssued(
        step=1,
        ticket="A001",
        service="INF",
        channel=Channel.ONLINE,
        visitor_class=VisitorClass.APPOINTMENT,
        appointment=appointment,
        estimate=None,
        feedback_link=False,
    )


@pytest.mark.parametrize(
    "moment",
    [
        YEAR_9999,
        datetime.min.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime(2569, 3, 16, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2014, 12, 31, 23, 59, 59, 999_999, UTC),
        datetime(2026, 3, 16),  # noqa: DTZ001
        OUT_OF_SPAN,
    ],
    ids=str,
)
def test_a_site_says_no_time_out_of_span(moment: datetime | OutOfSpan) -> None:
    with pytest.raises(ValidationError):
        issued(moment)
    if moment != datetime(2014, 12, 31, 23, 59, 59, 999_999, UTC):  # of an import that could be
        for kind, field in ((StartCorrection, "started_at"), (EndCorrection, "ended_at")):
            with pytest.raises(ValidationError):
                kind(field=field, old=None, new=moment)  # pyright: ignore[reportArgumentType]


def test_what_was_read_out_of_span_is_not_said_again() -> None:
    data = event(changed(BOOKED, data__appointment="9999-12-31T23:59:59Z")).data
    with pytest.raises(PydanticSerializationError):
        data.model_dump_json()
    correction = EndCorrection(
        field="ended_at", old=YEAR_9999, new=datetime(2026, 3, 16, 3, tzinfo=UTC)
    )
    assert correction.old is None
    said = VisitCorrected(step=1, correction=correction, reason=CorrectionReason.WRONG_CLOCK)
    assert '"old":null' in said.model_dump_json()


@given(
    st.integers(0, 86 * 365 * 86_400_000_000).map(
        lambda microseconds: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    )
)
def test_what_is_said_is_read_as_it_was(moment: datetime) -> None:
    said = issued(moment)
    assert VisitIssued.model_validate_json(said.model_dump_json()) == said


def test_moments_are_written_as_before() -> None:
    for example, raw in examples().items():
        if example.startswith(("visit.issued", "visit.corrected")):
            data = event(raw).data
            again = type(data).model_validate_json(data.model_dump_json())
            assert again == data
    given = read(examples()["feedback.given.v1.1.json"])
    assert not isinstance(given, Unknown)
    assert '"visit_day":"2021-12-02"' in given.data.model_dump_json()
    moment = datetime(2026, 3, 16, 9, 31, 0, 125_000, timezone(timedelta(hours=7)))
    assert '"appointment":"2026-03-16T02:31:00.125000Z"' in issued(moment).model_dump_json()


# --- Beats, notices, standards ---------------------------------------------------------------


def test_a_dead_battery_reaches_whoever_can_mend_it() -> None:
    for text in ("1970-01-01T00:00:00Z", "1980-01-06T00:00:00Z"):
        beat = read_beat(changed(BEAT, time=text, data__oldest_unsent=text))
        assert beat.time == beat.data.oldest_unsent == datetime.fromisoformat(text)


@pytest.mark.parametrize("field", ["time", "data__oldest_unsent"])
def test_a_beat_has_times_of_a_clock(field: str) -> None:
    beyond = [text for text in OUT_OF_SPAN_TIMES.values() if not is_in(CLOCK, text)]
    for text in (*ILL_FORMED_TIMES.values(), *beyond):
        with pytest.raises(ValueError, match=field.rpartition("__")[2]):
            read_beat(changed(BEAT, **{field: text}))


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("9999-12-31T23:59:59Z", datetime(2100, 12, 31, 23, 59, 59, 999_999, UTC)),
        ("2569-01-01T00:00:00Z", datetime(2100, 12, 31, 23, 59, 59, 999_999, UTC)),
        ("1950-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2027-01-01T00:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_certificate_without_an_end_is_one_that_lasts(text: str, until: datetime) -> None:
    assert read_beat(changed(BEAT, data__certificate_until=text)).data.certificate_until == until


def test_a_sign_of_life_is_sent_however_wrong_the_clock_is() -> None:
    data = SiteBeat(
        stream=Stream.TICKETING,
        epoch=1,
        last_sequence=0,
        backlog=0,
        oldest_unsent=datetime.min.replace(tzinfo=UTC),
        relay=RelayState.SENDING,
        version="0.1.0",
        standards="0899d252fc6d",
        disk_free_percent=50,
        certificate_until=YEAR_9999,
    )
    beat = beat_of("pjo-50", read_beat(examples()[BEAT]).id, YEAR_9999, data)
    assert read_beat(beat.model_dump_json().encode()) == beat
    assert beat.time == data.certificate_until
    assert beat.time.date() == CLOCK.last


@cases(ILL_FORMED_TIMES, OUT_OF_SPAN_TIMES, IMPORT_ONLY_TIMES)
def test_the_centre_says_times_of_the_present(text: str) -> None:
    for field in ("time", "data__until"):
        with pytest.raises(NotForUs, match=field.rpartition("__")[2]):
            read_inbox(changed(NOTICE, **{field: text}))
    with pytest.raises(NotForUs, match="time"):
        read_publication(changed("standards.published.v1.1.json", time=text))


def test_no_notice_holds_until_another_calendar() -> None:
    notice = read_beat(examples()[BEAT]).id
    with pytest.raises(ValidationError, match="until"):
        NoticeGiven(notice=notice, th="ก", en="a", until=datetime(3112, 1, 1, tzinfo=UTC))


def test_an_origin_is_known() -> None:
    """The span of a time follows from it: a new one needs a decision here."""
    assert {*Origin} == {Origin.LIVE, Origin.IMPORT, Origin.DEMO}


def test_what_is_no_import_begins_with_the_first_day_of_the_present() -> None:
    first = {"time": "2015-01-01T00:00:00Z", "serviceday": "2015-01-01"}
    found = event(changed("visit.called.v1.1.json", **first))
    assert (found.time, found.serviceday) == (datetime(2015, 1, 1, tzinfo=UTC), LIVE.first)
