"""The relay on a real broker: in order, once, through every kind of stop."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from libs.events.codes import RelayState, Stream
from libs.events.restoration import StreamRestored
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from libs.stream.partitions import Keeper, nobody_follows
from libs.stream.relay import Relay
from libs.stream.restore import Broken, heal
from libs.stream.resume import Sent
from libs.stream.topic import Ours, read_end
from tests.brokers import BrokerSite, KafkaBroker
from tests.databases import FreshDatabase
from tests.stream.conftest import SQL, new_outbox
from tests.stream.hostile import LZ4, ZSTD, batch, bomb, packed, record, send_raw, sending
from tests.stream.relaying import messages, running, sequences, until, write

DAY = date(2021, 12, 2)


@pytest.fixture
def site(kafka: KafkaBroker) -> BrokerSite:
    return kafka.new_site()


def relay_of(outbox: Outbox, site: BrokerSite, access: KafkaAccess | None = None) -> Relay:
    return Relay(outbox, StreamName(site.code, Stream.TICKETING), access or site.access)


async def test_what_is_committed_is_sent_in_order(outbox: Outbox, site: BrokerSite) -> None:
    await write(outbox, 5000)
    relay = relay_of(outbox, site)
    async with running(relay):
        await until(lambda: relay.sent == 5000)
        await write(outbox, 3)
        await until(lambda: relay.sent == 5003)
    assert await sequences(site) == list(range(1, 5004))
    assert (await relay.backlog()).events == 0


async def test_partitions_that_are_filled_beneath_it_change_nothing(
    outbox: Outbox, site: BrokerSite
) -> None:
    """Rows move out of the default partition while the relay reads them and clerks write."""
    small = 2_000
    keeper = Keeper(outbox.pool, nobody_follows)
    await outbox.pool.execute(SQL.drop_by_hand)
    await outbox.pool.execute(SQL.forget_partitions)
    await keeper.look(small)
    relay, made, clicks = relay_of(outbox, site), 0, 0
    async with running(relay):
        for _ in range(3):
            await write(outbox, 5 * small)
            keeping = asyncio.create_task(keeper.look(small))
            while not keeping.done():
                await write(outbox, 1)
                clicks += 1
            made += (await keeping)[0]
        total = 3 * 5 * small + clicks
        await until(lambda: relay.sent >= total)
    assert made >= 15
    assert clicks > 3
    assert await outbox.pool.fetchval(SQL.in_default) == 0
    assert await sequences(site) == list(range(1, total + 1))


async def test_a_lost_acknowledgement_sends_nothing_twice(outbox: Outbox, site: BrokerSite) -> None:
    await write(outbox, 10)
    first = relay_of(outbox, site)
    async with running(first):
        await until(lambda: first.sent == 10)
    await outbox.pool.execute(SQL.rewind)
    await write(outbox, 1)
    second = relay_of(outbox, site)
    async with running(second):
        await until(lambda: second.sent == 1)
    assert await sequences(site) == list(range(1, 12))


async def test_only_one_of_two_processes_relays(outbox: Outbox, site: BrokerSite) -> None:
    one, other = relay_of(outbox, site), relay_of(outbox, site)
    async with running(one):
        await until(lambda: one.state is RelayState.SENDING)
        async with running(other):
            await until(lambda: other.state is RelayState.STANDBY)
            await write(outbox, 7)
            await until(lambda: one.sent == 7)
            assert other.sent == 0
    assert await sequences(site) == list(range(1, 8))


async def test_without_a_broker_it_waits_and_says_so(outbox: Outbox, site: BrokerSite) -> None:
    await write(outbox, 2)
    nowhere = replace(site.access, bootstrap="127.0.0.1:1")
    relay = relay_of(outbox, site, nowhere)
    async with running(relay):
        await until(lambda: relay.state is RelayState.WAITING)
        backlog = await relay.backlog()
        assert backlog.events == 2
        assert backlog.oldest is not None
        assert "KafkaConnectionError" in relay.detail


async def restore(outbox: Outbox, position: int) -> None:
    """As if a backup had been put back that was made after ``position``, nothing of it sent."""
    await outbox.pool.execute(SQL.restore_to, position)
    await outbox.pool.execute(SQL.restore_counter, position)
    await outbox.pool.execute(SQL.rewind)


async def sent(outbox: Outbox, site: BrokerSite, until_sent: int) -> None:
    """Relay until ``until_sent`` events more were sent."""
    relay = relay_of(outbox, site)
    async with running(relay):
        await until(lambda: relay.sent == until_sent)


@pytest.mark.parametrize("worked_on", [0, 20])
async def test_a_restored_database_goes_on_in_a_new_epoch(
    outbox: Outbox, site: BrokerSite, worked_on: int
) -> None:
    """The backup holds 4 of 10 events that were sent; then the site may have gone on working."""
    await write(outbox, 10)
    await sent(outbox, site, 10)
    await restore(outbox, 4)
    if worked_on:
        await write(outbox, worked_on)
    before = [row["id"] for row in await outbox.pool.fetch(SQL.log)]

    await sent(outbox, site, worked_on + 1)
    events = await messages(site)
    assert [event.place for event in events[:10]] == [(1, n) for n in range(1, 11)]
    assert [event.place for event in events[10:]] == [(2, n) for n in range(1, worked_on + 2)]
    assert [event.id for event in events[10:-1]] == before[4:]
    said = events[-1].data
    assert said == StreamRestored(after_epoch=1, after_sequence=4, lost=6)
    assert [tuple(row) for row in await outbox.pool.fetch(SQL.restored_days)] == [
        (DAY, 2, 6, False)
    ]

    await write(outbox, 3)
    await sent(outbox, site, 3)
    assert [event.place for event in (await messages(site))[-3:]] == [
        (2, worked_on + n) for n in (2, 3, 4)
    ]


async def test_healing_that_was_cut_off_is_not_done_twice(outbox: Outbox, site: BrokerSite) -> None:
    """The process dies after its commit and before it has sent anything of the new epoch."""
    await write(outbox, 10)
    await sent(outbox, site, 10)
    await restore(outbox, 4)
    await write(outbox, 5)
    async with outbox.pool.acquire() as connection:
        topic = site.topic(Stream.TICKETING)
        stream = Broken(site.access, topic, Ours(f"/sites/{site.code}/ticketing", epoch=1))
        await heal(connection, stream, Sent(0, None), outbox.clock)
    once = await outbox.pool.fetch(SQL.log)
    await sent(outbox, site, 6)
    assert await outbox.pool.fetch(SQL.log) == once
    assert len({event.place for event in await messages(site)}) == 16


async def test_a_database_restored_twice_begins_a_third_epoch(
    outbox: Outbox, site: BrokerSite
) -> None:
    await write(outbox, 6)
    await sent(outbox, site, 6)
    for position, epoch in ((4, 2), (2, 3)):
        await restore(outbox, position)
        await outbox.pool.execute(SQL.first_epoch)
        await outbox.pool.execute(SQL.not_healed_yet)
        await write(outbox, 1)
        await sent(outbox, site, 2)
        assert [event.place for event in (await messages(site))[-2:]] == [(epoch, 1), (epoch, 2)]
    said = (await messages(site))[-1].data
    assert said == StreamRestored(after_epoch=1, after_sequence=2, lost=6)


async def test_a_database_that_lost_everything_begins_anew(
    outbox: Outbox, site: BrokerSite
) -> None:
    await write(outbox, 4500)
    await sent(outbox, site, 4500)
    await restore(outbox, 0)
    await sent(outbox, site, 1)
    newest = (await messages(site))[-1]
    assert newest.place == (2, 1)
    assert newest.data == StreamRestored(after_epoch=0, after_sequence=0, lost=4500)


async def test_what_was_sent_again_does_not_hide_how_much_was_lost(
    outbox: Outbox, site: BrokerSite
) -> None:
    """The topic's end holds repeats of old events, which the backup knows too."""
    await write(outbox, 10)
    relay = relay_of(outbox, site)
    async with running(relay):
        await until(lambda: relay.sent == 10)
        relay.send_again(1, 2, 3)
        relay.send_again(1, 7, 8)
        await until(lambda: relay.sent_again == 4)
        await holds(site, 16)
    await restore(outbox, 5)
    await write(outbox, 1)
    await sent(outbox, site, 2)
    events = await messages(site)
    assert [event.place for event in events[16:]] == [(2, 1), (2, 2)]
    assert events[-1].data == StreamRestored(after_epoch=1, after_sequence=5, lost=5)
    assert len({event.id for event in events}) == 12
    [day] = await outbox.pool.fetch(SQL.restored_days)
    assert tuple(day) == (DAY, 2, 5, False)


async def test_two_databases_that_are_one_site_do_not_outbid_each_other(
    outbox: Outbox, site: BrokerSite, fresh_database: FreshDatabase
) -> None:
    """An old machine is switched on again: the first to find out for the second time halts."""
    async with new_outbox(fresh_database) as other:
        await write(outbox, 5)
        await sent(outbox, site, 5)
        for mine in (other, outbox):  # each takes the other's events for its own, lost ones
            await write(mine, 2)
            await sent(mine, site, 3)
        before = [tuple(row) for row in await other.pool.fetch(SQL.log)]
        relay = relay_of(other, site)
        async with running(relay):
            await until(lambda: relay.state is RelayState.HALTED)
            assert "two send as one site" in relay.detail
        assert [tuple(row) for row in await other.pool.fetch(SQL.log)] == before
        await write(outbox, 1)
        await sent(outbox, site, 1)
    places = [event.place for event in await messages(site)]
    assert places == [
        *((1, n) for n in range(1, 6)),
        *((2, n) for n in (1, 2, 3)),
        *((3, n) for n in (1, 2, 3, 4)),
    ]


def forged(site: BrokerSite, epoch: object, sequence: object, **said: object) -> bytes:
    """An event as this site's own password can write it."""
    source = f"/sites/{site.code}/ticketing"
    fields = {"id": str(uuid4()), "type": "visit.called.v1", "serviceday": str(DAY)}
    places = {"streamepoch": epoch, "streamseq": sequence}
    return json.dumps({"source": source} | fields | places | said).encode()


def rubbish_of(site: BrokerSite) -> Sequence[tuple[bytes, int]]:
    """Batches of what is no event of the stream, and how many records each has."""
    values = [
        b"",
        b"rubbish",
        b"\xff\xfe\x00",
        b"[" * 60_000,
        b"null",
        b"x" * 900_000,
        forged(site, 1, 0),
        forged(site, 1, 2**53),
        forged(site, "1", 4),
        forged(site, 1, float("nan")),
        forged(site, 1000, 4),
        forged(site, 2**31, 4),
        forged(site, 1, 7, id="7"),
        forged(site, 1, 7, id=None),
        forged(site, 1, 8, source="/sites/moj-1/ticketing"),
        forged(site, 1, 9, source=f"/sites/{site.code}/feedback"),
        forged(site, 1, 9, source="\ud800\u0000"),
    ]
    many = b"".join(record(delta, None) for delta in range(3000))
    return [
        *((batch(packed(LZ4, [record(0, value)]), LZ4), 1) for value in values),
        (batch(record(0, None)), 1),
        (bomb(ZSTD, 50_000_000), 1),
        (batch(record(0) + record(2**30), count=2), 2),
        (batch(packed(ZSTD, [many]), ZSTD, count=3000), 3000),
    ]


async def litter(site: BrokerSite) -> None:
    """Write rubbish to the end of the site's stream, with its own password."""
    async with sending(site.access) as producer:
        for raw, count in rubbish_of(site):
            await send_raw(producer, site.topic(Stream.TICKETING), raw, count)


async def test_rubbish_at_the_end_of_its_topic_stops_no_relay(
    outbox: Outbox, site: BrokerSite
) -> None:
    await write(outbox, 10)
    await sent(outbox, site, 10)
    await litter(site)
    await outbox.pool.execute(SQL.rewind)
    await write(outbox, 2)
    await sent(outbox, site, 2)
    log = await outbox.pool.fetch(SQL.log)
    assert [(row["epoch"], row["sequence"]) for row in log] == [(1, n) for n in range(1, 13)]
    assert await outbox.pool.fetch(SQL.restored_days) == []
    found = await read_end(site.access, site.topic(Stream.TICKETING), ours_of(site))
    assert found.newest is not None
    assert found.newest.sequence == 12


def ours_of(site: BrokerSite) -> Ours:
    return Ours(f"/sites/{site.code}/ticketing", epoch=1)


async def test_a_topic_of_rubbish_only_is_one_that_was_never_written(
    outbox: Outbox, site: BrokerSite
) -> None:
    await litter(site)
    await write(outbox, 3)
    await sent(outbox, site, 3)
    assert await outbox.pool.fetch(SQL.restored_days) == []


async def test_what_was_lost_is_found_between_rubbish(outbox: Outbox, site: BrokerSite) -> None:
    await write(outbox, 10)
    await sent(outbox, site, 10)
    await litter(site)
    await restore(outbox, 4)
    await write(outbox, 1)
    await sent(outbox, site, 2)
    assert [tuple(row) for row in await outbox.pool.fetch(SQL.restored_days)] == [
        (DAY, 2, 6, False)
    ]


async def test_a_forged_event_costs_an_epoch_and_no_more(outbox: Outbox, site: BrokerSite) -> None:
    """It can't be told from an event that a restored database lost. Its day need not be one."""
    await write(outbox, 5)
    await sent(outbox, site, 5)
    async with sending(site.access) as producer:
        value = forged(site, 3, 2**53 - 1, serviceday="0001-01-01")
        await send_raw(producer, site.topic(Stream.TICKETING), batch(record(0, value)))
    await write(outbox, 2)
    await sent(outbox, site, 3)
    log = await outbox.pool.fetch(SQL.log)
    assert [(row["epoch"], row["sequence"]) for row in log] == [
        *((1, n) for n in range(1, 6)),
        *((4, n) for n in range(1, 4)),
    ]
    [day] = await outbox.pool.fetch(SQL.restored_days)
    assert (day["epoch"], day["lost"]) == (4, 1)
    assert abs(day["service_day"] - datetime.now(UTC).date()) <= timedelta(days=1)


async def test_a_stream_does_not_go_on_beyond_the_last_epoch(
    outbox: Outbox, site: BrokerSite
) -> None:
    await write(outbox, 2)
    await sent(outbox, site, 2)
    await outbox.pool.execute(SQL.last_epoch)
    async with sending(site.access) as producer:
        value = forged(site, 1000, 7)
        await send_raw(producer, site.topic(Stream.TICKETING), batch(record(0, value)))
    relay = relay_of(outbox, site)
    async with running(relay):
        await until(lambda: relay.state is RelayState.HALTED)
    assert "1000 is the last" in relay.detail


async def holds(site: BrokerSite, count: int) -> None:
    """Wait until the topic holds so many messages."""
    async with asyncio.timeout(60):
        while len(await messages(site)) < count:
            await asyncio.sleep(0.05)
