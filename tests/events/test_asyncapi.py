"""The AsyncAPI document: complete, and every reference in it leads somewhere."""

import json
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from libs.events.asyncapi import document
from libs.events.catalogue import RELEASED
from libs.events.examples import examples
from libs.events.generate import OUTSIDE

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads(document())


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:  # pyright: ignore[reportUnknownVariableType]
            yield from references(item)


def test_it_is_up_to_date() -> None:
    assert (ROOT / "docs/asyncapi.json").read_text() == document()


def test_every_released_type_travels_on_a_channel() -> None:
    on_channels = {
        reference["$ref"].rsplit("/", 1)[1]
        for channel in DOCUMENT["channels"].values()
        for reference in channel["messages"].values()
    }
    assert on_channels == {*RELEASED, *(payload.TYPE for payload in OUTSIDE)}
    assert on_channels == set(DOCUMENT["components"]["messages"])


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        path = reference.removeprefix("#/").split("/")
        assert reduce(lambda node, key: node[key], path, DOCUMENT), reference


@pytest.mark.parametrize("name", examples())
def test_every_frozen_message_holds_against_it(name: str) -> None:
    message = json.loads(examples()[name])
    payload = DOCUMENT["components"]["messages"][message["type"]]["payload"]
    schema = {"components": DOCUMENT["components"], **payload}
    Draft202012Validator(schema).validate(message)
    with_a_name = message["data"] | {"name": "สมชาย"}
    assert not Draft202012Validator(schema).is_valid(message | {"data": with_a_name})
