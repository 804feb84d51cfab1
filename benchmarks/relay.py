# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""The relay draining a backlog, beside what it is made of: a bare fetch, a bare send_batch."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from typing import cast

import uvloop
from aiokafka import AIOKafkaProducer

from benchmarks.ground import Ground, Line, ground, peak_memory, rate
from libs.database.pool import connections
from libs.database.statements import statements, text
from libs.database.types import Pool
from libs.events.codes import RelayState, Stream
from libs.events.envelope import Numbered, render, source_of
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from libs.stream.relay import BATCH_BYTES, Relay
from saduak.provision.kafka import country, provision, site_user

RELAY = statements("libs.stream", "sql/relay.sql")
SQL = statements("benchmarks", "sql/relay.sql")
EVENTS = 300_000
SITE = "pjo-50"
BARE_TOPIC = f"site.{SITE}.feedback"


async def measure(ground: Ground) -> list[Line]:
    unlimited = replace(country({SITE: "bench"}, "bench"), limits={})
    provision(ground.kafka.admin, unlimited)
    access = KafkaAccess(ground.kafka.admin.bootstrap, site_user(SITE), "bench")
    async with connections(ground.postgres.admin, "bench") as pool:
        await pool.execute(text("libs.stream", "sql/outbox_v1.sql"))
        await pool.execute(SQL.fill, EVENTS, timeout=120)
        await pool.execute(SQL.count, EVENTS)
        await pool.execute(SQL.analyze)
        relayed = await relay(Outbox(pool), access)
        memory = peak_memory()
        fetched = await bare_fetch(pool)
        sent = await bare_send(access, await messages(pool))
    ceiling = max(fetched, sent)
    return [
        Line("bare asyncpg fetch", rate(EVENTS, fetched)),
        Line("bare idempotent send_batch", rate(EVENTS, sent)),
        Line("relay", rate(EVENTS, relayed)),
        Line("relay to the slower ceiling", f"{ceiling / relayed:.2f}", "0.5"),
        memory,
    ]


async def bare_fetch(pool: Pool) -> float:
    async with pool.acquire() as connection:
        begun = time.perf_counter()
        position = 0
        while rows := await connection.fetch(SQL.fetch, position):
            position = rows[-1]["position"]
        return time.perf_counter() - begun


async def messages(pool: Pool) -> list[bytes]:
    """The bytes that the relay sends for this backlog."""
    source = source_of(SITE, Stream.TICKETING)
    rows = await pool.fetch(RELAY.unsent, 0, EVENTS)
    return [render(source, cast(Numbered, row)) for row in rows]


async def bare_send(access: KafkaAccess, messages: list[bytes]) -> float:
    producer = AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=BATCH_BYTES,
        **access.client_settings(),
    )
    await producer.start()
    try:
        begun = time.perf_counter()
        batch = producer.create_batch()
        for message in messages:
            if batch.append(key=None, value=message, timestamp=None) is None:
                await (await producer.send_batch(batch, BARE_TOPIC, partition=0))
                batch = producer.create_batch()
                batch.append(key=None, value=message, timestamp=None)
        await (await producer.send_batch(batch, BARE_TOPIC, partition=0))
        return time.perf_counter() - begun
    finally:
        await producer.stop()


async def relay(outbox: Outbox, access: KafkaAccess) -> float:
    relay = Relay(outbox, StreamName(SITE, Stream.TICKETING), access)
    task = asyncio.create_task(relay.run())
    while relay.state is not RelayState.SENDING:
        await asyncio.sleep(0.001)
    begun = time.perf_counter()
    while relay.sent < EVENTS:
        await asyncio.sleep(0.005)
    seconds = time.perf_counter() - begun
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return seconds


def main() -> list[Line]:
    with ground() as servers:
        return uvloop.run(measure(servers))
