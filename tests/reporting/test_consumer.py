"""The consumer on a real broker and a real database: nothing lost, nothing counted twice."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from faststream import AckPolicy
from prometheus_client import CollectorRegistry

from libs.clock import now
from libs.events.codes import Stream
from libs.events.topics import STREAMS_PATTERN
from libs.stream.kafka import KafkaAccess
from saduak.provision.postgres import session
from services.reporting.consumer import consumer as consuming
from services.reporting.consumer.consumer import GROUP, Consumer, broker_of, subscribe
from services.reporting.consumer.metrics import Telemetry
from services.reporting.ingest import admission, stops, vacancies
from services.reporting.ingest.batch import Ingest, StandardsChanged, Taken
from services.reporting.ingest.messages import StreamKey
from services.reporting.ingest.quarantine import Finding
from tests.brokers import BrokerSite, KafkaBroker
from tests.databases import FreshDatabase, PostgresServer
from tests.reporting.nation import SQL, Nation, nation_on
from tests.reporting.streams import Message, SiteStreams

DAY = date(2026, 3, 2)
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Country:
    """A site that writes, and a nation that reads."""

    site: BrokerSite
    nation: Nation
    kafka: KafkaAccess
    registries: dict[Consumer, CollectorRegistry]

    def replica(self, name: str = "one") -> Consumer:
        """A consumer of this site's streams, in a group of its own."""
        registry = CollectorRegistry()
        made = Consumer(
            self.nation.ingest,
            self.kafka,
            name,
            Telemetry(registry),
            group=f"{GROUP}-{self.site.code}",
            pattern=rf"^site\.{re.escape(self.site.code)}\.(ticketing|feedback)$",
        )
        self.registries[made] = registry
        return made

    def read(self, consumer: Consumer, metric: str, **labels: str) -> float:
        return self.registries[consumer].get_sample_value(metric, labels) or 0.0

    async def stored(self) -> int:
        return len(await self.nation.rows("events"))

    async def states(self) -> set[tuple[str, str | None]]:
        return set((await self.nation.states()).values())

    async def send(self, messages: Iterable[Message]) -> None:
        """Write as the site does: over TLS, as its own user."""
        producer = AIOKafkaProducer(**self.site.access.client_settings())
        await producer.start()
        try:
            sent = [await producer.send(m.topic, m.value, partition=0) for m in messages]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    def day(self, visits: int) -> SiteStreams:
        streams = SiteStreams(self.site.code, 1)
        streams.play(DAY, visits)
        return streams


@pytest.fixture
async def country(kafka: KafkaBroker, fresh_database: FreshDatabase) -> AsyncGenerator[Country]:
    async with nation_on(await fresh_database("reporting")) as nation:
        yield Country(kafka.new_site(), nation, kafka.reporting(), {})


@asynccontextmanager
async def running(*consumers: Consumer) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_a_day_arrives_and_is_not_read_again(country: Country) -> None:
    streams = country.day(30)
    await country.send(streams.messages)
    first = country.replica()
    async with running(first):
        await until(lambda: complete(country))
        assert (await first.check()).ok
        await until(lambda: settled(first))
        assert country.read(first, "saduak_ingest_freshness_seconds_count") >= 2
        stored = {
            stream: country.read(first, "saduak_ingest_events_total", stream=stream)
            for stream in Stream
        }
    assert stored == {
        Stream.TICKETING: len(streams.ticketing.sent),
        Stream.FEEDBACK: len(streams.feedback.sent),
    }
    assert not (await first.check()).ok
    again = country.replica()
    written = len(streams.ticketing.sent)
    async with running(again):
        streams.correct(DAY)
        await country.send(streams.ticketing.sent[written:])
        await until(lambda: arrived(country, len(streams.messages)))
    assert country.read(again, "saduak_ingest_duplicates_total") == 0
    assert await country.nation.check() == []


async def complete(country: Country) -> bool:
    return await country.states() == {("complete", None)}


async def arrived(country: Country, count: int) -> bool:
    return await country.stored() >= count


async def settled(consumer: Consumer) -> bool:
    return consumer.lag() == 0


async def test_nothing_is_lost_while_the_database_is_away(
    kafka: KafkaBroker, postgres: PostgresServer, fresh_database: FreshDatabase
) -> None:
    database = await fresh_database("reporting")
    async with nation_on(database) as nation, session(postgres.admin) as admin:
        country = Country(kafka.new_site(), nation, kafka.reporting(), {})
        streams = country.day(20)
        replica = country.replica()
        async with running(replica):
            half = len(streams.messages) // 2
            await country.send(streams.messages[:half])
            await until(lambda: arrived(country, half))
            await admin.execute(await admin.fetchval(SQL.shut_database, database.name))
            await admin.execute(SQL.end_sessions, database.name)
            await country.send(streams.messages[half:])
            await until(lambda: failed(country, replica))
            assert not (await replica.check()).ok
            await admin.execute(await admin.fetchval(SQL.open_database, database.name))
            await until(lambda: complete(country))
            await until(lambda: ready(replica))
        assert await country.stored() == len(streams.messages)
        assert await nation.check() == []


async def failed(country: Country, consumer: Consumer) -> bool:
    return country.read(consumer, "saduak_ingest_failures_total") >= 2


async def ready(consumer: Consumer) -> bool:
    return (await consumer.check()).ok


async def test_a_batch_given_back_comes_again(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "PATIENCE", 0.0)
    take, attempts = Ingest.take, list[int]()

    async def failing_twice(self: Ingest, records: Iterable[Message]) -> Taken:
        batch = list(records)
        attempts.append(len(batch))
        if len(attempts) <= 2:
            raise OSError("the database is away")
        return await take(self, batch)

    monkeypatch.setattr(Ingest, "take", failing_twice)
    await country.send(country.day(10).messages)
    async with running(country.replica()):
        await until(lambda: complete(country))
    assert len(attempts) >= 3


async def test_two_replicas_share_the_streams(country: Country) -> None:
    streams = country.day(40)
    one, two = country.replica("one"), country.replica("two")
    third = len(streams.messages) // 3
    async with running(one):
        async with running(two):
            await country.send(streams.messages[:third])
            await until(lambda: arrived(country, third))
            await country.send(streams.messages[third : 2 * third])
        await country.send(streams.messages[2 * third :])
        await until(lambda: complete(country))
    assert await country.stored() == len(streams.messages)
    assert await country.nation.check() == []


async def test_what_needs_a_person_halts_the_consumer_visibly(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[int] = []

    async def halting(_: Ingest, records: Iterable[Message]) -> Taken:
        attempts.append(len(list(records)))
        raise StandardsChanged("judged by other standards")

    streams = country.day(5)
    replica = country.replica()

    async def halted() -> bool:
        return replica.halted is not None

    with monkeypatch.context() as patched:
        patched.setattr(Ingest, "take", halting)
        await country.send(streams.messages)
        async with running(replica):
            await until(halted)
            finding = await replica.check()
            assert not finding.ok
            assert finding.detail == "judged by other standards"
            assert country.read(replica, "saduak_ingest_halted") == 1
    assert len(attempts) == 1
    async with running(country.replica()):
        await until(lambda: complete(country))


async def test_a_stream_of_rubbish_stops_and_the_others_go_on(
    kafka: KafkaBroker, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = country.day(20)
    ticketing, feedback = streams.ticketing.sent, streams.feedback.sent
    topic = country.site.topic(Stream.TICKETING)
    await country.send(ticketing[:10])
    replica = country.replica()

    async def stopped() -> bool:
        return list(replica.stopped.reasons) == [topic]

    async with running(replica):
        await until(lambda: arrived(country, 10))
        await country.send([Message(topic, 0, 0, b"rubbish")] * 300)
        await until(stopped)
        await country.send(feedback)
        await until(lambda: arrived(country, 10 + len(feedback)))
        labels = {"site": country.site.code, "stream": "ticketing"}
        assert country.read(replica, "saduak_ingest_stopped", **labels) == 1
        assert (await replica.check()).ok
        assert replica.lag() == 300
        batches = country.read(replica, "saduak_ingest_batch_duration_seconds_count")
        signs_of_life: list[float | None] = []
        monkeypatch.setattr(replica.progress, "polled", signs_of_life.append)
        await until(lambda: has(signs_of_life))  # what waits there does not make it seem stuck
        assert country.read(replica, "saduak_ingest_batch_duration_seconds_count") == batches
        assert await country.nation.rows("quarantined") == []
    again = country.replica()  # nothing of it was committed: it stops at the same place
    async with running(again):
        await until(lambda: has_stopped(again, topic))
        assert "at offset 10: poison" in again.stopped.reasons[topic]
        kafka.lose(topic, 310)
        monkeypatch.setattr(stops, "LOOK_AGAIN", timedelta(0))
        await country.send(ticketing[10:])
        await until(lambda: complete(country))
        await until(lambda: has_stopped(again))
    assert await country.nation.rows("quarantined") == []
    assert await country.nation.check() == []


async def test_a_stream_of_gaps_is_stopped_for_every_replica_until_they_are_accepted(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by one replica, it stays stopped for the next, which reads everything else on."""
    monkeypatch.setattr(admission, "OPEN_GAPS", 5)
    streams = country.day(20)
    topic = country.site.topic(Stream.TICKETING)
    gappy = streams.ticketing.sent[::2]
    await country.send(gappy)
    one, two = country.replica("one"), country.replica("two")
    async with running(one):
        await until(lambda: has_stopped(one, topic))
        assert "accept-loss" in one.stopped.reasons[topic]
    assert len(await country.nation.rows("gaps")) == 5
    async with running(two):
        await until(lambda: has_stopped(two, topic))
        labels = {"site": country.site.code, "stream": "ticketing"}
        assert country.read(two, "saduak_ingest_stopped", **labels) == 1
        before = await country.stored()
        await country.send(streams.feedback.sent)
        await until(lambda: arrived(country, before + len(streams.feedback.sent)))
        assert len(await country.nation.rows("gaps")) == 5
        monkeypatch.setattr(admission, "OPEN_GAPS", 1000)
        key = StreamKey(country.site.code, "ticketing")
        await vacancies.accept_loss(country.nation.pool, key, Finding("a drill", now()))
        everything = len(gappy) + len(streams.feedback.sent)
        await until(lambda: arrived(country, everything))
        await until(lambda: has_stopped(two))
    assert await country.nation.rows("stops") == []
    assert await country.nation.check() == []


async def has(found: list[Any]) -> bool:
    return bool(found)


async def has_stopped(consumer: Consumer, *topics: str) -> bool:
    return list(consumer.stopped.reasons) == list(topics)


async def test_a_new_site_is_found(kafka: KafkaBroker, country: Country) -> None:
    """Its topics are made while the consumer runs."""
    newcomer = f"{country.site.code[:4]}z{country.site.code[5:]}"
    replica = Consumer(
        country.nation.ingest,
        country.kafka,
        "one",
        Telemetry(CollectorRegistry()),
        group=f"{GROUP}-{newcomer}",
        pattern=rf"^site\.{newcomer}\.(ticketing|feedback)$",
    )
    async with running(replica):
        await until(lambda: ready(replica))
        late = Country(kafka.site(newcomer), country.nation, country.kafka, {})
        await late.send(late.day(3).messages)
        await until(lambda: complete(country))


async def test_what_the_client_is_told() -> None:
    """Four defaults lose data; each is set, on the subscriber itself."""
    broker = broker_of(KafkaAccess("127.0.0.1:1"), "one")

    async def handle(_: object) -> None:
        """Never called."""

    subscriber = subscribe(broker, handle, GROUP, "one", STREAMS_PATTERN)
    with pytest.raises(KafkaConnectionError):  # settings reach the client only at the start
        await broker.start()
    await broker.stop()
    assert subscriber.ack_policy is AckPolicy.NACK_ON_ERROR
    assert subscriber.group_id == "reporting"
    assert subscriber.pattern
    assert re.fullmatch(subscriber.pattern.broker_address, "site.pjo-50.ticketing")
    assert not re.fullmatch(subscriber.pattern.broker_address, "site.pjo-50.beats")
    told = cast("partial[Any]", subscriber.builder).keywords | subscriber._connection_args
    expected = {
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "group_instance_id": "reporting-one",
        "session_timeout_ms": 10_000,
        "heartbeat_interval_ms": 3000,
        "rebalance_timeout_ms": 60_000,
        "max_poll_interval_ms": 300_000,
        "metadata_max_age_ms": 10_000,
        "retry_backoff_ms": 1000,
        "request_timeout_ms": 40_000,
    }
    assert {name: told[name] for name in expected} == expected
    assert broker.config.broker_config.allow_auto_create_topics is False
