"""The contract holds: what was released stays, and nobody's name can be in an event."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from libs.events.beats import SiteBeat, read_beat
from libs.events.bounds import EPOCH
from libs.events.catalogue import RELEASED, Poison, Unknown, read
from libs.events.compat import breaks
from libs.events.drafts import DRAFTS
from libs.events.examples import examples
from libs.events.generate import OUTSIDE, Incompatible, check_released, reference, schemas
from libs.events.inbox import NotForUs, NoticeGiven, read_inbox
from libs.events.payloads import Payload
from libs.events.publication import StandardsPublished, read_publication

ROOT = Path(__file__).parents[2]
NAMES = ("สมชาย", "สมชาย ใจดี", "Somchai", "somchai", "SOMCHAI", "Somchai Jaidee", "Anong", "anong1")


@pytest.mark.parametrize("name", examples())
def test_every_frozen_example_is_still_read(name: str) -> None:
    message = examples()[name]
    if name.startswith(SiteBeat.TYPE):
        assert read_beat(message).data.TYPE == SiteBeat.TYPE
        return
    if name.startswith(StandardsPublished.TYPE):
        assert read_publication(message).type == StandardsPublished.TYPE
        return
    if name.startswith("inbox."):
        assert name.startswith(read_inbox(message).type)
        return
    event = read(message)
    assert not isinstance(event, Unknown)
    assert name.startswith(event.type)


def test_every_released_type_has_an_example() -> None:
    assert {name.rsplit(".", 2)[0] for name in examples()} == {
        *RELEASED,
        *(payload.TYPE for payload in OUTSIDE),
    }


@pytest.mark.parametrize("name", examples())
def test_examples_hold_against_the_published_schema(name: str) -> None:
    message = json.loads(examples()[name])
    schema = json.loads((ROOT / f"libs/events/schemas/{message['type']}.schema.json").read_text())
    Draft202012Validator(schema).validate(message["data"])


def test_generated_files_are_up_to_date() -> None:
    folder = ROOT / "libs/events/schemas"
    assert {path.name: path.read_text() for path in folder.glob("*.json")} == schemas()
    assert (ROOT / "docs/events.md").read_text() == reference()


def test_released_schemas_are_held_by_the_types() -> None:
    check_released(schemas())


def changed(name: str, change: dict[str, Any], of: dict[str, str] | None = None) -> str:
    """The released schema ``name`` with one enum, field or bound changed, as it once was."""
    schema = json.loads((of or schemas())[name])
    for path, value in change.items():
        *parents, last = path.split("/")
        node = schema
        for parent in parents:
            node = node[parent]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return json.dumps(schema)


@pytest.mark.parametrize(
    ("name", "change", "word"),
    [
        ("visit.ended.v1.schema.json", {"$defs/Outcome/enum": ["served", "no_show"]}, "is new"),
        ("visit.called.v1.schema.json", {"properties/counter": None}, "refuse"),
        ("visit.called.v1.schema.json", {"properties/room": {"type": "integer"}}, "gone"),
        ("visit.called.v1.schema.json", {"required": ["step"]}, "is new"),
        ("visit.started.v1.schema.json", {"$defs": {}, "properties/step/maximum": 5}, "was 5"),
        ("envelope.schema.json", {"properties/origin": {"type": "string"}}, "origin"),
    ],
)
def test_a_changed_release_is_refused(name: str, change: dict[str, Any], word: str) -> None:
    with pytest.raises(Incompatible, match=word):
        check_released(schemas() | {name: changed(name, change)})


FIRST_RELEASE: dict[str, str] = {
    name: json.dumps(schema)
    for name, schema in json.loads(
        (ROOT / "tests/events/first_release.json").read_text(encoding="utf-8")
    ).items()
}
"""The schemas as they were released, before anything that comes in was bounded. For ever."""


def test_a_released_type_differs_from_its_release_by_bounds_only() -> None:
    assert FIRST_RELEASE.keys() <= schemas().keys()
    assert FIRST_RELEASE["envelope.schema.json"] != schemas()["envelope.schema.json"]
    check_released(FIRST_RELEASE)


def test_a_bound_is_for_its_own_field() -> None:
    def of(field: str, maximum: int) -> Any:
        number = {"type": "integer", "minimum": 1, "maximum": maximum}
        return {"properties": {field: number}}

    assert breaks(of("epoch", 2**31 - 1), of("epoch", EPOCH)) == []
    assert breaks(of("counter", 2**31 - 1), of("counter", EPOCH)) != []


BOUNDED = {
    "envelope",
    "visit.issued.v1",
    "visit.corrected.v1",
    "feedback.given.v1",
    "stream.restored.v1",
    "site.beat.v1",
    "inbox.resend.v1",
    "inbox.notice.v1",
}
TIME = {"format": "date-time", "type": "string"}


@pytest.mark.parametrize(
    ("name", "change", "word"),
    [
        # as it was released, with another bound than the table's
        ("envelope.schema.json", {"properties/streamepoch/maximum": 999}, "was 999"),
        ("envelope.schema.json", {"properties/streamepoch/minimum": 0}, "was 0"),
        ("envelope.schema.json", {"properties/streamseq/maximum": 2**31 - 1}, "streamseq"),
        ("envelope.schema.json", {"properties/time": TIME | {"pattern": "^2"}}, "time"),
        ("envelope.schema.json", {"properties/time": {"type": "string"}}, "time"),
        ("envelope.schema.json", {"properties/serviceday": TIME}, "serviceday"),
        ("envelope.schema.json", {"properties/id": TIME}, "id"),
        # a bound of the table on another field than its own
        ("visit.called.v1.schema.json", {"properties/step/maximum": 2**31 - 1}, "step"),
        ("stream.restored.v1.schema.json", {"properties/lost/maximum": 2**31 - 1}, "lost"),
        # a bound, and something else beside it
        ("stream.restored.v1.schema.json", {"required": ["after_epoch"]}, "required"),
        ("visit.issued.v1.schema.json", {"properties/appointment": TIME}, "anyOf"),
        ("visit.issued.v1.schema.json", {"properties/appointment/anyOf": [TIME]}, "anyOf"),
    ],
)
def test_any_other_difference_than_a_bound_is_refused(
    name: str, change: dict[str, Any], word: str
) -> None:
    check_released(FIRST_RELEASE)
    released = changed(name, change, FIRST_RELEASE)
    with pytest.raises(Incompatible, match=word):
        check_released(FIRST_RELEASE | {name: released})


@pytest.mark.parametrize("name", FIRST_RELEASE)
def test_a_bound_once_given_stays(name: str) -> None:
    """What the table allows is one step, from the release; not the way back."""
    before, now = json.loads(FIRST_RELEASE[name]), json.loads(schemas()[name])
    assert breaks(before, now) == []
    assert breaks(now, now) == []
    bounded = name.removesuffix(".schema.json") in BOUNDED
    assert (breaks(now, before) != []) is bounded


def test_a_release_taken_away_is_refused() -> None:
    with pytest.raises(Incompatible, match=r"visit\.waved\.v1"):
        check_released(schemas() | {"visit.waved.v1.schema.json": "{}"})


def test_prose_may_change() -> None:
    old = json.loads(schemas()["visit.called.v1.schema.json"])
    new = copy.deepcopy(old)
    new["description"] = "Something clearer."
    new["properties"]["step"]["description"] = "Which step."
    assert breaks(old, new) == []


def string_fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Every schema node of text, wherever it stands."""
    found = [schema] if schema.get("type") == "string" else []
    for value in schema.values():
        nodes = value if isinstance(value, list) else [value]
        for node in nodes:
            if isinstance(node, dict):
                found += string_fields(node)  # pyright: ignore[reportUnknownArgumentType]
    return found


def could_hold_a_name(field: dict[str, Any]) -> bool:
    """Whether text of this schema node might be a person's name."""
    if "enum" in field or "const" in field:
        return False
    if field.get("format") in {"uuid", "date", "date-time"}:
        return False
    if "pattern" not in field or "maxLength" not in field or field["maxLength"] > 32:
        return True
    return any(Draft202012Validator(field).is_valid(name) for name in NAMES)


LEAVING = [*RELEASED.values(), *OUTSIDE, *DRAFTS]
for of_the_centre in (StandardsPublished, NoticeGiven):  # its own texts, which no site ever sends
    LEAVING.remove(of_the_centre)


@pytest.mark.parametrize("payload", LEAVING, ids=lambda p: p.TYPE)
def test_no_field_could_hold_a_name(payload: type[Payload]) -> None:
    schema = payload.model_json_schema()
    assert [field for field in string_fields(schema) if could_hold_a_name(field)] == []


def test_every_number_is_bounded() -> None:
    for payload in [*RELEASED.values(), *OUTSIDE, *DRAFTS]:
        for node in integers(payload.model_json_schema()):
            assert {"minimum", "maximum"} <= node.keys(), f"{payload.TYPE}: {node}"


def integers(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = [schema] if schema.get("type") in {"integer", "number"} else []
    for value in schema.values():
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, dict):
                found += integers(node)  # pyright: ignore[reportUnknownArgumentType]
    return found


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string"},
        {"type": "string", "maxLength": 20},
        {"type": "string", "pattern": "^[A-Za-z]+$", "maxLength": 20},
        {"type": "string", "pattern": "^[^<>]*$", "maxLength": 30},
    ],
)
def test_the_walk_refuses_a_field_that_could_hold_a_name(field: dict[str, Any]) -> None:
    assert could_hold_a_name(field)


def test_an_unknown_version_is_held_and_not_poison() -> None:
    raw = examples()["visit.called.v1.1.json"].replace(b"visit.called.v1", b"visit.called.v2")
    event = read(raw)
    assert isinstance(event, Unknown)
    assert event.header.type == "visit.called.v2"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b'"step":1', b'"step":"1"', "data.step"),
        (b'"step":1', b'"step":1,"name":"x"', "data.name"),
        (b'"specversion":"1.0"', b'"specversion":"0.3"', "specversion"),
        (b'"streamseq":', b'"streamseq":-', "streamseq"),
        (b"/sites/pjo-50/", b"/sites/somchai/", "source"),
        (b'"subject":"018c', b'"subject":"zzzz', "subject"),
        (b'"origin"', b'"note":"free text","origin"', "note"),
        (b'{"specversion"', b'{{"specversion"', "message"),
    ],
)
def test_poison_is_named_by_field_and_never_by_value(old: bytes, new: bytes, field: str) -> None:
    raw = examples()["visit.called.v1.1.json"]
    with pytest.raises(Poison) as caught:
        read(raw.replace(old, new, 1))
    assert field in str(caught.value)
    assert "free text" not in str(caught.value)


def test_a_known_type_with_an_unknown_part_is_poison_and_not_held() -> None:
    raw = examples()["visit.corrected.v1.1.json"].replace(b'"outcome"', b'"ticket"')
    with pytest.raises(Poison, match=r"data\.correction: union_tag_invalid"):
        read(raw)


def test_a_visit_event_needs_its_subject() -> None:
    raw = json.loads(examples()["visit.called.v1.1.json"])
    del raw["subject"]
    with pytest.raises(Poison, match="subject"):
        read(json.dumps(raw).encode())


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b'"first":17', b'"first":41', "data"),
        (b'"source":"/centre"', b'"source":"/sites/pjo-50/ticketing"', "source"),
        (b"inbox.resend.v1", b"inbox.wave.v1", "type"),
        (b'"epoch":1', b'"epoch":1,"command":"x"', "data.command"),
        (b"{", b"", "message"),
    ],
)
def test_what_the_centre_never_says_is_refused(old: bytes, new: bytes, field: str) -> None:
    raw = examples()["inbox.resend.v1.1.json"]
    with pytest.raises(NotForUs) as caught:
        read_inbox(raw.replace(old, new))
    assert field in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "  ", "two\nlines", "a bell\a", "turned \u202egninrut", "x" * 501]
)
def test_a_notice_is_one_line_of_plain_text(text: str) -> None:
    message = json.loads(examples()["inbox.notice.v1.1.json"])
    message["data"]["en"] = "Plain\u200bly – 18:00 “น.” <b>"
    read_inbox(json.dumps(message).encode())
    message["data"]["en"] = text
    with pytest.raises(NotForUs, match=r"data\.en"):
        read_inbox(json.dumps(message).encode())


# --- Schemas of unlike forms ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": {"b": 1}}, {"a": [1]}, ["/a: was {'b': 1}, is [1]"]),
        ({"a": [1]}, {"a": {"b": 1}}, ["/a: was [1], is {'b': 1}"]),
        ({"enum": []}, {"enum": 5}, ["/enum: was [], is 5"]),
        ({"enum": 5}, {"enum": []}, ["/enum: was 5, is []"]),
        ({"enum": ["a", "b"]}, {"enum": "ab"}, ["/enum: was ['a', 'b'], is 'ab'"]),
        ({"anyOf": [1, 2]}, {"anyOf": [1]}, ["/anyOf: was [1, 2], is [1]"]),
        ({"anyOf": [1, 2]}, {"anyOf": [1, 3]}, ["/anyOf/1: was 2, is 3"]),
        ({"enum": [1, 2]}, {"enum": [3, 2]}, ["/enum: 1 is gone", "/enum: 3 is new"]),
    ],
)
def test_what_differs_is_told_with_its_place(old: Any, new: Any, said: list[str]) -> None:
    assert breaks(old, new) == said


def test_the_order_of_a_set_means_nothing_and_that_of_a_list_much() -> None:
    assert breaks({"required": ["a", "b"]}, {"required": ["b", "a"]}) == []
    assert breaks({"anyOf": ["a", "b"]}, {"anyOf": ["b", "a"]}) != []


def test_a_definition_is_what_refers_to_it() -> None:
    """Where a definition stands, and whether there is one, changes no message."""
    apart: Any = {"$defs": {"A": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/A"}}}
    inline: Any = {"properties": {"x": {"type": "integer"}}}
    assert breaks(apart, inline) == breaks(inline, apart) == []
    with pytest.raises(TypeError, match=r"^\$defs is no object$"):
        breaks(apart | {"$defs": []}, inline)
