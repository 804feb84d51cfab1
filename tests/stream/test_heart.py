"""The heart on a real broker: a sign of life every while, whatever the relay does."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.database.troubles import Disk
from libs.events.beats import Beat, read_beat
from libs.events.codes import RelayState, Stream
from libs.events.topics import StreamName, beats_topic
from libs.stream.heartbeat import Build, Heart, certificate_end
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay
from tests.brokers import BrokerSite, KafkaBroker
from tests.small_disk import SmallDisk
from tests.stream.test_relay import write

BUILD = Build("0.1.0", "0123456789abcdef", Disk(Path("/")))
SECONDS = 60


def heart_of(
    outbox: Outbox, site: BrokerSite, access: KafkaAccess | None = None, build: Build = BUILD
) -> Heart:
    kafka = access or site.access
    relay = Relay(outbox, StreamName(site.code, Stream.FEEDBACK), kafka)
    return Heart(outbox.pool, relay, kafka, build)


@asynccontextmanager
async def beating(heart: Heart) -> AsyncGenerator[None]:
    task = asyncio.create_task(heart.run(pause=0.05))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            holds = condition()
            if holds if isinstance(holds, bool) else await holds:
                return
            await asyncio.sleep(0.02)


async def newest_beat(site: BrokerSite) -> Beat:
    consumer = AIOKafkaConsumer(**site.access.client_settings())
    await consumer.start()
    try:
        partition = TopicPartition(beats_topic(site.code), 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        consumer.seek(partition, end - 1)
        record = await consumer.getone(partition)
        return read_beat(record.value or b"")
    finally:
        await consumer.stop()


async def test_it_says_how_the_stream_stands(outbox: Outbox, kafka: KafkaBroker) -> None:
    site = kafka.new_site()
    await write(outbox, 7)
    heart = heart_of(outbox, site)
    before = datetime.now(UTC)
    async with beating(heart):
        await until(lambda: heart.beats >= 3)
    beat = await newest_beat(site)
    assert beat.source == f"/sites/{site.code}/feedback"
    assert beat.time >= before - timedelta(milliseconds=1)
    said = beat.data
    assert (said.stream, said.epoch, said.last_sequence, said.backlog) == ("feedback", 1, 7, 7)
    assert said.oldest_unsent is not None
    assert said.relay is RelayState.STARTING
    assert (said.version, said.standards) == ("0.1.0", "0123456789ab")
    assert 0 <= said.disk_free_percent <= 100
    assert said.certificate_until is not None
    assert said.certificate_until > before


async def test_it_goes_on_while_no_broker_answers(outbox: Outbox, kafka: KafkaBroker) -> None:
    site = kafka.new_site()
    nowhere = replace(site.access, bootstrap="127.0.0.1:1")
    heart = heart_of(outbox, site, nowhere)
    task = asyncio.create_task(heart.run(pause=0.01))
    try:
        await asyncio.wait([task], timeout=0.5)
        assert not task.done()
        assert heart.beats == 0
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_full_disk_is_told_though_it_took_the_database_away(
    outbox: Outbox, kafka: KafkaBroker, small_disk: SmallDisk
) -> None:
    site = kafka.new_site()
    await write(outbox, 7)
    heart = heart_of(outbox, site, build=replace(BUILD, disk=Disk(small_disk.root)))
    async with beating(heart):
        await until(lambda: heart.beats >= 1)
        outbox.pool.terminate()
        before = heart.beats
        small_disk.fill()
        await until(lambda: heart.beats >= before + 2)
    said = (await newest_beat(site)).data
    assert said.disk_free_percent == 0
    assert said.last_sequence == 7


async def test_a_database_that_is_away_for_another_reason_is_not_glossed_over(
    outbox: Outbox, kafka: KafkaBroker
) -> None:
    heart = heart_of(outbox, kafka.new_site())
    await heart.beat(datetime.now(UTC), None)
    outbox.pool.terminate()
    with pytest.raises(asyncpg.InterfaceError):
        await heart.beat(datetime.now(UTC), None)


async def test_a_plain_line_shows_no_certificate(kafka: KafkaBroker) -> None:
    assert await certificate_end(replace(kafka.admin, ca_file=None)) is None
