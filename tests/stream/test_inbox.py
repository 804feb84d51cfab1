"""What the centre asks is done: events are sent again, and nothing else is disturbed by it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from libs.events.codes import Stream
from libs.events.inbox import InboxMessage, ResendAsked, inbox_message
from libs.events.topics import inbox_topic
from libs.service.stream_tasks import obey, without_staff
from libs.stream import inbox as inbox_module
from libs.stream.inbox import Inbox
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay
from tests.brokers import BrokerSite, KafkaBroker
from tests.stream.conftest import SQL
from tests.stream.test_relay import messages, relay_of, running, sent, until, write


async def say(access: KafkaAccess, site: BrokerSite, *values: bytes) -> None:
    """Write to the site's inbox, as the centre does."""
    producer = AIOKafkaProducer(**access.client_settings())
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(inbox_topic(site.code), value, partition=0)
    finally:
        await producer.stop()


def asked(first: int, last: int, *, epoch: int = 1, stream: Stream = Stream.TICKETING) -> bytes:
    data = ResendAsked(stream=stream, epoch=epoch, first=first, last=last)
    return inbox_message(uuid4(), datetime.now(UTC), data).model_dump_json().encode()


@asynccontextmanager
async def reading(outbox: Outbox, site: BrokerSite, relay: Relay) -> AsyncGenerator[Inbox]:
    inbox = Inbox(outbox.pool, site.access, site.code, obey(relay, without_staff))
    task = asyncio.create_task(inbox.run())
    try:
        yield inbox
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_what_the_centre_misses_is_sent_again(outbox: Outbox, kafka: KafkaBroker) -> None:
    site = kafka.new_site()
    await write(outbox, 40)
    relay = relay_of(outbox, site)
    centre = kafka.reporting()
    async with running(relay), reading(outbox, site, relay) as inbox:
        await until(lambda: relay.sent == 40)
        await say(
            centre,
            site,
            b"rubbish",
            asked(11, 13),
            asked(1, 9, stream=Stream.FEEDBACK),
            asked(38, 99),
            asked(1, 5, epoch=2),
        )
        await until(lambda: relay.sent_again == 6)
        await until(lambda: (inbox.taken, inbox.refused) == (4, 1))
        await write(outbox, 1)
        await until(lambda: relay.sent == 41)
    numbers = [message.place[1] for message in await messages(site)]
    assert numbers[:40] == list(range(1, 41))
    assert numbers[40:] == [11, 12, 13, 40, 38, 39, 40, 40, 41]

    again = relay_of(outbox, site)
    async with running(again), reading(outbox, site, again) as inbox:
        await write(outbox, 1)
        await until(lambda: again.sent == 1)
        assert inbox.taken == 0, "what was read is not read again"
    assert (again.sent, again.sent_again) == (1, 0)


async def test_a_repeated_event_is_never_the_last_word(outbox: Outbox, kafka: KafkaBroker) -> None:
    """A new start looks at the topic's newest event: that must be the stream's own newest, also
    where a relay ends in the middle of a long repeat."""
    site = kafka.new_site()
    await write(outbox, 250)
    relay = relay_of(outbox, site)
    async with running(relay):
        await until(lambda: relay.sent == 250)
        relay.send_again(1, 3, 210)
        await until(lambda: relay.sent_again == 208)
        async with asyncio.timeout(60):
            while len(await messages(site)) < 461:
                await asyncio.sleep(0.05)
    await write(outbox, 1)
    await sent(outbox, site, 1)
    numbers = [message.place[1] for message in await messages(site)]
    assert numbers[250:] == [*range(3, 103), 250, *range(103, 203), 250, *range(203, 211), 250, 251]


async def test_a_message_that_can_not_be_done_is_set_apart(
    outbox: Outbox, kafka: KafkaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "TRY_AGAIN_S", 0.01)
    site = kafka.new_site()
    done: list[int] = []
    outages = 2

    async def take(message: InboxMessage) -> None:
        nonlocal outages
        assert isinstance(message.data, ResendAsked)
        first = message.data.first
        if first == 2:
            await outbox.pool.execute("SELECT nothing FROM outbox")
        if first == 3 and outages:
            outages -= 1
            raise ConnectionResetError("the database is away for a moment")
        done.append(first)

    await say(kafka.reporting(), site, asked(1, 1), asked(2, 2), asked(3, 3), b"\x00", asked(4, 4))
    inbox = Inbox(outbox.pool, site.access, site.code, take)
    task = asyncio.create_task(inbox.run())
    try:
        await until(lambda: inbox.taken == 3)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert done == [1, 3, 4], "an outage is waited for, and nothing is done twice for it"
    assert (inbox.set_apart, inbox.refused) == (1, 1)
    notice = await inbox.notice()
    assert "inbox.resend.v1 at offset 1: UndefinedColumnError" in str(notice["last_fault"])


async def test_a_cursor_beyond_the_topic_loses_nothing(outbox: Outbox, kafka: KafkaBroker) -> None:
    """The topic was made anew, or its beginning was lost: what is there is read."""
    site = kafka.new_site()
    relay = relay_of(outbox, site)
    await outbox.pool.execute(SQL.inbox_cursor, 2**60)
    await say(kafka.reporting(), site, asked(1, 1), asked(2, 2))
    async with reading(outbox, site, relay) as inbox:
        await until(lambda: inbox.taken == 2)
    await say(kafka.reporting(), site, asked(3, 3), asked(4, 4), asked(5, 5))
    kafka.lose(inbox_topic(site.code), 4)
    async with reading(outbox, site, relay) as inbox:
        await until(lambda: inbox.taken == 1)
