"""Every command and health check of our images, and the brokers' own, carried out here."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from confluent_kafka.admin import AdminClient

from libs.events.codes import Stream
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from saduak.provision.kafka import client_settings, site_user
from tests.deploy.compose import NATIONAL, ROOT, SITE, read
from tests.deploy.uncontained import Ground, ground

CODE = "led-bkk4"


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The country of the root's file: its set-up, its servers, one site and one replica."""
    with ground(read(ROOT), tmp_path_factory.mktemp("country")) as found:
        yield found


def said(ground: Ground, name: str, *command: str) -> str:
    done = ground.run(name, *command)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_country_comes_up_in_its_order(country: Ground) -> None:
    assert "secrets of 1 brokers and 7 sites are there" in said(country, "secrets")
    before = {path: path.read_bytes() for path in country.vault.rglob("*") if path.is_file()}
    assert "certificate" not in said(country, "secrets")
    assert {path: path.read_bytes() for path in before} == before
    assert {path.stat().st_mode & 0o777 for path in before} == {0o600}

    country.start_postgres()
    assert said(country, "databases").count("is ready") == 8
    # A site is ready before there is any broker.
    for stream in Stream:
        assert country.check(f"{CODE}-{stream}").returncode == 1
        country.ready(f"{CODE}-{stream}")

    country.await_brokers({"kafka": country.start_broker("kafka")})
    assert f"made: user {site_user(CODE)}" in said(country, "brokers")
    assert said(country, "brokers") == "nothing was missing\n"
    country.ready("reporting-1")
    url = f"http://127.0.0.1:{country.port(f'{CODE}-ticketing:8000')}"
    ready = httpx.get(f"{url}/health/ready", trust_env=False).json()
    assert ready["ready"]

    # The operator's commands, as the page of operations calls them.
    shown = said(country, "brokers", "provision", "site", "list")
    assert f"{CODE}  let in" in shown
    assert "is shut out" in said(country, "brokers", "provision", "site", "revoke", CODE)
    assert "nothing was missing" in said(country, "brokers")
    shown = said(country, "brokers", "provision", "site", "list")
    assert f"{CODE}  shut out" in shown
    assert "is let in" in said(country, "brokers", "provision", "site", "admit", CODE)
    assert "new password" in said(country, "brokers", "provision", "site", "rotate", CODE)
    refused = country.run("brokers", "provision", "site", "rotate", "pjo-96")
    assert refused.returncode == 1
    assert "never let in" in refused.stderr


@pytest.mark.slow
def test_a_centre_comes_up_without_the_ministry(tmp_path: Path) -> None:
    values = {
        "SADUAK_SITE": CODE,
        "SADUAK_DATABASE": "site_led_bkk4",
        "SADUAK_KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "SADUAK_NAME": "queue.example",
        "SADUAK_TLS": "internal",
    }
    with ground(read(SITE, values), tmp_path) as office:
        handed_over = tmp_path / "ministry"
        office.places["/run/ministry"] = handed_over
        handed_over.mkdir()
        (handed_over / "kafka").write_text("a password", encoding="utf-8")
        assert said(office, "secrets") == f"the secrets of {CODE} are there\n"
        office.start_postgres()
        assert "site_led_bkk4 is ready" in said(office, "database")
        assert "site_led_bkk4 is ready" in said(office, "database")
        for stream in Stream:
            office.ready(str(stream))


@pytest.mark.slow
async def test_the_ministry_outlives_a_broker(tmp_path: Path) -> None:
    with ground(read(NATIONAL), tmp_path) as ministry:
        assert "secrets of 3 brokers and 7 sites" in said(ministry, "secrets")
        names = [f"kafka-{number}" for number in (1, 2, 3)]
        brokers = {name: ministry.start_broker(name) for name in names}
        ministry.await_brokers(brokers)
        said(ministry, "brokers")
        assert said(ministry, "brokers") == "nothing was missing\n"
        folder = ministry.vault / "sites" / CODE
        assert {path.name for path in folder.iterdir()} == {"kafka", "ca.pem"}
        access = KafkaAccess(
            ",".join(f"127.0.0.1:{ministry.port(f'{name}:sites')}" for name in names),
            site_user(CODE),
            ca_file=folder / "ca.pem",
            password_file=folder / "kafka",
        )
        topic = StreamName(CODE, Stream.TICKETING).topic
        assert copies(access, topic) == 3
        await acknowledged(access, topic)
        brokers["kafka-3"].stop()
        await acknowledged(access, topic)
        assert ministry.check("kafka-3").returncode != 0


def copies(access: KafkaAccess, topic: str) -> int:
    """On how many brokers the topic lies, as the site sees it."""
    admin = AdminClient(client_settings(access))
    return len(admin.list_topics(topic, timeout=30).topics[topic].partitions[0].replicas)


async def acknowledged(access: KafkaAccess, topic: str) -> None:
    """Returns when a message is acknowledged, by whoever leads the topic by then."""
    async with asyncio.timeout(60):
        while True:
            producer = AIOKafkaProducer(acks="all", **access.client_settings())
            try:
                await producer.start()
                await asyncio.wait_for(producer.send_and_wait(topic, json.dumps({}).encode()), 10)
            except (KafkaError, TimeoutError):
                continue
            finally:
                await producer.stop()
            return
