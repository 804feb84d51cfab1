"""What tests of the relay do: write events, let it run, read the topic."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.catalogue import Unknown, read
from libs.events.codes import Origin
from libs.events.payloads import Payload
from libs.events.visits import VisitStarted
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay
from tests.brokers import BrokerSite

DAY = date(2021, 12, 2)


async def write(outbox: Outbox, count: int) -> None:
    async with outbox.transaction() as transaction:
        for _ in range(count):
            transaction.emit(
                VisitStarted(step=1, counter=1),
                subject=uuid4(),
                time=datetime.now(UTC),
                service_day=DAY,
                origin=Origin.LIVE,
            )


@asynccontextmanager
async def running(relay: Relay) -> AsyncGenerator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Message:
    """An event on the topic."""

    place: tuple[int, int]
    id: UUID
    data: Payload


async def sequences(site: BrokerSite) -> list[int]:
    """The numbers on the topic."""
    return [message.place[1] for message in await messages(site)]


async def messages(site: BrokerSite) -> list[Message]:
    """What the topic holds, read by the site itself, without a group."""
    consumer = AIOKafkaConsumer(auto_offset_reset="earliest", **site.access.client_settings())
    await consumer.start()
    try:
        partition = TopicPartition(f"site.{site.code}.ticketing", 0)
        consumer.assign([partition])
        first = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[Message] = []
        while len(found) < end - first:
            record = await consumer.getone(partition)
            event = read(record.value or b"")
            assert not isinstance(event, Unknown)
            assert event.source == f"/sites/{site.code}/ticketing"
            place = (event.streamepoch, event.streamseq)
            found.append(Message(place, event.id, event.data))
        return found
    finally:
        await consumer.stop()
