"""Other people's clients read what a site has sent, as the example in the docs does."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition

from libs.clock import now
from libs.events.codes import Stream
from libs.events.inbox import ResendAsked
from libs.events.topics import beats_topic, inbox_topic
from libs.service.storage import Disk
from libs.stream.heartbeat import Build, Heart
from libs.stream.outbox import Outbox
from saduak.provision.kafka import client_settings
from services.reporting.sites.inbox import say
from tests.brokers import BrokerSite, KafkaBroker
from tests.stream.relaying import running, until, write
from tests.stream.test_relay import relay_of

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "own_topic.py"
PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
STRUCTURED = "application/cloudevents+json"


async def test_the_example_reads_a_site_s_own_topic(
    outbox: Outbox, kafka: KafkaBroker, tmp_path: Path
) -> None:
    site = kafka.new_site()
    await write(outbox, 20)
    relay = relay_of(outbox, site)
    async with running(relay):
        await until(lambda: relay.sent == 20)
    secret = tmp_path / "password"
    secret.write_text(site.access.password or "", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        env={
            "KAFKA": site.access.bootstrap,
            "CA": str(site.access.ca_file),
            "SITE": site.code,
            "STREAM": "ticketing",
            "PASSWORD_FILE": str(secret),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    lines = [line.split(" ", 1) for line in out.decode().splitlines()]
    assert {kind for kind, _ in lines} == {STRUCTURED}
    assert [json.loads(event)["streamseq"] for _, event in lines] == list(range(1, 21))


def poll(consumer: Consumer, errors: int) -> tuple[KafkaError | None, str | None]:
    """The error, or the content type, of what comes after so many ``errors``."""
    for _ in range(60):
        record = consumer.poll(1.0)
        if record is None:
            continue
        if record.error() is None or errors == 0:
            kind = dict(record.headers() or []).get("content-type")
            return record.error(), kind.decode() if isinstance(kind, bytes) else None
        errors -= 1
    raise AssertionError("nothing came")


async def test_a_site_that_subscribes_with_a_group_is_told_what_the_page_says(
    kafka: KafkaBroker,
) -> None:
    site = kafka.new_site()
    settings = client_settings(site.access) | {"group.id": "mine"}
    consumer = Consumer(settings)
    try:
        consumer.subscribe([site.topic(Stream.TICKETING)])
        error, _ = await asyncio.to_thread(poll, consumer, 0)
    finally:
        await asyncio.to_thread(consumer.close)
    assert error is not None
    assert error.name() in PAGE.read_text(encoding="utf-8")
    assert error.name() == "GROUP_AUTHORIZATION_FAILED"


@pytest.mark.parametrize("of", ["beats", "inbox"])
async def test_what_else_is_sent_says_what_it_is(
    outbox: Outbox, kafka: KafkaBroker, of: str
) -> None:
    site = kafka.new_site()
    topic = beats_topic(site.code) if of == "beats" else inbox_topic(site.code)
    if of == "beats":
        await beat_once(outbox, site)
    else:
        asked = ResendAsked(stream=Stream.TICKETING, epoch=1, first=1, last=2)
        await say(kafka.reporting(), [(site.code, now(), asked)])
    settings = {"group.id": "no-group", "enable.auto.commit": False}
    consumer = Consumer(client_settings(site.access) | settings)
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        error, kind = await asyncio.to_thread(poll, consumer, 1)
    finally:
        await asyncio.to_thread(consumer.close)
    assert error is None
    assert kind == STRUCTURED


async def beat_once(outbox: Outbox, site: BrokerSite) -> None:
    build = Build("0.1.0", "0123456789ab", Disk(Path("/")))
    heart = Heart(outbox.pool, relay_of(outbox, site), site.access, build)
    task = asyncio.create_task(heart.run())
    try:
        await until(lambda: heart.beats == 1)
    finally:
        task.cancel()
        await asyncio.wait([task])
