# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""Says something to sites, each on its own inbox topic."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import structlog
import uuid_utils.compat
from aiokafka import AIOKafkaProducer
from pydantic import ValidationError

from libs.events.inbox import Said, inbox_message
from libs.events.topics import inbox_topic
from libs.stream.kafka import HEADERS, KafkaAccess, discard
from libs.stream.retry import Troubles

LOG = structlog.stdlib.get_logger()

PATIENCE_S = 20.0
SITE_PATIENCE_S = 10.0
"""For one site's inbox; all are written to at once, so that none waits for another."""


Line = tuple[str, datetime, Said]
"""To which site, since when it holds, and what."""


async def say(kafka: KafkaAccess, lines: Sequence[Line]) -> frozenset[str]:
    """Write to the sites' inboxes, to each in this order; returns which sites were told: those
    of which the broker has every line. A site that the brokers don't know yet, and one whose
    inbox they refuse, hold nobody up, and are not among them.

    Raises what Kafka raises while nobody can be told anything; TimeoutError after 20 s.
    """
    if not lines:
        return frozenset()
    by_site: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_site[line[0]].append(line)
    producer = AIOKafkaProducer(
        acks="all", request_timeout_ms=int(PATIENCE_S * 1000), **kafka.client_settings()
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            await producer.start()
            known = (await producer.client.fetch_all_metadata()).topics()
        sites = [site for site in by_site if inbox_topic(site) in known]
        told = await asyncio.gather(*(_tell(producer, site, by_site[site]) for site in sites))
    finally:
        await discard(producer)
    return frozenset(site for site, heard in zip(sites, told, strict=True) if heard)


async def _tell(producer: AIOKafkaProducer, site: str, lines: Sequence[Line]) -> bool:
    """Whether the broker has all of what is said to ``site``."""
    try:
        async with asyncio.timeout(SITE_PATIENCE_S):
            for _, time, said in lines:
                message = inbox_message(uuid_utils.compat.uuid7(), time, said)
                value = message.model_dump_json().encode()
                await producer.send_and_wait(inbox_topic(site), value, partition=0, headers=HEADERS)
                LOG.info("said", to=site, type=said.TYPE, data=said.model_dump(mode="json"))
    except (*Troubles, ValidationError) as error:
        LOG.warning("a site could not be told", site=site, error=f"{type(error).__name__}: {error}")
        return False
    return True
