# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""The embedded Kafka and what provisioning makes on it: one site never reaches another's."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.protocol.fetch import FetchRequest

from libs.events.codes import Stream
from libs.events.topics import beats_topic, inbox_topic
from libs.stream.kafka import KafkaAccess
from saduak.provision.kafka import change_password, country, provision
from tests.brokers import BrokerSite, KafkaBroker
from tests.chaos.hostile.attacker import Attacker
from tests.chaos.hostile.packing import Record, batch, claims

T = TypeVar("T")


async def soon(work: Awaitable[T]) -> T:
    return await asyncio.wait_for(work, 20)


@asynccontextmanager
async def producer(access: KafkaAccess) -> AsyncGenerator[AIOKafkaProducer]:
    client = AIOKafkaProducer(
        **access.client_settings(), enable_idempotence=True, request_timeout_ms=10_000
    )
    try:
        await soon(client.start())
        yield client
    finally:
        await client.stop()


async def first_record(access: KafkaAccess, topic: str, group: str | None = None) -> bytes | None:
    """The first record of ``topic``, read without a group unless one is named."""
    client = AIOKafkaConsumer(
        **access.client_settings(), group_id=group, auto_offset_reset="earliest"
    )
    try:
        await soon(client.start())
        if group is None:
            client.assign([TopicPartition(topic, 0)])
        else:
            client.subscribe([topic])
        record = await soon(client.getone())
        return record.value
    finally:
        await client.stop()


async def fetched(access: KafkaAccess, topic: str) -> tuple[type[Exception], bytes]:
    """How the broker answers the bare request to read ``topic``: its error class, and records.

    A consumer would not even send it: the topic is not in what the broker shows to this user.
    """
    client = AIOKafkaClient(**access.client_settings())
    await soon(client.bootstrap())
    try:
        whole = 1_000_000
        request = FetchRequest(500, 1, whole, 0, [(topic, [(0, 0, whole)])])
        answer = await soon(client.send(client.get_random_node(), request))
        [(_, [partition])] = answer.topics
        return for_code(partition[1]), partition[-1] or b""
    finally:
        await client.close()


@pytest.fixture
def ours(kafka: KafkaBroker) -> BrokerSite:
    return kafka.new_site()


@pytest.fixture
def theirs(kafka: KafkaBroker) -> BrokerSite:
    return kafka.new_site()


async def test_a_site_writes_and_reads_its_own_streams(ours: BrokerSite) -> None:
    topics = [ours.topic(Stream.TICKETING), ours.topic(Stream.FEEDBACK), beats_topic(ours.code)]
    async with producer(ours.access) as client:
        for topic in topics:
            await soon(client.send_and_wait(topic, b"hello"))
    for topic in topics:
        assert await first_record(ours.access, topic) == b"hello"


async def test_a_site_cannot_write_what_is_not_its_own(
    ours: BrokerSite, theirs: BrokerSite
) -> None:
    foreign = (theirs.topic(Stream.TICKETING), beats_topic(theirs.code), inbox_topic(ours.code))
    async with producer(ours.access) as client:
        for topic in foreign:
            with pytest.raises(TopicAuthorizationFailedError):
                await soon(client.send_and_wait(topic, b"not mine"))
        # The refusal does no harm to its own stream.
        await soon(client.send_and_wait(ours.topic(Stream.TICKETING), b"mine"))


async def test_a_site_cannot_read_another_site(ours: BrokerSite, theirs: BrokerSite) -> None:
    topic = theirs.topic(Stream.FEEDBACK)
    async with producer(theirs.access) as client:
        await soon(client.send_and_wait(topic, b"theirs"))
    assert await first_record(theirs.access, topic) == b"theirs"
    assert b"theirs" in (await fetched(theirs.access, topic))[1]
    assert await fetched(ours.access, topic) == (TopicAuthorizationFailedError, b"")


async def test_a_site_has_no_consumer_group(ours: BrokerSite) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await first_record(ours.access, ours.topic(Stream.TICKETING), group="reporting")


async def test_a_site_reads_its_inbox(kafka: KafkaBroker, ours: BrokerSite) -> None:
    async with producer(kafka.admin) as centre:
        await soon(centre.send_and_wait(inbox_topic(ours.code), b"for you"))
    assert await first_record(ours.access, inbox_topic(ours.code)) == b"for you"


async def test_reporting_reads_every_site_and_writes_none(
    kafka: KafkaBroker, ours: BrokerSite
) -> None:
    topic = ours.topic(Stream.TICKETING)
    async with producer(ours.access) as client:
        await soon(client.send_and_wait(topic, b"fact"))
    reporting = kafka.reporting()
    assert await first_record(reporting, topic, group=f"reporting-{ours.code}") == b"fact"
    async with producer(reporting) as centre:
        await soon(centre.send_and_wait(inbox_topic(ours.code), b"send again"))
        for of_the_site in (topic, beats_topic(ours.code)):
            with pytest.raises(TopicAuthorizationFailedError):
                await soon(centre.send_and_wait(of_the_site, b"forged"))


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_passwords_are_checked(ours: BrokerSite, password: str) -> None:
    with pytest.raises(KafkaConnectionError):
        async with producer(replace(ours.access, password=password)):
            pass


async def test_the_sites_listener_needs_tls(ours: BrokerSite) -> None:
    with pytest.raises(KafkaConnectionError):
        async with producer(replace(ours.access, ca_file=None)):
            pass


def test_provisioning_twice_changes_nothing(kafka: KafkaBroker) -> None:
    plan = country({"tst-twic": "first password"}, "kept")
    assert any("tst-twic" in change for change in provision(kafka.admin, plan))
    assert provision(kafka.admin, plan) == []


async def test_a_changed_password_takes_the_place_of_the_old(
    kafka: KafkaBroker, ours: BrokerSite
) -> None:
    user = ours.access.user
    assert user is not None
    change_password(kafka.admin, user, "another")
    async with producer(replace(ours.access, password="another")) as client:
        await soon(client.send_and_wait(ours.topic(Stream.TICKETING), b"still mine"))
    with pytest.raises(KafkaConnectionError):
        async with producer(ours.access):
            pass


async def test_a_batch_that_claims_to_be_huge_does_not_end_the_broker(kafka: KafkaBroker) -> None:
    """Fifty bytes of snappy that say they unpack to more memory than the broker has."""
    site = kafka.new_site()
    line = Attacker(site.access, 1, 1, asyncio.Event())
    topic = beats_topic(site.code)
    try:
        assert await line.send("honest", topic, batch([Record(b"{}")]))
        for packed in claims():
            assert not await line.send("claim", topic, packed)
        assert await line.send("honest", topic, batch([Record(b"{}")]))
    finally:
        await line.hang_up()
