"""What pydantic lets pass in JSON is refused: keys twice, no numbers, what can't be shown."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, get_args

import pytest
from hypothesis import given
from pydantic import BaseModel

from libs.events import json_rules
from libs.events.beats import NoBeat, read_beat
from libs.events.bounds import CENTRE_VALUE_BYTES, DEPTH, KEYS, VALUE_BYTES
from libs.events.catalogue import EVENT, RELEASED, Event, Oversized, Poison, Unknown, read
from libs.events.envelope import SubjectEnvelope
from libs.events.examples import examples
from libs.events.inbox import NotForUs, read_inbox
from libs.events.json_rules import (
    NAME_LENGTH,
    NUMBER_LENGTH,
    Unruly,
    check_json,
    commas_in,
    shape_of,
)
from libs.events.payloads import Payload
from libs.events.publication import read_publication
from libs.events.texts import MARKS, is_document, is_plain, too_many_marks
from libs.events.visits import DayClosed, ServiceTotals
from tests.nasty import ENCODABLE_TEXT, TEXTS

OF_STREAMS = [name for name in examples() if name.rsplit(".", 2)[0] in RELEASED]
CALLED = examples()["visit.called.v1.1.json"]
WAVED = CALLED.replace(b"visit.called.v1", b"visit.waved.v7")
SEPARATORS = {"compact": (",", ":"), "spaced": (", ", " : ")}


def doubled(node: Any, separators: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The JSON of ``node`` with each of its keys there twice, one at a time."""
    comma, colon = separators
    if isinstance(node, dict):
        parts = [
            f"{json.dumps(key)}{colon}{json.dumps(value, separators=separators)}"
            for key, value in node.items()
        ]
        for place, (key, value) in enumerate(node.items()):
            for first in (json.dumps(value, separators=separators), "null", '"a,b"', "{}"):
                twice = [f"{json.dumps(key)}{colon}{first}", *parts]
                yield key, "{" + comma.join(twice) + "}"
            for inner, text in doubled(value, separators):
                changed = [*parts]
                changed[place] = f"{json.dumps(key)}{colon}{text}"
                yield inner, "{" + comma.join(changed) + "}"
    elif isinstance(node, list):
        for place, item in enumerate(node):
            for inner, text in doubled(item, separators):
                items = [json.dumps(one, separators=separators) for one in node]
                items[place] = text
                yield inner, "[" + comma.join(items) + "]"


@pytest.mark.parametrize("form", SEPARATORS)
@pytest.mark.parametrize("name", examples())
def test_a_key_twice_is_refused_wherever_it_is(name: str, form: str) -> None:
    reader: Any = read
    if name not in OF_STREAMS:
        reader = next(
            reader
            for start, reader in (
                ("site.beat", read_beat),
                ("inbox", read_inbox),
                ("standards", read_publication),
            )
            if name.startswith(start)
        )
    cases = list(doubled(json.loads(examples()[name]), SEPARATORS[form]))
    assert len(cases) >= 4 * len(json.loads(examples()[name]))
    for key, text in cases:
        with pytest.raises((Poison, NoBeat, NotForUs)) as caught:
            reader(text.encode())
        assert str(caught.value).isprintable(), key


def test_a_key_twice_is_named() -> None:
    with pytest.raises(Poison, match="step: there twice"):
        read(CALLED.replace(b'"step":1', b'"step":1,"step":1'))
    with pytest.raises(Poison, match="step: there twice"):
        read(CALLED.replace(b'"step":1', b'"step" :1,"\\u0073tep":1'))
    with pytest.raises(Poison, match="step: there twice"):
        read(WAVED.replace(b'"step":1', b'"step":1,"step":1'))


@pytest.mark.parametrize("name", OF_STREAMS)
def test_an_honest_message_is_not_looked_at_twice(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow parse is for those that may hold a key twice, and for what is not known."""

    def slow(_raw: bytes) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr("libs.events.catalogue.check_json", slow)
    read(examples()[name])
    with pytest.raises(AssertionError):
        read(examples()[name].replace(b'"data":', b'"data":{},"data":'))


@pytest.mark.parametrize("name", OF_STREAMS)
def test_commas_are_counted_as_they_stand(name: str) -> None:
    raw = examples()[name]
    event = EVENT.validate_json(raw)
    assert commas_in(event) + ("subject" in json.loads(raw) and event.subject is None) == raw.count(
        b","
    )


def test_a_manifest_of_all_services_is_read() -> None:
    totals = ServiceTotals(
        service="AAAA-AAAA",
        **dict.fromkeys(("steps", "served", "no_show", "left", "removed", "forgotten"), 10_000_000),
        wait_ms=10**15,
        service_ms=10**15,
        implausible=10_000_000,
    )
    data = DayClosed(revision=1_000_000, visits=10_000_000, services=(totals,) * 200)
    message = json.loads(examples()["day.closed.v1.1.json"]) | {"data": data.model_dump()}
    for indent in (None, 1):
        raw = json.dumps(message, indent=indent).encode()
        assert VALUE_BYTES // 2 < len(raw) < VALUE_BYTES
        found = read(raw)
        assert not isinstance(found, Unknown)
        assert found.data == data


def test_no_text_of_a_site_can_hold_a_comma() -> None:
    """What the count of commas rests on."""
    for payload in RELEASED.values():
        for node in texts(payload.model_json_schema()):
            assert holds_no_comma(node), (payload.TYPE, node)
    for node in texts(EVENT.json_schema()):
        assert holds_no_comma(node), node


def texts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "string":
            yield schema
        for value in schema.values():
            yield from texts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from texts(value)


def holds_no_comma(node: dict[str, Any]) -> bool:
    if "const" in node or "enum" in node:
        return not any("," in word for word in node.get("enum", [node.get("const", "")]))
    if node.get("format") == "uuid":
        return True
    pattern: str = node["pattern"]
    without_counts = pattern.replace("{1,3}", "").replace("{1,6}", "")
    for counted in ("{2,4}", "{3,4}"):
        without_counts = without_counts.replace(counted, "")
    return pattern.startswith("^") and pattern.endswith("$") and "," not in without_counts


def test_every_message_has_its_shape() -> None:
    for event in get_args(Event):
        payload: type[Payload] = event.model_fields["data"].annotation
        subject = issubclass(event, SubjectEnvelope)
        assert shape_of(event) == (12 + subject, ("data",))
        required = [field.is_required() for field in payload.model_fields.values()]
        assert all(required), "an optional field sends every message through the slow parse"


# --- What stands in parts that are skipped ---------------------------------------------------


@pytest.mark.parametrize(
    "token",
    ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 41, "1e200000", "0." + "1" * 60],
)
def test_no_number_is_held_that_is_none(token: str) -> None:
    with pytest.raises(Poison, match="number"):
        read(WAVED.replace(b'"step":1', b'"step":' + token.encode()))
    with pytest.raises(Poison, match="number"):
        read(WAVED.replace(b'"origin"', b'"more":[[' + token.encode() + b']],"origin"'))


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_is_held_can_be_shown(name: str) -> None:
    text = TEXTS[name]
    raw = WAVED.replace(b'"step":1', b'"step":[[' + json.dumps(text).encode() + b"]]")
    if len(raw) <= VALUE_BYTES and is_plain(text):
        assert isinstance(read(raw), Unknown)
        return
    with pytest.raises(Poison) as caught:
        read(raw)
    assert str(caught.value).isprintable()


@given(ENCODABLE_TEXT)
def test_what_is_held_can_be_stored(text: str) -> None:
    token = json.dumps(text).encode()
    for raw in (
        WAVED.replace(b'"step":1', b'"step":' + token),
        WAVED.replace(b'"step":1', token + b":1"),
    ):
        try:
            read(raw)
        except Poison:
            continue
        assert "\x00" not in json.dumps(json.loads(raw), ensure_ascii=False)
        assert text.isprintable()


@pytest.mark.parametrize(
    ("text", "plain", "document"),
    [
        ("JF-BAIL", True, True),
        ("คำร้องที่ยื่นแล้ว เกี๊ยว น้ำใจ", True, True),
        ("สวัสดี😀", True, True),
        ("two\nlines\tand\r\n", False, True),
        ("แบ่ง\u200bบรรทัด", False, True),
        ("a\x00b", False, False),
        ("\x1b[2J", False, False),
        ("a\u202eb", False, False),
        ("a\ud800b", False, False),
        ("Z" + "\u0300" * 5, False, False),
        ("Z" + "\u0300\u200b" * 5, False, False),
    ],
)
def test_what_can_be_shown(text: str, plain: bool, document: bool) -> None:
    assert is_plain(text) is plain
    assert is_document(text) is document


def test_depth_and_keys_are_bounded() -> None:
    def lists(depth: int) -> bytes:
        return WAVED.replace(b'"step":1', b'"step":' + b"[" * depth + b"]" * depth)

    assert isinstance(read(lists(DEPTH - 3)), Unknown)
    for depth in (DEPTH, 150, 199, 5000, 30_000):
        with pytest.raises(Poison):
            read(lists(depth))
    with pytest.raises(Poison, match="fields"):
        read(WAVED.replace(b'"step":1', b",".join(b'"f%d":0' % n for n in range(KEYS))))
    with pytest.raises(Unruly):
        check_json(b'{"a":' * 20_000 + b"1" + b"}" * 20_000)


def test_bytes_that_are_no_text_are_refused_where_they_are_skipped() -> None:
    for junk in (b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"', b'"\\ud800"', b'"\x00"', b'"\\x"'):
        with pytest.raises(Poison, match="json_invalid"):
            read(WAVED.replace(b'"step":1', b'"step":' + junk))


# --- Size ------------------------------------------------------------------------------------


def test_a_message_too_large_is_refused_unparsed() -> None:
    edge = CALLED + b" " * (VALUE_BYTES - len(CALLED))
    assert not isinstance(read(edge), Unknown)
    for raw in (edge + b" ", b"[" * (VALUE_BYTES + 1)):
        with pytest.raises(Oversized, match=f"{VALUE_BYTES + 1} bytes"):
            read(raw)
    with pytest.raises(NoBeat, match="bytes"):
        read_beat(b" " * (VALUE_BYTES + 1))
    for reader in (read_inbox, read_publication):
        with pytest.raises(NotForUs, match="bytes"):
            reader(b" " * (CENTRE_VALUE_BYTES + 1))


def test_the_centre_may_say_more_than_a_site() -> None:
    message = json.loads(examples()["standards.published.v1.1.json"])
    message["data"]["files"]["more.yaml"] = "ก, ก:\n" * 50_000
    raw = json.dumps(message, ensure_ascii=False).encode()
    assert VALUE_BYTES < len(raw) < CENTRE_VALUE_BYTES
    assert len(read_publication(raw).data.files) == 3
    message["data"]["files"]["more.yaml"] = "\x1b[2J"
    with pytest.raises(NotForUs, match=r"more\.yaml.*can't be shown"):
        read_publication(json.dumps(message).encode())


def test_a_number_is_refused_by_its_length_and_by_what_a_double_holds() -> None:
    longest = "0." + "1" * (NUMBER_LENGTH - 2)
    check_json(f'{{"a":{longest}}}'.encode())
    for text in (longest + "1", "1e400", "-1e400"):
        with pytest.raises(Unruly, match=r"^message: a number too large$"):
            check_json(f'{{"a":{text}}}'.encode())
    with pytest.raises(Unruly, match=r"^message: a number that is none$"):
        check_json(b'{"a":NaN}')


@pytest.mark.parametrize(
    ("annotation", "more"),
    [
        (int, False),
        (str | None, False),
        (Annotated[int, "of something"], False),
        (list[int], False),
        (DayClosed, True),
        (DayClosed | None, True),
        (tuple[int, ...], True),
        (tuple[int, ...] | None, True),
        (Annotated[DayClosed | None, "of something"], True),
    ],
)
def test_a_field_may_hold_commas_where_a_model_or_a_tuple_may_be(
    annotation: object, more: bool
) -> None:
    assert json_rules._has_more(annotation) is more


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (rb'"\u0000"', "message"),
        (rb'{"a":1,"b":2,"b":3}', "b"),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), f"message: more than {DEPTH} levels"),
    ],
)
def test_a_refusal_says_where(raw: bytes, said: str) -> None:
    with pytest.raises(Unruly, match=rf"^{said}") as caught:
        check_json(raw)
    assert "a" not in str(caught.value).split(":", maxsplit=1)[0].replace("message", "")


def test_a_message_may_have_as_many_bytes_as_its_bound() -> None:
    raw = examples()["site.beat.v1.1.json"]
    padding = VALUE_BYTES - len(raw)
    read_beat(raw + b" " * padding)
    with pytest.raises(NoBeat, match=str(VALUE_BYTES)):
        read_beat(raw + b" " * (padding + 1))


class Leaf(BaseModel):
    a: int = 1
    b: int
    c: int


class Branch(BaseModel):
    leaves: tuple[Leaf, ...]
    n: int


class Tree(BaseModel):
    branches: tuple[Branch, ...]


def test_commas_are_counted_in_lists_within_lists() -> None:
    leaf = Leaf(b=1, c=2)
    branches = (
        Branch(leaves=(leaf, leaf), n=1),
        Branch(leaves=(), n=1),
        Branch(leaves=(leaf,), n=1),
    )
    tree = Tree(branches=branches)
    # Optional fields are not said: each leaf has one comma.
    assert commas_in(tree) == tree.model_dump_json(exclude_defaults=True).count(",")


# --- At each bound, and one beyond it ------------------------------------------------------------


def refused(raw: str) -> str:
    with pytest.raises(Unruly) as caught:
        check_json(raw.encode())
    return str(caught.value)


def test_the_fields_of_a_message_are_summed_over_its_objects() -> None:
    def nested(fields: int) -> str:
        """Two objects in a third, with so many fields in all."""
        half = ",".join(f'"f{number}":0' for number in range((fields - 2) // 2))
        rest = ",".join(f'"f{number}":0' for number in range(fields - 2 - (fields - 2) // 2))
        return f'{{"a":{{{half}}},"b":{{{rest}}}}}'

    check_json(nested(KEYS).encode())
    assert refused(nested(KEYS + 1)) == f"message: more than {KEYS} fields"


def test_a_name_may_be_as_long_as_its_bound() -> None:
    longest = "n" * NAME_LENGTH
    check_json(f'{{"{longest}":1}}'.encode())
    assert refused(f'{{"{longest}n":1}}') == f"'{'n' * 39}…: no name of a field"
    assert refused('{"a\\u0007":1}') == r"'a\x07': no name of a field"


def test_an_integer_may_be_as_long_as_its_bound() -> None:
    check_json(b"9" * NUMBER_LENGTH)
    assert refused("9" * (NUMBER_LENGTH + 1)) == "message: a number too long"


def test_what_is_no_json_is_told_so() -> None:
    assert refused("{") == "message: no JSON"
    with pytest.raises(Unruly, match=r"^message: no JSON$"):
        check_json(b'"\xff"')


@pytest.mark.parametrize("mark", ["\u0e49", "\u20dd"], ids=["nonspacing", "enclosing"])
def test_a_letter_bears_so_many_marks_and_no_more(mark: str) -> None:
    most = mark * MARKS
    for text in (most, f"ก{most}", f"ก{most}ก{most}"):
        assert list(too_many_marks(text)) == []
        assert list(too_many_marks(text + mark)) == [mark]
    assert list(too_many_marks(f"ก{most}{mark}{mark}ก{most}")) == [mark, mark]
