"""The relay on a real broker: in order, once, through every kind of stop."""

from dataclasses import replace

import pytest

from libs.events.codes import RelayState, Stream
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay
from tests.brokers import BrokerSite, KafkaBroker
from tests.stream.conftest import SQL
from tests.stream.relaying import running, sequences, until, write


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


@pytest.mark.parametrize("worked_on", [0, 20])
async def test_a_restored_database_halts_and_changes_nothing(
    outbox: Outbox, site: BrokerSite, worked_on: int
) -> None:
    """The backup holds 4 of 10 events that were sent; then the site may have gone on working."""
    await write(outbox, 10)
    first = relay_of(outbox, site)
    async with running(first):
        await until(lambda: first.sent == 10)
    await outbox.pool.execute(SQL.restore_to, 4)
    await outbox.pool.execute(SQL.restore_counter, 4)
    await outbox.pool.execute(SQL.rewind)
    if worked_on:
        await write(outbox, worked_on)
    before = await outbox.pool.fetch(SQL.log)

    relay = relay_of(outbox, site)
    async with running(relay):
        await until(lambda: relay.state is RelayState.HALTED)
        assert "sequence 10" in relay.detail
    assert relay.sent == 0
    assert await sequences(site) == list(range(1, 11))
    assert await outbox.pool.fetch(SQL.log) == before
    assert await outbox.pool.fetchval(SQL.cursor) == 0
