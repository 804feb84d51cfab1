# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""Reading the end of a stream's own topic."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from libs.events.bounds import EPOCH, PAST, SEQUENCE, VALUE_BYTES
from libs.events.responses import FeedbackDayClosed
from libs.events.visits import DayClosed
from libs.stream import unpacking
from libs.stream.kafka import KafkaAccess, discard
from libs.stream.resume import Lost, Place, Retreat, TopicEnd
from libs.stream.unpacking import Unreadable

LOG = structlog.stdlib.get_logger(__name__)

PATIENCE_S = 20.0
"""How long one question to the broker may take."""
STRETCH = 2000
"""Records read back at a time."""
CLOSINGS = frozenset({DayClosed.TYPE, FeedbackDayClosed.TYPE})

EPOCHS_AHEAD = 10
"""How many epochs a topic may be ahead of a database: as often was it restored since the backup was
made. What claims to be further ahead is no event of ours."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What tells an event of a stream from whatever else is on its topic."""

    source: str
    epoch: int
    """The epoch in which the database numbers its events now."""


class Trace(BaseModel):
    """What is read of a record of our own topic: its place, and what is told of lost events.

    Older releases wrote what the contract of today refuses, a moment of 1970 or a booking of the
    year 9999; it was sent, and has its place all the same.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    source: str
    id: UUID
    type: str
    streamepoch: Annotated[int, Field(ge=1, le=EPOCH)]
    streamseq: Annotated[int, Field(ge=1, le=SEQUENCE)]
    serviceday: object = None

    @property
    def place(self) -> Place:
        return Place(self.streamepoch, self.streamseq, self.id)

    def day_until(self, noticed: date) -> date | None:
        """The service day; None where it can't be one, or had not come on the day ``noticed``."""
        try:
            day = date.fromisoformat(str(self.serviceday))
        except ValueError:
            return None
        return day if PAST.holds(day) and day <= noticed else None


Held = Callable[[Sequence[Place]], Awaitable[frozenset[Place]]]
"""Which of some places the database holds."""


async def read_end(kafka: KafkaAccess, topic: str, ours: Ours) -> TopicEnd:
    """The newest event of ``topic`` that is one of ours, read without a group.

    What is none is passed over, however much of it there is: only this site may write here, so it
    was somebody with its password, and the stream must not stand still for that. Raises KafkaError
    or TimeoutError when the broker does not answer.
    """
    partition = TopicPartition(topic, 0)
    async with _reader(kafka, partition) as consumer:
        beginning, end = await _bounds(consumer, partition)
        passed, stretch = 0, 1
        while end > beginning:
            start = max(beginning, end - stretch)
            traces = await _traces(consumer, partition, (start, end), ours)
            if traces:
                return TopicEnd(traces[-1].place, ever_written=True)
            passed += end - start
            end, stretch = start, STRETCH
    if passed:
        LOG.warning("a topic without any event of ours", topic=topic, records=passed)
    return TopicEnd(newest=None, ever_written=beginning > 0)


async def read_newest(kafka: KafkaAccess, topic: str) -> bytes | None:
    """The value of the newest record of ``topic``; None if it holds none. Raises KafkaError,
    OSError or TimeoutError when the broker does not answer."""
    partition = TopicPartition(topic, 0)
    async with asyncio.timeout(PATIENCE_S), _reader(kafka, partition) as consumer:
        beginning, end = await _bounds(consumer, partition)
        if beginning == end:
            return None
        consumer.seek(partition, end - 1)
        record = await consumer.getone(partition)
        return record.value


async def read_lost(kafka: KafkaAccess, topic: str, ours: Ours, held: Held, noticed: date) -> Lost:
    """The events at the end of ``topic`` that ``held`` does not know, as of the day ``noticed``.

    The topic must hold an event of ours. Raises as :func:`read_end` does.
    """
    partition = TopicPartition(topic, 0)
    retreat = Retreat()
    async with _reader(kafka, partition) as consumer:
        beginning, end = await _bounds(consumer, partition)
        while end > beginning:
            start = max(beginning, end - STRETCH)
            traces = await _traces(consumer, partition, (start, end), ours)
            known = await held([trace.place for trace in traces])
            for trace in reversed(traces):
                closes = trace.type in CLOSINGS
                day = trace.day_until(noticed)
                if retreat.meet(trace.place, day, closes=closes, held=trace.place in known):
                    return retreat.lost(noticed)
            end = start
    return retreat.lost(noticed)


@asynccontextmanager
async def _reader(
    kafka: KafkaAccess, partition: TopicPartition
) -> AsyncGenerator[AIOKafkaConsumer]:
    unpacking.install()
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=unpacking.POLL_BYTES,
        max_partition_fetch_bytes=unpacking.FETCH_BYTES,
        **kafka.client_settings(),
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            await consumer.start()
        consumer.assign([partition])
        yield consumer
    finally:
        await discard(consumer)


async def _bounds(consumer: AIOKafkaConsumer, partition: TopicPartition) -> tuple[int, int]:
    """The offsets of the first record and behind the last."""
    end = (await consumer.end_offsets([partition]))[partition]
    return (await consumer.beginning_offsets([partition]))[partition], end


async def _traces(
    consumer: AIOKafkaConsumer, partition: TopicPartition, offsets: tuple[int, int], ours: Ours
) -> list[Trace]:
    """What is ours of the records from one offset to before another, in order."""
    start, end = offsets
    consumer.seek(partition, start)
    found: list[Trace] = []
    async with asyncio.timeout(PATIENCE_S):
        while (at := await consumer.position(partition)) < end:
            polled = await consumer.getmany(partition, timeout_ms=1000, max_records=end - at)
            records = polled.get(partition, [])
            found += [trace for record in records if (trace := trace_of(record.value, ours))]
    return found


def trace_of(value: bytes | None, ours: Ours) -> Trace | None:
    """What ``value`` says of its place, if it is an event of ours."""
    if value is None or isinstance(value, Unreadable) or len(value) > VALUE_BYTES:
        return None
    try:
        trace = Trace.model_validate_json(value)
    except ValidationError:
        return None
    is_ours = trace.source == ours.source and trace.streamepoch <= ours.epoch + EPOCHS_AHEAD
    return trace if is_ours else None
