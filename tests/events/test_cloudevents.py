"""Everything that travels is a CloudEvent, by the specification's own SDK."""

import json

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from libs.events.envelope import Numbered, render
from libs.events.examples import examples


@pytest.mark.parametrize("name", examples())
def test_a_message_is_a_cloudevent(name: str) -> None:
    raw = examples()[name]
    said = json.loads(raw)
    event = JSONFormat().read(CloudEvent, raw)
    assert (event.get_id(), event.get_source(), event.get_type(), event.get_subject()) == (
        said["id"],
        said["source"],
        said["type"],
        said.get("subject"),
    )
    assert event.get_data() == said["data"]
    for extension in ("recordedtime", "serviceday", "origin", "streamepoch", "streamseq"):
        assert event.get_extension(extension) == said.get(extension)


@pytest.mark.parametrize(
    "name", [name for name in examples() if json.loads(examples()[name]).get("streamseq")]
)
def test_an_event_is_sent_as_its_frozen_example_is_written(name: str) -> None:
    """Byte by byte, with its subject or without one."""
    said = json.loads(examples()[name])
    numbered = Numbered(
        id=said["id"],
        type=said["type"],
        subject=said.get("subject"),
        time=said["time"],
        recorded=said["recordedtime"],
        service_day=said["serviceday"],
        origin=said["origin"],
        epoch=said["streamepoch"],
        sequence=said["streamseq"],
        data=json.dumps(said["data"], separators=(",", ":")),
    )
    assert render(said["source"], numbered) == examples()[name]
