# pyright: reportUnknownMemberType=false
# (aiokafka leaves its signatures untyped)
"""Pauses the streams that are stopped, while all others are read on.

Which ones are stopped is known to the database (:mod:`~services.reporting.ingest.stops`), and held
there: whatever is read of them all the same is not stored. Here their partitions are paused, so
that they are not read in a hurry over and over again.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError

from services.reporting.ingest.stops import Stop

LOG = structlog.stdlib.get_logger()

Batch = Sequence[ConsumerRecord[Any, Any]]


class StoppedStreams:
    """The topics that this replica would read, and does not read on."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why, by topic."""
        return self._reasons

    def after(self, consumer: AIOKafkaConsumer, batch: Batch, reasons: Mapping[str, str]) -> None:
        """Pauses the topics in ``reasons`` and seeks them back to the start of this batch, so that
        the commit that follows leaves it to be read again."""
        for topic in {record.topic for record in batch}:
            if topic not in reasons:
                self._reasons.pop(topic, None)
                continue
            first = min(record.offset for record in batch if record.topic == topic)
            with contextlib.suppress(IllegalStateError):  # another replica has it by now
                consumer.seek(TopicPartition(topic, 0), first)
            self._pause(consumer, topic, reasons[topic])

    def follow(self, consumer: AIOKafkaConsumer, stops: Iterable[Stop]) -> None:
        """Pauses what is stopped, whichever replica has stopped it; reads on what no longer is,
        and what is due to be tried again."""
        assigned = {part.topic for part in consumer.assignment()}
        known = {stop.topic: stop for stop in stops if stop.topic in assigned}
        for topic in self._reasons.keys() - known.keys():
            del self._reasons[topic]
            self._resume(consumer, topic)
        for topic, stop in known.items():
            if stop.due:
                self._reasons[topic] = stop.detail
                self._resume(consumer, topic)
            else:
                self._pause(consumer, topic, stop.detail)

    def _pause(self, consumer: AIOKafkaConsumer, topic: str, reason: str) -> None:
        with contextlib.suppress(IllegalStateError):
            consumer.pause(TopicPartition(topic, 0))
        if topic not in self._reasons:
            LOG.error("stream stopped", topic=topic, reason=reason)
        self._reasons[topic] = reason

    def _resume(self, consumer: AIOKafkaConsumer, topic: str) -> None:
        with contextlib.suppress(IllegalStateError):
            consumer.resume(TopicPartition(topic, 0))
