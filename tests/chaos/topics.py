# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""What lies on a stream's topic: every number once, in order.

The centre asks a site again for what it misses, so that a lost event arrives all the same. Where
the broker loses nothing, nothing may need asking: a number that is missing or comes again on the
topic was lost by a relay, or by the ingest.
"""

import asyncio
import json
from collections.abc import Iterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.codes import Stream
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess

PATIENCE_S = 60.0


async def misplaced(kafka: KafkaAccess, site: str, stream: Stream) -> list[str]:
    """The first number of the topic that is not the next one of its epoch, in words."""
    return list(_misplaced(f"{site} {stream}", await _numbers(kafka, StreamName(site, stream))))


def _misplaced(name: str, numbers: list[tuple[int, int]]) -> Iterator[str]:
    last = (1, 0)
    for epoch, sequence in numbers:
        wanted = last[1] + 1 if epoch == last[0] else 1
        if epoch < last[0] or sequence != wanted:
            yield f"{name}: on the topic, {epoch}/{sequence} follows {last[0]}/{last[1]}"
            return
        last = epoch, sequence


async def _numbers(kafka: KafkaAccess, name: StreamName) -> list[tuple[int, int]]:
    """Epoch and sequence of each record, in the order of the topic."""
    partition = TopicPartition(name.topic, 0)
    consumer = AIOKafkaConsumer(auto_offset_reset="earliest", **kafka.client_settings())
    found: list[tuple[int, int]] = []
    await consumer.start()
    try:
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        async with asyncio.timeout(PATIENCE_S):
            while await consumer.position(partition) < end:
                polled = await consumer.getmany(partition, timeout_ms=1000)
                for record in polled.get(partition, []):
                    told = json.loads(record.value or b"{}")
                    found.append((told["streamepoch"], told["streamseq"]))
    finally:
        await consumer.stop()
    return found
