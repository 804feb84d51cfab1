# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""The inbox: what the centre says to the site, read when it can be, missed by nobody.

Read without a group, from an offset kept in the service's own database. What is not understood
is skipped, counted and logged: a site never stops over what it is told.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.inbox import InboxMessage, NotForUs, read_inbox
from libs.events.topics import inbox_topic
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Pool
from libs.stream.patience import is_trouble
from libs.stream.sql import statements

SQL = statements("libs.stream", "sql/inbox.sql")
LOG = structlog.stdlib.get_logger(__name__)

POLL_MS = 1000
PATIENCE_S = 20.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0

Take = Callable[[InboxMessage], Awaitable[None]]
"""What is done with a message; the same may come again. May raise what a database raises."""


class Record(Protocol):
    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...


class Inbox:
    """The inbox of one site, as one of its services reads it."""

    def __init__(self, pool: Pool, kafka: KafkaAccess, site: str, take: Take) -> None:
        self._pool = pool
        self._kafka = kafka
        self._partition = TopicPartition(inbox_topic(site), 0)
        self._take = take
        self.taken = 0
        self.refused = 0
        """Messages that were not understood, since this process started."""

    async def run(self) -> None:
        """Read for ever, also while nothing answers; ends only by cancellation."""
        pause = FIRST_PAUSE_S
        while True:
            taken = self.taken
            try:
                async with self._consumer() as consumer:
                    while True:
                        await self.step(consumer)
            except Exception as error:
                if not is_trouble(error):
                    raise
                LOG.info("inbox waits", reason=f"{type(error).__name__}: {error}")
            pause = FIRST_PAUSE_S if self.taken > taken else min(2 * pause, LONGEST_PAUSE_S)
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def _consumer(self) -> AsyncGenerator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False, auto_offset_reset="earliest", **self._kafka.client_settings()
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                await consumer.start()
            consumer.assign([self._partition])
            consumer.seek(self._partition, await self._pool.fetchval(SQL.next_offset))
            yield consumer
        finally:
            await consumer.stop()

    async def step(self, consumer: AIOKafkaConsumer) -> None:
        """Take what has come within a second."""
        found = await consumer.getmany(self._partition, timeout_ms=POLL_MS)
        records = found.get(self._partition, [])
        for record in records:
            await self._read(record)
        if records:
            await self._pool.execute(SQL.advance, records[-1].offset + 1)

    async def _read(self, record: Record) -> None:
        try:
            message = read_inbox(record.value or b"")
        except NotForUs as fault:
            self.refused += 1
            LOG.warning("inbox message refused", offset=record.offset, fault=str(fault))
            return
        await self._take(message)
        self.taken += 1
        LOG.info("inbox message", offset=record.offset, type=message.type)
