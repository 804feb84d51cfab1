# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""Reading the end of a stream's own topic."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.envelope import Header
from libs.events.responses import FeedbackDayClosed
from libs.events.visits import DayClosed
from libs.stream import unpacking
from libs.stream.kafka import KafkaAccess
from libs.stream.recovery import Lost, Place, Retreat, TopicEnd

PATIENCE_S = 20.0
"""How long one question to the broker may take."""
STRETCH = 2000
"""Records read back at a time."""
CLOSINGS = frozenset({DayClosed.TYPE, FeedbackDayClosed.TYPE})

Held = Callable[[Sequence[Place]], Awaitable[frozenset[Place]]]
"""Which of some places the database holds."""


async def read_end(kafka: KafkaAccess, topic: str) -> TopicEnd:
    """The newest event of ``topic``, read without a group.

    Raises KafkaError or TimeoutError when the broker does not answer, ValidationError when the
    newest record is no event.
    """
    partition = TopicPartition(topic, 0)
    async with asyncio.timeout(PATIENCE_S), _reader(kafka, partition) as consumer:
        beginning, end = await _bounds(consumer, partition)
        if beginning == end:  # asking a log emptied by retention for its last record hangs
            return TopicEnd(newest=None, ever_written=end > 0)
        (newest,) = await _headers(consumer, partition, end - 1, end)
    return TopicEnd(_place(newest), ever_written=True)


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


async def read_lost(kafka: KafkaAccess, topic: str, held: Held) -> Lost:
    """The events at the end of ``topic`` that ``held`` does not know.

    The topic must hold an event. Raises as :func:`read_end` does.
    """
    partition = TopicPartition(topic, 0)
    retreat = Retreat()
    async with _reader(kafka, partition) as consumer:
        beginning, end = await _bounds(consumer, partition)
        while end > beginning:
            start = max(beginning, end - STRETCH)
            async with asyncio.timeout(PATIENCE_S):
                headers = await _headers(consumer, partition, start, end)
            ours = await held([_place(header) for header in headers])
            for header in reversed(headers):
                place = _place(header)
                closes = header.type in CLOSINGS
                if retreat.meet(place, header.serviceday, closes=closes, held=place in ours):
                    return retreat.lost()
            end = start
    return retreat.lost()


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
        await consumer.stop()


async def _bounds(consumer: AIOKafkaConsumer, partition: TopicPartition) -> tuple[int, int]:
    """The offsets of the first record and behind the last."""
    end = (await consumer.end_offsets([partition]))[partition]
    return (await consumer.beginning_offsets([partition]))[partition], end


async def _headers(
    consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int
) -> list[Header]:
    """The headers of the records from ``start`` to before ``end``, in order."""
    consumer.seek(partition, start)
    headers: list[Header] = []
    while len(headers) < end - start:
        found = await consumer.getmany(
            partition, timeout_ms=1000, max_records=end - start - len(headers)
        )
        records = found.get(partition, [])
        headers += [Header.model_validate_json(record.value or b"") for record in records]
    return headers


def _place(header: Header) -> Place:
    return Place(header.streamepoch, header.streamseq, header.id)
