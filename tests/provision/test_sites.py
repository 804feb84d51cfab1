"""Sites let in, given another password, shut out and let in again, on a broker of the test's own.

It is started again half-way: what was taken must stay taken.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from libs.events.codes import RelayState, Stream
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay
from saduak.local.kafka import EmbeddedKafka
from saduak.provision.kafka import SITE_LIMITS, rights_by_user, site_user
from saduak.provision.nation import Nation, Refused, standing
from saduak.provision.quotas import limit, limits
from saduak.provision.secret_files import replacement
from saduak.provision.vault import Vault
from tests.brokers import BrokerSite
from tests.databases import FreshDatabase
from tests.stream.conftest import new_outbox
from tests.stream.relaying import running, sequences, until, write


@dataclass(frozen=True, slots=True)
class Ground:
    broker: EmbeddedKafka
    nation: Nation

    def site(self, code: str) -> BrokerSite:
        """The site, with the password that lies in its folder at any moment."""
        access = KafkaAccess(
            self.broker.sites,
            site_user(code),
            ca_file=self.broker.ca_file,
            password_file=self.nation.vault.site_kafka(code),
        )
        return BrokerSite(code, access)

    def restart(self) -> None:
        """From the main thread: the broker ends with the thread that started it."""
        self.broker.stop()
        self.broker.start()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("ground")
    broker = EmbeddedKafka(folder / "kafka")
    broker.start()
    try:
        yield Ground(broker, Nation(Vault(folder / "vault"), broker.admin))
    finally:
        broker.stop()


@pytest.fixture
def ours() -> str:
    """A site's code that no other test has."""
    return f"tst-{secrets.token_hex(2)}"


@pytest.fixture
async def outboxes(fresh_database: FreshDatabase) -> AsyncGenerator[tuple[Outbox, Outbox]]:
    async with new_outbox(fresh_database) as ours, new_outbox(fresh_database) as theirs:
        yield ours, theirs


async def connect(access: KafkaAccess) -> None:
    producer = AIOKafkaProducer(**access.client_settings())
    try:
        await asyncio.wait_for(producer.start(), 10)
    finally:
        await producer.stop()


def relay_of(outbox: Outbox, site: BrokerSite) -> Relay:
    return Relay(outbox, StreamName(site.code, Stream.TICKETING), site.access)


async def test_a_site_shut_out_stays_out_and_loses_nothing(
    ground: Ground, outboxes: tuple[Outbox, Outbox], ours: str
) -> None:
    nation, neighbour = ground.nation, f"{ours[:-4]}{secrets.token_hex(2)}"
    nation.provide([ours, neighbour])
    sites = [ground.site(ours), ground.site(neighbour)]
    shut, free = (relay_of(*pair) for pair in zip(outboxes, sites, strict=True))
    async with AsyncExitStack() as relays:
        for relay, outbox in ((shut, outboxes[0]), (free, outboxes[1])):
            await write(outbox, 100)
            await relays.enter_async_context(running(relay))
        await until(lambda: shut.sent == free.sent == 100)

        await asyncio.to_thread(nation.revoke, ours)
        for outbox in outboxes:
            await write(outbox, 50)
        await until(lambda: shut.state is RelayState.WAITING, 10)
        assert "Authorization" in shut.detail
        await until(lambda: free.sent == 150, 10)

        ground.restart()
        began = time.monotonic()
        with pytest.raises(KafkaConnectionError):
            await connect(sites[0].access)
        assert time.monotonic() - began < 10
        assert await asyncio.to_thread(nation.provide, [ours, neighbour]) == []
        await write(outboxes[1], 50)
        await until(lambda: free.sent == 200)
        found = rights_by_user(nation.kafka)
        assert found[site_user(ours)] == set()
        assert standing(found, nation.vault, ours) == "shut out"
        assert standing(found, nation.vault, neighbour) == "let in"
        assert shut.sent == 100

        await asyncio.to_thread(nation.admit, ours)
        await until(lambda: shut.sent == 150)
    assert await sequences(sites[0]) == list(range(1, 151))
    assert await sequences(sites[1]) == list(range(1, 201))


async def test_a_new_password_counts_from_now_on(
    ground: Ground, outboxes: tuple[Outbox, Outbox], tmp_path: Path, ours: str
) -> None:
    ground.nation.provide([ours])
    site = ground.site(ours)
    old = tmp_path / "old"
    old.write_text(site.access.current_password(), encoding="utf-8")
    stolen = KafkaAccess(
        site.access.bootstrap, site.access.user, ca_file=site.access.ca_file, password_file=old
    )
    relay = relay_of(outboxes[0], site)
    async with running(relay):
        await write(outboxes[0], 5)
        await until(lambda: relay.sent == 5)
        await asyncio.to_thread(ground.nation.rotate, ours)
        with pytest.raises(KafkaConnectionError):
            await connect(stolen)
        await write(outboxes[0], 5)
        await until(lambda: relay.sent == 10)  # what is connected stays so
    again = relay_of(outboxes[0], site)
    async with running(again):
        await write(outboxes[0], 5)
        await until(lambda: again.sent == 5)


async def test_an_interrupted_change_of_password_is_finished(ground: Ground, ours: str) -> None:
    nation = ground.nation
    nation.provide([ours])
    wanted = replacement(nation.vault.site_kafka(ours))  # and then the lights went out
    assert nation.provide([ours]) == [f"password of {site_user(ours)}"]
    assert nation.vault.site_kafka(ours).read_text() == wanted
    await connect(ground.site(ours).access)
    assert nation.provide([ours]) == []


def test_what_does_not_fit_is_refused(ground: Ground, ours: str) -> None:
    nation = ground.nation
    for command in (nation.rotate, nation.revoke):
        with pytest.raises(Refused, match="never let in"):
            command(ours)
    nation.admit(ours)
    nation.revoke(ours)
    nation.revoke(ours)  # again, in case the first was interrupted
    with pytest.raises(Refused, match="shut out"):
        nation.rotate(ours)


async def test_rubbish_of_a_stream_is_discarded(
    ground: Ground, outboxes: tuple[Outbox, Outbox], ours: str
) -> None:
    nation, outbox = ground.nation, outboxes[0]
    name = StreamName(ours, Stream.TICKETING)
    nation.provide([ours])
    site = ground.site(ours)
    relay = relay_of(outbox, site)
    await write(outbox, 20)
    async with running(relay):
        await until(lambda: relay.sent == 20)
    await spoil(site, name.topic)
    again = relay_of(outbox, site)
    async with running(again):
        await until(lambda: again.state is RelayState.SENDING)
    with pytest.raises(Refused, match="shut it out first"):
        await asyncio.to_thread(nation.discard, name)
    await asyncio.to_thread(nation.revoke, ours)
    await asyncio.to_thread(nation.discard, name)
    await asyncio.to_thread(nation.admit, ours)
    assert await sequences(site) == []
    last = relay_of(outbox, site)
    async with running(last):
        await write(outbox, 5)
        last.send_again(1, 1, 20)
        await until(lambda: (last.sent, last.sent_again) == (5, 20))
    assert sorted({*await sequences(site)}) == list(range(1, 26))


async def spoil(site: BrokerSite, topic: str) -> None:
    producer = AIOKafkaProducer(**site.access.client_settings())
    await producer.start()
    try:
        for _ in range(300):
            await producer.send(topic, b"rubbish", partition=0)
    finally:
        await producer.stop()


async def test_a_site_is_held_to_its_limits(ground: Ground, ours: str) -> None:
    ground.nation.provide([ours])
    user = site_user(ours)
    assert limits(ground.nation.kafka)[user] == SITE_LIMITS
    site = ground.site(ours)
    topic, much = site.topic(Stream.TICKETING), b"x" * 100_000
    async with asyncio.timeout(60):
        producer = AIOKafkaProducer(**site.access.client_settings())
        await producer.start()
        try:
            began = time.monotonic()
            for _ in range(3):
                await producer.send_and_wait(topic, much)
            freely = time.monotonic() - began
            changed = limit(ground.nation.kafka, {user: {"producer_byte_rate": 45_000}})
            assert changed == [f"limits of {user}"]
            began = time.monotonic()
            for _ in range(5):
                await producer.send_and_wait(topic, much)
            limited = time.monotonic() - began
        finally:
            await producer.stop()
    assert limited > freely + 1.5
    assert ground.nation.provide([ours]) == [f"limits of {user}"]
