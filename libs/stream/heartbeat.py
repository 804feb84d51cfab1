# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""The heart: says every minute that a site's service is alive, and how its stream stands.

Beats have a topic of their own, so that they never wait behind the backlog they report. A beat
that can't be sent is lost and not missed: the next one says more.
"""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import structlog
import uuid_utils.compat
from aiokafka import AIOKafkaProducer

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.troubles import Disk, trouble_of
from libs.database.types import Pool
from libs.events.beats import Beat, SiteBeat, beat_of
from libs.events.topics import beats_topic
from libs.stream.kafka import HEADERS, KafkaAccess, discard
from libs.stream.relay import Relay
from libs.stream.retry import is_trouble

SQL = statements("libs.stream", "sql/relay.sql")
LOG = structlog.stdlib.get_logger(__name__)

BEAT_S = 60.0
BEATS_A_CONNECTION = 60
"""Then a new one is made, so that a new certificate is seen within the hour."""
SEND_PATIENCE_S = 20.0
LOOK_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Build:
    """What a service runs: its release, its standards, its disk."""

    version: str
    standards: str
    disk: Disk


class Heart:
    """Beats for one stream of one site."""

    def __init__(self, pool: Pool, relay: Relay, kafka: KafkaAccess, build: Build) -> None:
        self._pool = pool
        self._relay = relay
        self._kafka = kafka
        self._build = build
        self._standing: asyncpg.Record | None = None
        self.beats = 0
        """How many the broker has acknowledged since this process started."""

    async def run(self, pause: float = BEAT_S, clock: Clock = now) -> None:
        """Beat for ever, also while nothing answers; ends only by cancellation."""
        while True:
            try:
                await self._beat_on(pause, clock)
            except Exception as error:
                if not is_trouble(error):
                    raise
                LOG.info("beat not sent", reason=f"{type(error).__name__}: {error}")
                await asyncio.sleep(pause)

    async def _beat_on(self, pause: float, clock: Clock) -> None:
        certificate_until = await certificate_end(self._kafka)
        producer = AIOKafkaProducer(
            request_timeout_ms=int(SEND_PATIENCE_S * 1000), **self._kafka.client_settings()
        )
        try:
            async with asyncio.timeout(SEND_PATIENCE_S):
                await producer.start()
            for _ in range(BEATS_A_CONNECTION):
                beat = await self.beat(clock(), certificate_until)
                message = beat.model_dump_json(by_alias=True).encode()
                async with asyncio.timeout(SEND_PATIENCE_S):
                    await producer.send_and_wait(
                        beats_topic(self._relay.name.site), message, partition=0, headers=HEADERS
                    )
                self.beats += 1
                await asyncio.sleep(pause)
        finally:
            await discard(producer)

    async def beat(self, time: datetime, certificate_until: datetime | None) -> Beat:
        """How things stand at this moment."""
        row = await self._stands()
        data = SiteBeat(
            stream=self._relay.name.stream,
            epoch=row["epoch"],
            last_sequence=row["sequence"],
            backlog=row["events"],
            oldest_unsent=row["oldest"],
            relay=self._relay.state,
            version=self._build.version,
            standards=self._build.standards[:12],
            disk_free_percent=self._build.disk.free_percent,
            certificate_until=certificate_until,
        )
        return beat_of(self._relay.name.site, uuid_utils.compat.uuid7(), time, data)

    async def _stands(self) -> asyncpg.Record:
        """How the stream stands, at least. A full disk may take the database away; the centre shall
        hear of the disk then, beside what was last known."""
        try:
            (self._standing,) = await self._pool.fetch(SQL.standing)
        except Exception as error:
            full = trouble_of(error) is not None and self._build.disk.is_full
            if self._standing is None or not full:
                raise
        return self._standing


async def certificate_end(kafka: KafkaAccess) -> datetime | None:
    """When the certificate ends that the broker shows; None on a plain line.

    Raises OSError or TimeoutError when it can't be asked.
    """
    context = kafka.client_settings().get("ssl_context")
    if context is None:
        return None
    host, _, port = kafka.bootstrap.split(",")[0].rpartition(":")
    async with asyncio.timeout(LOOK_PATIENCE_S):
        _, writer = await asyncio.open_connection(host, int(port), ssl=context)
        try:
            shown = writer.get_extra_info("peercert")
        finally:
            writer.close()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
