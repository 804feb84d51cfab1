# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Ingest of a backlog into rollups, beside what it is made of: bare consumption, a bare COPY."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from prometheus_client import CollectorRegistry

from benchmarks.ground import Ground, Line, ground, peak_memory, rate
from benchmarks.nation import (
    PASSWORD,
    active_sites,
    ended,
    make_topics,
    national_database,
    played,
    standards,
    until,
)
from benchmarks.replicas import replicas
from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.codes import Stream
from libs.events.topics import StreamName, stream_of
from libs.standards import Standards
from libs.stream.kafka import KafkaAccess
from libs.stream.relay import BATCH_BYTES
from saduak.local.processes import Child, tail
from saduak.provision.kafka import REPORTING
from services.reporting.consumer.consumer import BATCH, Consumer
from services.reporting.consumer.metrics import Telemetry
from services.reporting.garbage_collection import expect_many_objects
from services.reporting.ingest.admission import Admission
from services.reporting.ingest.batch import Entered, Ingest, Taken
from services.reporting.ingest.messages import Arrival, Found, Record, Refusal
from services.reporting.ingest.projection import Touched
from services.reporting.ingest.watermarks import Standing
from services.reporting.model.rollups import Ledger
from services.reporting.model.targets import Yardsticks
from services.reporting.verification.rebuild import prepare

SQL = statements("benchmarks", "sql/ingest.sql")
EVENTS = 300_000
PATIENCE = 240.0
COLUMNS = ("site", "stream", "epoch", "sequence", "envelope")


class TimedIngest(Ingest):
    """The ingest, with the seconds that each of its steps took."""

    def __init__(self, pool: Pool, yardsticks: Yardsticks) -> None:
        super().__init__(pool, yardsticks)
        self.events = 0
        self.spent: dict[str, float] = defaultdict(float)
        self._step = "before the first batch"
        self._since = time.perf_counter()

    @property
    def seconds(self) -> float:
        """From the first batch to the last commit."""
        return sum(self.spent.values())

    def _turn_to(self, step: str) -> None:
        at = time.perf_counter()
        self.spent[self._step] += at - self._since
        self._step, self._since = step, at

    async def take(self, records: Iterable[Record]) -> Taken:
        self._turn_to("reading and validating")
        if not self.events:
            self.spent.clear()
        taken = await super().take(records)
        self._turn_to("Kafka, offsets and waiting")
        self.events += sum(taken.stored.values())
        return taken

    async def _enter(self, connection: Connection, topics: Collection[str]) -> Entered:
        self._turn_to("locking the streams")
        return await super()._enter(connection, topics)

    async def _admit(
        self, connection: Connection, found: Sequence[Found], standing: Standing
    ) -> Admission:
        self._turn_to("telling new from known")
        return await super()._admit(connection, found, standing)

    async def _keep(
        self, connection: Connection, admission: Admission, fresh: Sequence[Refusal]
    ) -> None:
        self._turn_to("storing events (COPY)")
        await super()._keep(connection, admission, fresh)

    async def _fold(
        self, connection: Connection, accepted: Sequence[Arrival], visits: Touched
    ) -> Ledger:
        self._turn_to("folding visits")
        return await super()._fold(connection, accepted, visits)

    async def _count(self, connection: Connection, figures: Ledger) -> None:
        self._turn_to("changing rollups")
        await super()._count(connection, figures)
        self._turn_to("watermarks and commit")


async def measure(ground: Ground) -> list[Line]:
    known = standards()
    make_topics(ground, active_sites(known))
    await send(ground.kafka.admin, known)
    database = await national_database(ground)
    async with connections(database.app("reporting"), "bench") as pool:
        yardsticks = Yardsticks(known)
        await prepare(pool, yardsticks, lambda _site, _events: None)
        expect_many_objects()
        ingest = TimedIngest(pool, yardsticks)
        await ingested(ingest, KafkaAccess(ground.kafka.local, REPORTING, PASSWORD))
        memory = peak_memory()
        await check(pool)
    consumed, copied = await ceilings(ground, known)
    shared = await shared_rate(ground)
    ceiling = max(consumed, copied)
    return [
        Line("bare consumption", rate(EVENTS, consumed)),
        Line("bare COPY of the same bytes", rate(EVENTS, copied)),
        Line("ingest to rollups", rate(EVENTS, ingest.seconds)),
        Line("ingest to the slower ceiling", f"{ceiling / ingest.seconds:.2f}", "0.15"),
        Line("ingest by two replicas", f"{shared:,.0f}/s"),
        Line("the same to the slower ceiling", f"{ceiling * shared / EVENTS:.2f}"),
        memory,
        *(Line(f"share of {step}", f"{part:.0%}") for step, part in shares(ingest)),
    ]


def shares(ingest: TimedIngest) -> list[tuple[str, float]]:
    return [(step, spent / ingest.seconds) for step, spent in ingest.spent.items()]


async def send(access: KafkaAccess, known: Standards) -> None:
    producer = AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=BATCH_BYTES,
        linger_ms=20,
        **access.client_settings(),
    )
    await producer.start()
    try:
        for messages in played(known, active_sites(known), EVENTS):
            for message in messages:
                await producer.send(message.topic, message.value, partition=0)
    finally:
        await producer.stop()


async def ingested(ingest: TimedIngest, access: KafkaAccess) -> None:
    telemetry = Telemetry(CollectorRegistry())
    consumer = Consumer(ingest, access, "bench", telemetry, group=f"{REPORTING}-alone")
    task = asyncio.create_task(consumer.run())
    try:
        await until(lambda: ingest.events >= EVENTS, task, PATIENCE, "all is ingested")
    finally:
        await ended(task)


async def shared_rate(ground: Ground) -> float:
    """Events a second that two processes take in, from their first batch on."""
    database = await national_database(ground, "shared")
    async with connections(database.app("reporting"), "bench", most=1) as pool:
        with replicas(ground, database.app("reporting"), 2) as children:
            first = await arrived(pool, children, 1)
            begun = time.perf_counter()
            await arrived(pool, children, EVENTS)
            seconds = time.perf_counter() - begun
        await check(pool)
    return (EVENTS - first) / seconds


async def arrived(pool: Pool, children: Sequence[Child], events: int) -> int:
    """How many events are stored, once there are so many."""
    async with asyncio.timeout(PATIENCE):
        while (stored := await pool.fetchval(SQL.stored)) < events:
            for child in children:
                assert child.status is None, tail(child.log)
            await asyncio.sleep(0.02)
    return stored


async def check(pool: Pool) -> None:
    """A fast ingest that is wrong would prove nothing."""
    arrived = await pool.fetchrow(SQL.arrived)
    assert arrived is not None
    assert (arrived["events"], arrived["gaps"], arrived["refused"]) == (EVENTS, 0, 0), arrived
    assert arrived["visits"] == arrived["issued"], arrived


async def ceilings(ground: Ground, known: Standards) -> tuple[float, float]:
    """Seconds to consume the same topics from the first batch on, and to copy the same bytes."""
    consumed = copied = 0.0
    async with (
        asyncio.timeout(PATIENCE),
        connections(ground.postgres.admin, "bench") as pool,
        pool.acquire() as connection,
    ):
        await connection.execute(SQL.plain_table)
        begun = 0.0
        async for _ in batches(ground.kafka.admin, known):
            begun = begun or time.perf_counter()
        consumed = time.perf_counter() - begun
        async for records in batches(ground.kafka.admin, known):
            rows = [row(record) for record in records]
            begun = time.perf_counter()
            await connection.copy_records_to_table("plain", columns=COLUMNS, records=rows)
            copied += time.perf_counter() - begun
    return consumed, copied


async def batches(access: KafkaAccess, known: Standards) -> AsyncGenerator[list[Any]]:
    """All records of the streams, in batches of the ingest's size."""
    topics = [StreamName(site, stream).topic for site in active_sites(known) for stream in Stream]
    consumer = AIOKafkaConsumer(auto_offset_reset="earliest", **access.client_settings())
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0) for topic in topics])
        left = EVENTS
        while left:
            found = await consumer.getmany(timeout_ms=50, max_records=BATCH)
            records = [record for part in found.values() for record in part]
            left -= len(records)
            if records:
                yield records
    finally:
        await consumer.stop()


def row(record: Any) -> tuple[str, str, int, int, str]:
    name = stream_of(record.topic)
    return (name.site, name.stream.value, 1, record.offset + 1, record.value.decode())


def main() -> list[Line]:
    with ground() as servers:
        return uvloop.run(measure(servers))
