# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""Reading the end of a stream's own topic."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.envelope import Header
from libs.stream.kafka import KafkaAccess
from libs.stream.recovery import Place, TopicEnd

PATIENCE_S = 20.0
"""How long one question to the broker may take."""


async def read_end(kafka: KafkaAccess, topic: str) -> TopicEnd:
    """The newest event of ``topic``, read without a group.

    Raises KafkaError or TimeoutError when the broker does not answer, ValidationError when the
    newest record is no event.
    """
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False, auto_offset_reset="earliest", **kafka.client_settings()
    )
    partition = TopicPartition(topic, 0)
    async with asyncio.timeout(PATIENCE_S):
        try:
            await consumer.start()
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            beginning = (await consumer.beginning_offsets([partition]))[partition]
            if beginning == end:  # asking a log emptied by retention for its last record hangs
                return TopicEnd(newest=None, ever_written=end > 0)
            consumer.seek(partition, end - 1)
            record = await consumer.getone(partition)
        finally:
            await consumer.stop()
    header = Header.model_validate_json(record.value or b"")
    return TopicEnd(Place(header.streamepoch, header.streamseq, header.id), ever_written=True)
