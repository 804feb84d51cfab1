"""A refusal can be stored and printed, whatever was refused, and its place can be made out."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from libs.events.beats import NoBeat, read_beat
from libs.events.bounds import EPOCH, KEPT_BYTES, SEQUENCE, VALUE_BYTES
from libs.events.catalogue import Glimpse, Poison, glimpse, read
from libs.events.examples import examples
from libs.events.faults import LOOKED_AT, NAME_LENGTH, NAMED, TEXT_LENGTH, bounded, shown
from libs.events.inbox import NotForUs, read_inbox
from libs.events.publication import read_publication
from tests.nasty import FIELD_NAMES, NO_OBJECTS, NUMBERS, OUT_OF_SPAN_DAYS, mangled

CALLED = examples()["visit.called.v1.1.json"]
PLACE = Glimpse("/sites/pjo-50/ticketing", 1, 3, date(2021, 12, 2))

Reader = Callable[[bytes], object]
READERS: dict[str, tuple[Reader, type[ValueError]]] = {
    "visit.called.v1.1.json": (read, Poison),
    "site.beat.v1.1.json": (read_beat, NoBeat),
    "inbox.notice.v1.1.json": (read_inbox, NotForUs),
    "standards.published.v1.1.json": (read_publication, NotForUs),
}


def refusal(example: str, raw: bytes) -> str:
    reader, kind = READERS[example]
    with pytest.raises(kind) as caught:
        reader(raw)
    return str(caught.value)


@pytest.mark.parametrize("example", READERS)
@pytest.mark.parametrize("field", FIELD_NAMES)
@pytest.mark.parametrize("place", [b'"specversion"', b'"data":{"'])
def test_a_name_from_the_wire_forges_nothing(example: str, field: str, place: bytes) -> None:
    """It can be stored, it moves nothing on a screen, and it looks like no other field."""
    name = json.dumps(FIELD_NAMES[field]).encode() + b":1,"
    extra = name + place if place == b'"specversion"' else place[:-1] + name + b'"'
    said = refusal(example, examples()[example].replace(place, extra, 1))
    assert said.isprintable()
    assert said.replace("…", "").isascii()
    assert len(said) <= 500
    assert "source: foreign" not in said.replace("'x: missing; source: foreign'", "")
    assert "data.step" not in said.replace("'data.step'", "")


@pytest.mark.parametrize("name", FIELD_NAMES.values())
def test_a_name_is_cut_where_it_is_long(name: str) -> None:
    assert len(shown(name)) <= 41


@pytest.mark.parametrize("example", READERS)
@pytest.mark.parametrize("count", [9, 400, 6000])
def test_a_refusal_of_many_faults_stays_short(example: str, count: int) -> None:
    many = b",".join(b'"\\u001b[2J%d":0' % number for number in range(count))
    said = refusal(example, examples()[example].replace(b'"data":{', b'"data":{' + many + b","))
    assert len(said) <= 500
    assert said.isprintable()


@pytest.mark.parametrize("example", READERS)
def test_what_is_no_message_is_refused(example: str) -> None:
    for raw in NO_OBJECTS:
        assert refusal(example, raw).isprintable()


# --- The place of a refused message --------------------------------------------------------


def test_a_message_says_its_place() -> None:
    assert glimpse(CALLED) == PLACE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"step":1', b'"step":"x"'),
        (b'"step":1', b'"step":1,"step":1'),
        (b'"step":1', b'"step":NaN'),
        (b'"step":1', b'"step":"\xff"'),
        (b'"step":1', b'"step":"\\ud800"'),
        (b'"step":1', b'"a\\u0000b":1'),
        (b'"step":1', b'"step":' + b"[" * 5000 + b"]" * 5000),
        (b'"step":1', b'"step":' + b"9" * 5000),
        (b'"step":1', b'"step":"' + b"a" * VALUE_BYTES + b'"'),
        (b'{"specversion"', b'\xef\xbb\xbf{"specversion"'),
        (b'"1.0"', b'"0.3"'),
        (b"visit.called.v1", b"\\u001b[2J"),
        (b'"out_of_order":null}}', b'"out_of_order":nu'),
        (b"null}}", b"null}}}"),
        (b'"streamseq":3', b'"streamseq" : 3 '),
    ],
)
def test_a_refused_message_takes_its_number(old: bytes, new: bytes) -> None:
    raw = CALLED.replace(old, new, 1)
    assert raw != CALLED
    assert glimpse(raw) == PLACE


@pytest.mark.parametrize("day", [*OUT_OF_SPAN_DAYS.values(), "", "2021-12-32", "2021-W48-4", "x"])
def test_a_day_that_is_none_leaves_the_number(day: str) -> None:
    assert glimpse(CALLED.replace(b"2021-12-02", day.encode())) == replace(PLACE, service_day=None)


@pytest.mark.parametrize("garbage", [b"", b"x"], ids=["json", "no json"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/sites/pjo-50/ticketing", b"/centre"),
        (b"/sites/pjo-50/ticketing", b"/sites/pjo-50/ticketing\\n"),
        (b'"/sites/pjo-50/ticketing"', b"7"),
        *((b'"streamseq":3', b'"streamseq":' + token.encode()) for token in NUMBERS.values()),
        (b'"streamseq":3', b'"streamseq":"3"'),
        (b'"streamseq":3', b'"streamseq":true'),
        (b'"streamseq":3', b'"streamseq":3.0'),
        (b'"streamseq":3', b'"streamseq":%d' % (SEQUENCE + 1)),
        (b'"streamseq":3,', b""),
        (b'"streamepoch":1', b'"streamepoch":0'),
        (b'"streamepoch":1', b'"streamepoch":%d' % (EPOCH + 1)),
    ],
)
def test_a_place_out_of_bounds_is_none(old: bytes, new: bytes, garbage: bytes) -> None:
    found = glimpse(CALLED.replace(old, new, 1) + garbage)
    if found is not None:  # a number that can be, in the place of another
        assert new == b'"streamseq":%d' % found.sequence
        assert 1 <= found.sequence <= SEQUENCE


def test_a_number_that_was_cut_off_is_no_number() -> None:
    whole = CALLED.replace(b'"streamseq":3', b'"streamseq":3456')
    for length in range(len(whole)):
        found = glimpse(whole[:length])
        assert found is None or found.sequence == 3456


def test_what_says_two_things_says_nothing_where_it_is_no_json() -> None:
    assert glimpse(CALLED.replace(b'"streamseq":3', b'"streamseq":3,"streamseq":4') + b"x") is None
    within = CALLED.replace(b'"step":1', b'"streamseq":7')
    assert glimpse(within) == PLACE


def test_of_a_message_too_large_only_its_beginning_is_looked_at() -> None:
    filler = b'"more":"' + b"a" * VALUE_BYTES + b'",'
    assert glimpse(CALLED.replace(b'"datacontenttype"', filler + b'"datacontenttype"')) == PLACE
    assert glimpse(b"{" + filler + CALLED[1:]) is None
    assert len(filler) > KEPT_BYTES


def test_a_glimpse_of_anything_ends_well() -> None:
    for raw in (*NO_OBJECTS, *(raw for one in examples().values() for _, raw in mangled(one))):
        found = glimpse(raw)
        assert found is None or found.source.startswith("/sites/")


def padded(size: int, end: bytes) -> bytes:
    """A message of ``size`` bytes whose place in its stream stands at its very ``end``."""
    start = b'{"more":"'
    last = b'","source":"/sites/pjo-50/ticketing","streamepoch":1,"streamseq":3' + end
    return start + b"a" * (size - len(start) - len(last)) + last


def test_a_place_is_looked_for_in_as_much_as_may_be_parsed() -> None:
    whole = Glimpse("/sites/pjo-50/ticketing", 1, 3, None)
    assert glimpse(padded(VALUE_BYTES, b"}")) == whole
    assert glimpse(padded(VALUE_BYTES, b",")) == whole, "no JSON: by the names of its fields"
    assert glimpse(padded(VALUE_BYTES + 1, b"}")) is None
    assert glimpse(padded(KEPT_BYTES, b"}") + b" " * VALUE_BYTES) == whole


def test_a_place_is_made_out_up_to_the_highest_numbers() -> None:
    raw = b'{"source":"/sites/pjo-50/feedback","streamepoch":%d,"streamseq":%d}'
    assert glimpse(raw % (EPOCH, SEQUENCE)) is not None
    assert glimpse(raw % (EPOCH + 1, SEQUENCE)) is None
    assert glimpse(raw % (EPOCH, SEQUENCE + 1)) is None
    assert glimpse(raw % (0, 1)) is None


def test_of_more_bytes_than_are_parsed_a_key_is_looked_for_by_its_name() -> None:
    """At the bound itself it is parsed: of a number that is there twice the last counts."""
    found = glimpse(padded(VALUE_BYTES, b',"streamseq":4}'))
    assert found is not None
    assert found.sequence == 4


@pytest.mark.parametrize("field", ["source", "serviceday"])
def test_bytes_that_are_no_text_name_no_place_and_break_nothing(field: str) -> None:
    told = {"source": "/sites/pjo-50/ticketing", "serviceday": "2021-12-02"}[field].encode()
    found = glimpse(CALLED.replace(told, told[:-1] + b"\xff") + b"x")
    assert found == (None if field == "source" else replace(PLACE, service_day=None))


# --- The text of a refusal -----------------------------------------------------------------------


def test_a_text_is_cut_beyond_its_length_and_not_at_it() -> None:
    longest = "ก" * TEXT_LENGTH
    assert bounded(longest) == longest
    assert bounded(longest + "ก") == "ก" * (TEXT_LENGTH - 1) + "…"


def test_a_name_in_quotes_is_cut_beyond_its_length_and_not_at_it() -> None:
    longest = "a " + "b" * (NAME_LENGTH - 4)
    assert shown(longest) == f"'{longest}'"
    assert len(shown(longest)) == NAME_LENGTH
    assert shown(longest + "b") == f"'{longest}b…"


def with_faults(count: int) -> bytes:
    """A call with so many fields that no call has."""
    fields = b",".join(b'"f%d":0' % number for number in range(count))
    return CALLED.replace(b'"data":{', b'"data":{' + fields + b",")


def test_a_refusal_names_the_first_faults_as_long_as_they_can_be_looked_at() -> None:
    named = "; ".join(f"visit.called.v1.data.f{number}: extra_forbidden" for number in range(NAMED))
    assert refusal("visit.called.v1.1.json", with_faults(LOOKED_AT)) == named
    said = refusal("visit.called.v1.1.json", with_faults(LOOKED_AT + 1))
    assert said == f"message: {LOOKED_AT + 1} faults"


def test_two_faults_of_a_known_type_are_poison_and_not_held() -> None:
    raw = CALLED.replace(b'"step":1', b'"step":"x"').replace(b'"call":1', b'"call":0')
    said = refusal("visit.called.v1.1.json", raw)
    assert said == "; ".join(
        ("visit.called.v1.data.step: int_type", "visit.called.v1.data.call: greater_than_equal")
    )


@pytest.mark.parametrize(
    ("example", "old", "new", "said"),
    [
        (
            "visit.called.v1.1.json",
            b'"time":"2021',
            b'"time":"2001',
            "message: time_out_of_span",
        ),
        (
            "visit.called.v1.1.json",
            b'"serviceday":"2021',
            b'"serviceday":"2001',
            "message: serviceday_out_of_span",
        ),
        (
            "inbox.notice.v1.1.json",
            b"inbox.notice.v1",
            b"inbox.wave.v1",
            "type: union_tag_invalid",
        ),
    ],
)
def test_a_fault_of_the_whole_message_has_a_place_too(
    example: str, old: bytes, new: bytes, said: str
) -> None:
    assert refusal(example, examples()[example].replace(old, new)) == said


def test_what_is_too_large_is_told_with_its_bound() -> None:
    said = refusal("visit.called.v1.1.json", b" " * (VALUE_BYTES + 1))
    assert said == f"message: {VALUE_BYTES + 1} bytes, where at most {VALUE_BYTES} are read"
