"""Everything that travels is a CloudEvent, by the specification's own SDK."""

import json

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

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
