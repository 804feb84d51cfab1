# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""Says something to sites, each on its own inbox topic."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog
import uuid_utils.compat
from aiokafka import AIOKafkaProducer

from libs.events.inbox import Said, inbox_message
from libs.events.topics import inbox_topic
from libs.stream.kafka import HEADERS, KafkaAccess, discard

LOG = structlog.stdlib.get_logger()

PATIENCE_S = 20.0


Line = tuple[str, datetime, Said]
"""To which site, since when it holds, and what."""


async def say(kafka: KafkaAccess, lines: Sequence[Line]) -> frozenset[str]:
    """Write to the sites' inboxes, in this order; returns which sites were told, once the broker
    has all of it: all but those that the brokers don't know yet.

    Raises what Kafka raises, TimeoutError after 20 s; then nobody knows what was said.
    """
    if not lines:
        return frozenset()
    producer = AIOKafkaProducer(
        acks="all", request_timeout_ms=int(PATIENCE_S * 1000), **kafka.client_settings()
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            await producer.start()
            known = (await producer.client.fetch_all_metadata()).topics()
            told = frozenset(site for site, _, _ in lines if inbox_topic(site) in known)
            for site, time, said in lines:
                if site not in told:
                    continue
                message = inbox_message(uuid_utils.compat.uuid7(), time, said)
                value = message.model_dump_json().encode()
                await producer.send_and_wait(inbox_topic(site), value, partition=0, headers=HEADERS)
                LOG.info("said", to=site, type=said.TYPE, data=said.model_dump(mode="json"))
    finally:
        await discard(producer)
    return told
