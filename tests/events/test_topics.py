"""Topics: their names, and what the broker is told of each."""

import pytest

from libs.events.codes import Stream
from libs.events.topics import (
    BATCH_BYTES,
    NATIONAL_STANDARDS,
    RETENTION_BYTES,
    StreamName,
    inbox_topic,
    site_of_beats,
    site_topics,
    stream_of,
    topic_settings,
)

BY_BROKER = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(BATCH_BYTES)}


def kept(days: int) -> dict[str, str]:
    return BY_BROKER | {
        "cleanup.policy": "delete",
        "retention.ms": str(days * 86_400_000),
        "retention.bytes": str(RETENTION_BYTES),
    }


def test_a_site_has_two_streams_its_beats_and_its_inbox() -> None:
    assert site_topics("pjo-50") == (
        "site.pjo-50.ticketing",
        "site.pjo-50.feedback",
        "site.pjo-50.beats",
        "inbox.pjo-50",
    )


def test_a_topic_tells_its_site_and_its_stream() -> None:
    for stream in Stream:
        assert stream_of(f"site.pjo-50.{stream}") == StreamName("pjo-50", stream)
    assert site_of_beats("site.pjo-50.beats") == "pjo-50"


@pytest.mark.parametrize("topic", ["site.pjo-50.beats", "site.pjo 50.ticketing", "inbox.pjo-50"])
def test_what_is_no_stream_is_named(topic: str) -> None:
    with pytest.raises(ValueError, match=rf"^'{topic}' is no stream of a site$"):
        stream_of(topic)


@pytest.mark.parametrize("topic", ["site.pjo-50.ticketing", "site..beats", "beats"])
def test_what_carries_no_beats_is_named(topic: str) -> None:
    with pytest.raises(ValueError, match=rf"^'{topic}' carries no beats$"):
        site_of_beats(topic)


@pytest.mark.parametrize(
    ("topic", "settings"),
    [
        ("site.pjo-50.ticketing", kept(400)),
        ("site.pjo-50.feedback", kept(400)),
        ("site.pjo-50.beats", kept(7)),
        (inbox_topic("pjo-50"), kept(400)),
        (NATIONAL_STANDARDS, BY_BROKER | {"cleanup.policy": "compact"}),
    ],
)
def test_what_the_broker_is_told_of_a_topic(topic: str, settings: dict[str, str]) -> None:
    assert topic_settings(topic) == settings
