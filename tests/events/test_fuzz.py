"""The Kafka edge of the contract, fed with everything nasty: it reads, holds or refuses.

Each frozen example with each nasty value in each place, broken as a whole in each way, and then
mixed at random. The counts are printed (``pytest -rP``) and recorded as properties.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from libs.events.beats import NoBeat, read_beat
from libs.events.bounds import CLOCK, EPOCH, LIVE, PAST, SEQUENCE, Span
from libs.events.catalogue import Oversized, Poison, Unknown, glimpse, read
from libs.events.codes import Origin
from libs.events.envelope import Header
from libs.events.examples import examples
from libs.events.inbox import NotForUs, read_inbox
from libs.events.moments import OutOfSpan
from libs.events.publication import read_publication
from libs.events.texts import is_document, is_plain
from tests.nasty import ANY_TOKEN, FIELD_NAMES, NO_OBJECTS, mangled, tokens

Reader = Callable[[bytes], object]
READERS: dict[str, Reader] = {
    "site.beat": read_beat,
    "inbox.": read_inbox,
    "standards.published": read_publication,
}
REFUSALS = (Poison, NoBeat, NotForUs)
PLACE = "\ue000place"


def reader_of(example: str) -> Reader:
    return next((reader for start, reader in READERS.items() if example.startswith(start)), read)


def tried(reader: Reader, raw: bytes) -> str:
    """What became of ``raw``; fails where that is anything but what the contract declares."""
    place = glimpse(raw)
    if place is not None:
        assert 1 <= place.epoch <= EPOCH
        assert 1 <= place.sequence <= SEQUENCE
        assert place.service_day is None or PAST.holds(place.service_day)
    try:
        found = reader(raw)
    except REFUSALS as refusal:
        text = str(refusal)
        assert text
        assert text.isprintable()
        assert len(text) <= 500
        assert text.encode()
        return "too large" if isinstance(refusal, Oversized) else "refused"
    if isinstance(found, Unknown):
        check(found.header)
        assert "\x00" not in json.dumps(json.loads(raw), ensure_ascii=False)
        return "held"
    check(cast("BaseModel", found))
    return "read"


def check(message: BaseModel) -> None:
    """Nothing that was read lies out of its bounds."""
    if isinstance(message, Header):
        live = message.origin is not Origin.IMPORT
        assert (LIVE if live else PAST).holds_instant(message.time)
        assert LIVE.holds_instant(message.recordedtime)
    span = PAST if isinstance(message, Header) else CLOCK
    document = not isinstance(message, Header)
    for value in values(message):
        assert is_sane(value, span, document), value


def values(node: object) -> Iterator[object]:
    if isinstance(node, BaseModel):
        for name in type(node).model_fields:
            yield from values(getattr(node, name))
    elif isinstance(node, dict):
        for key, value in cast("dict[str, object]", node).items():
            yield key
            yield from values(value)
    elif isinstance(node, tuple):
        for item in cast("tuple[object, ...]", node):
            yield from values(item)
    else:
        yield node


def is_sane(value: object, span: Span, document: bool) -> bool:
    match value:
        case None | bool() | UUID() | OutOfSpan() | Enum():
            return True
        case datetime():
            return value.tzinfo is not None and span.holds_instant(value)
        case date():
            return span.holds(value)
        case int():
            return 0 <= value <= SEQUENCE
        case str():
            return (is_document if document else is_plain)(value)
        case _:
            return False


def places(node: Any, root: Any) -> Iterator[tuple[bytes, bytes]]:
    """What stands before and after each value in the JSON of ``root``, and each place for one
    more field."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(items):
        node[key] = PLACE
        before, after = dumped(root).split(dumped(PLACE))
        yield before, after
        node[key] = value
        if isinstance(value, dict | list):
            yield from places(value, root)


def dumped(node: Any) -> bytes:
    return json.dumps(node, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def with_every_value(raw: bytes) -> Iterator[bytes]:
    message = json.loads(raw)
    for before, after in places(message, message):
        for _, token in tokens():
            yield before + token.encode() + after
        for name in FIELD_NAMES.values():
            yield before + b"{" + json.dumps(name).encode() + b":1}" + after


@pytest.fixture(scope="module")
def outcomes() -> Iterator[Counter[tuple[str, str]]]:
    """How many messages by what was done to them and what became of them."""
    counted: Counter[tuple[str, str]] = Counter()
    yield counted
    print(f"\n{counted.total()} messages fed to the contract's readers:")
    for (kind, outcome), count in sorted(counted.items()):
        print(f"  {kind}: {count} {outcome}")


def record(
    kind: str, found: Counter[str], outcomes: Counter[tuple[str, str]], note: Callable[..., None]
) -> None:
    for outcome, count in found.items():
        outcomes[kind, outcome] += count
        note(outcome, count)


@pytest.mark.parametrize("example", examples())
def test_every_nasty_value_in_every_place(
    example: str, outcomes: Counter[tuple[str, str]], record_property: Callable[..., None]
) -> None:
    reader = reader_of(example)
    found = Counter(tried(reader, raw) for raw in with_every_value(examples()[example]))
    record("a nasty value in a place", found, outcomes, record_property)
    assert found["refused"] > found["read"] > 0


@pytest.mark.parametrize("example", examples())
def test_every_way_to_break_a_message(
    example: str, outcomes: Counter[tuple[str, str]], record_property: Callable[..., None]
) -> None:
    raws = [raw for _, raw in mangled(examples()[example])]
    if reader_of(example) is read:
        unknown = json.loads(examples()[example]) | {"type": "visit.waved.v7"}
        raws += [raw for _, raw in mangled(dumped(unknown))]
    found = Counter(
        tried(reader, raw)
        for raw in (*raws, *NO_OBJECTS)
        for reader in (read, read_beat, read_inbox, read_publication)
    )
    record("broken as a whole", found, outcomes, record_property)
    assert found["read"] > 0


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_mixtures(data: st.DataObject, outcomes: Counter[tuple[str, str]]) -> None:
    example = data.draw(st.sampled_from(list(examples())))
    raw = examples()[example]
    if reader_of(example) is read and data.draw(st.booleans()):
        raw = dumped(json.loads(raw) | {"type": "visit.waved.v7"})
    for _ in range(data.draw(st.integers(1, 3))):
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError):
            break
        if not isinstance(message, dict):
            break
        before, after = data.draw(st.sampled_from(list(places(message, message))))
        raw = before + data.draw(ANY_TOKEN).encode("utf-8", "surrogatepass") + after
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(raw)))
        raw = raw[:at] + data.draw(st.binary(max_size=4)) + raw[at + data.draw(st.integers(0, 4)) :]
    outcomes["mixed at random", tried(reader_of(example), raw)] += 1
