"""The frozen examples of every released version, read by this consumer."""

import json

import pytest

from libs.events.catalogue import RELEASED
from libs.events.examples import examples
from libs.events.generate import OUTSIDE
from services.reporting.ingest.messages import sort
from tests.reporting.nation import Nation
from tests.reporting.streams import Message

EXAMPLES = {
    name: raw
    for name, raw in examples().items()
    if not name.startswith(tuple(payload.TYPE for payload in OUTSIDE))
}
"""Those of the streams; the beat's is read in test_beats.py."""


def message(raw: bytes) -> Message:
    _, _, site, service = json.loads(raw)["source"].split("/")
    return Message(f"site.{site}.{service}", 0, 0, raw)


def test_every_released_type_has_an_example() -> None:
    assert {json.loads(raw)["type"] for raw in EXAMPLES.values()} == set(RELEASED)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_is_taken_in(nation: Nation, name: str) -> None:
    raw = EXAMPLES[name]
    (arrival,) = sort([message(raw)]).arrivals
    assert arrival.event is not None
    taken = await nation.take([message(raw)])
    assert sum(taken.stored.values()) == 1
    assert not taken.held
    assert not taken.refused
    assert await nation.check() == []
