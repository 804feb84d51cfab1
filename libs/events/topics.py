"""Kafka topics: their names, what may be on them, how long they last."""

import re
from dataclasses import dataclass

from libs.events.codes import Stream

STREAMS_PATTERN = r"^site\.[a-z]{3}-[a-z0-9]{2,4}\.(ticketing|feedback)$"
"""Every numbered stream of every site, for a pattern subscription."""

BEATS_PATTERN = r"^site\.[a-z]{3}-[a-z0-9]{2,4}\.beats$"
"""The signs of life of every site."""

NATIONAL_STANDARDS = "national.standards"
DAY_MS = 24 * 60 * 60 * 1000
BATCH_BYTES = 2**20
"""The largest batch that a broker takes, as it comes: packed."""
RETENTION_BYTES = 8 * 2**30
"""What a topic may grow to before it loses its oldest records: twenty years of a busy office."""


@dataclass(frozen=True, slots=True)
class StreamName:
    """One numbered stream, wherever it is: the site, and the service that writes it."""

    site: str
    stream: Stream

    @property
    def topic(self) -> str:
        return f"site.{self.site}.{self.stream}"


def stream_of(topic: str) -> StreamName:
    """The stream a topic carries; raises ValueError for a topic that carries none."""
    if not re.fullmatch(STREAMS_PATTERN, topic):
        raise ValueError(f"{topic!r} is no stream of a site")
    _, site, stream = topic.split(".")
    return StreamName(site, Stream(stream))


def beats_topic(site: str) -> str:
    return f"site.{site}.beats"


def site_of_beats(topic: str) -> str:
    """The site whose beats a topic carries; raises ValueError for a topic that carries none."""
    if not re.fullmatch(BEATS_PATTERN, topic):
        raise ValueError(f"{topic!r} carries no beats")
    return topic.split(".")[1]


def inbox_topic(site: str) -> str:
    return f"inbox.{site}"


def topic_settings(topic: str) -> dict[str, str]:
    """The broker settings of a topic. Retention is explicit, by time and by size: a site that has
    run wild fills its own topic and no disk. The broker's clock stamps records, since one stamped
    with the past would be deleted at once."""
    settings = {
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(BATCH_BYTES),
    }
    if topic == NATIONAL_STANDARDS:
        return settings | {"cleanup.policy": "compact"}
    days = 7 if topic.endswith(".beats") else 400
    return settings | {
        "cleanup.policy": "delete",
        "retention.ms": str(days * DAY_MS),
        "retention.bytes": str(RETENTION_BYTES),
    }


def site_topics(site: str) -> tuple[str, ...]:
    """The topics that belong to one site, one partition each."""
    streams = tuple(StreamName(site, stream).topic for stream in Stream)
    return (*streams, beats_topic(site), inbox_topic(site))
