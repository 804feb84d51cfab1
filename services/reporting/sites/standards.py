# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""Sends the standards in force round to every site."""

import asyncio
from collections.abc import Mapping

import structlog
import uuid_utils.compat
from aiokafka import AIOKafkaProducer

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.inbox import NotForUs
from libs.events.publication import publication, read_publication
from libs.events.topics import NATIONAL_STANDARDS
from libs.standards import for_sites
from libs.stream.kafka import HEADERS, KafkaAccess, discard
from libs.stream.retry import keep_looking
from libs.stream.topic import read_newest

SQL = statements("services.reporting", "sql/ingest.sql")
LOG = structlog.stdlib.get_logger()

LOOK_EVERY_S = 60.0
PATIENCE_S = 20.0
KEY = b"standards"
"""One key: the topic is compacted to the newest publication."""


class Circulator:
    """Sees to it that the newest publication is what the figures are judged by."""

    def __init__(
        self,
        pool: Pool,
        kafka: KafkaAccess,
        version: str,
        files: Mapping[str, bytes],
        clock: Clock = now,
    ) -> None:
        """``files`` make the standards of ``version``; what the sites can't read stays here."""
        self._pool = pool
        self._kafka = kafka
        self._version = version
        self._files = for_sites(files)
        self._clock = clock

    async def run(self) -> None:
        """Look for ever; ends only by cancellation."""
        await keep_looking(self.look, LOOK_EVERY_S, "publication of the standards")

    async def look(self) -> bool:
        """Publish, if ours are in force and something else was published last; whether so."""
        if await self._pool.fetchval(SQL.standards_in_force) != self._version:
            return False
        if await self._published() == self._version:
            return False
        message = publication(uuid_utils.compat.uuid7(), self._clock(), self._version, self._files)
        producer = AIOKafkaProducer(
            acks="all",
            compression_type="lz4",
            request_timeout_ms=int(PATIENCE_S * 1000),
            **self._kafka.client_settings(),
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                await producer.start()
                value = message.model_dump_json().encode()
                await producer.send_and_wait(
                    NATIONAL_STANDARDS, value, KEY, partition=0, headers=HEADERS
                )
        finally:
            await discard(producer)
        LOG.info("standards published", version=self._version)
        return True

    async def _published(self) -> str | None:
        raw = await read_newest(self._kafka, NATIONAL_STANDARDS)
        try:
            return None if raw is None else read_publication(raw).data.version
        except NotForUs as fault:
            LOG.warning("the newest publication is none", fault=str(fault))
            return None
