# pyright: reportUnknownMemberType=false
# (aiokafka leaves its signatures untyped)
"""Streams that are not read on because a person must look first, while all others are."""

import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError

LOG = structlog.stdlib.get_logger()

LOOK_AGAIN_S = 600.0
"""After which a stopped stream is tried again: its messages may have been discarded."""

Batch = Sequence[ConsumerRecord[Any, Any]]


@dataclass(slots=True)
class Stop:
    """Why a topic is not read on."""

    reason: str
    since: float
    """Seconds of a steady clock; anew at each look."""
    being_tried: bool = False


class StoppedStreams:
    """The topics that this replica does not read on."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._stops: dict[str, Stop] = {}

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why, by topic."""
        return {topic: stop.reason for topic, stop in self._stops.items()}

    def after(self, consumer: AIOKafkaConsumer, batch: Batch, reasons: Mapping[str, str]) -> None:
        """Of what a batch held, read nothing on of the topics in ``reasons``.

        They are rewound to their first message of the batch, so that the commit that follows
        leaves it to be read again.
        """
        for topic in {record.topic for record in batch}:
            if topic not in reasons:
                self._stops.pop(topic, None)
                continue
            part = TopicPartition(topic, 0)
            first = min(record.offset for record in batch if record.topic == topic)
            with contextlib.suppress(IllegalStateError):  # another replica has it by now
                consumer.seek(part, first)
                consumer.pause(part)
            if topic not in self._stops:
                LOG.error("stream stopped", topic=topic, reason=reasons[topic])
            self._stops[topic] = Stop(reasons[topic], self._steady())

    def look_again(self, consumer: AIOKafkaConsumer) -> None:
        """Try again what was stopped long ago; forget what another replica reads now, and what
        was tried and brought nothing."""
        assigned: Collection[TopicPartition] = consumer.assignment()
        for topic, stop in list(self._stops.items()):
            part = TopicPartition(topic, 0)
            if part not in assigned:
                del self._stops[topic]
            elif self._steady() - stop.since >= LOOK_AGAIN_S:
                if stop.being_tried:
                    del self._stops[topic]
                    continue
                consumer.resume(part)
                self._stops[topic] = Stop(stop.reason, self._steady(), being_tried=True)
