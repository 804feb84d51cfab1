# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""The inbox: what the centre says to the site, read when it can be, missed by nobody.

Read without a group, from an offset kept in the service's own database. What is not understood is
skipped, counted and logged, and so is what can't be done: a site never stops over what it is told.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.inbox import InboxMessage, NotForUs, read_inbox
from libs.events.topics import inbox_topic
from libs.stream.kafka import KafkaAccess, discard
from libs.stream.retry import is_trouble

SQL = statements("libs.stream", "sql/inbox.sql")
LOG = structlog.stdlib.get_logger(__name__)

POLL_MS = 1000
PATIENCE_S = 20.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
TRIES = 3
TRY_AGAIN_S = 1.0
"""Seconds after a message that could not be done."""

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
        self.set_apart = 0
        """Messages that were understood and could not be done."""
        self.last_fault: str | None = None
        """What the last of those was, where it lies in the topic, and what failed."""

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
            await discard(consumer)

    async def step(self, consumer: AIOKafkaConsumer) -> None:
        """Take what has come within a second."""
        found = await consumer.getmany(self._partition, timeout_ms=POLL_MS)
        records = found.get(self._partition, [])
        for record in records:
            await self._read(record)
            await self._pool.execute(SQL.advance, record.offset + 1)

    async def _read(self, record: Record) -> None:
        try:
            message = read_inbox(record.value or b"")
        except NotForUs as fault:
            self.refused += 1
            LOG.warning("inbox message refused", offset=record.offset, fault=str(fault))
            return
        if await self._do(message, record.offset):
            self.taken += 1
            LOG.info("inbox message", offset=record.offset, type=message.type)

    async def _do(self, message: InboxMessage, offset: int) -> bool:
        """Do what ``message`` asks; whether it could be done. What fails again and again, while
        database and broker are there, is set apart: those behind it have not deserved to wait."""
        for attempt in range(1, TRIES + 1):
            try:
                await self._take(message)
            except Exception as error:
                if is_trouble(error):
                    raise
                fault = f"{type(error).__name__}: {error}"
                LOG.warning("inbox message failed", offset=offset, attempt=attempt, fault=fault)
                self.last_fault = f"{message.type} at offset {offset}: {fault}"
                await asyncio.sleep(TRY_AGAIN_S)
            else:
                return True
        self.set_apart += 1
        LOG.error("inbox message set apart", message=self.last_fault)
        return False

    async def notice(self) -> dict[str, object]:
        """What health shows of the inbox."""
        return {
            "taken": self.taken,
            "refused": self.refused,
            "set_apart": self.set_apart,
            "last_fault": self.last_fault,
        }
