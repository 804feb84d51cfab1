# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""Asks the sites for what is missing: a gap heals by itself while its site can be reached."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import asyncpg
import structlog
import uuid_utils.compat
from aiokafka import AIOKafkaProducer

from libs.events.codes import Stream
from libs.events.inbox import ResendAsked, inbox_message
from libs.events.topics import inbox_topic
from libs.stream.clock import Clock, now
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Pool
from libs.stream.relay import Troubles, discard
from libs.stream.sql import statements

SQL = statements("services.reporting", "sql/sites.sql")
LOG = structlog.stdlib.get_logger()

LOOK_EVERY_S = 5.0
PATIENCE = timedelta(seconds=10)
"""How long a gap is open before its site is asked: two replicas may have swapped batches."""
ANSWER_WITHIN = timedelta(minutes=5)
"""After which the site is asked again, and then ever more rarely."""
SEND_PATIENCE_S = 20.0


class Asker:
    """Looks for gaps and asks for what is in them. Any number may run beside each other."""

    def __init__(self, pool: Pool, kafka: KafkaAccess, clock: Clock = now) -> None:
        self._pool = pool
        self._kafka = kafka
        self._clock = clock

    async def run(self) -> None:
        """Look for ever; ends only by cancellation."""
        while True:
            try:
                gaps = await self._pool.fetch(SQL.gaps_to_ask_for, PATIENCE, ANSWER_WITHIN)
                if gaps:
                    await self.ask(gaps)
            except Troubles as error:
                LOG.warning("gaps wait", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def ask(self, gaps: Sequence[asyncpg.Record]) -> None:
        """Ask the sites for the events of these gaps. Raises what Kafka raises."""
        producer = AIOKafkaProducer(
            acks="all",
            request_timeout_ms=int(SEND_PATIENCE_S * 1000),
            **self._kafka.client_settings(),
        )
        try:
            async with asyncio.timeout(SEND_PATIENCE_S):
                await producer.start()
                for gap in gaps:
                    await self._ask(producer, gap)
        finally:
            await discard(producer)

    async def _ask(self, producer: AIOKafkaProducer, gap: asyncpg.Record) -> None:
        asked = ResendAsked(
            stream=Stream(gap["stream"]),
            epoch=gap["epoch"],
            first=gap["first"],
            last=gap["last"],
        )
        message = inbox_message(uuid_utils.compat.uuid7(), self._clock(), asked)
        site = cast(str, gap["site"])
        await producer.send_and_wait(
            inbox_topic(site), message.model_dump_json().encode(), partition=0
        )
        LOG.warning("asked to send again", of=site, **asked.model_dump(mode="json"))
