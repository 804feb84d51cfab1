"""A real Kafka for tests, with sites of a test's own."""

import asyncio
import os
import secrets
from asyncio import Transport
from asyncio.sslproto import SSLProtocol
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from libs.events.codes import Stream
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from saduak.local.kafka import EmbeddedKafka
from saduak.provision.broker import Ports
from saduak.provision.kafka import (
    REPORTING,
    change_password,
    client_settings,
    country,
    provision,
    site_user,
)
from saduak.provision.secret_files import kept_password
from tests.containers import ContainedKafka
from tests.servers import Run

KAFKA = "SADUAK_TEST_KAFKA"
KAFKA_CONTAINER = "kafka-container"


@dataclass(frozen=True, slots=True)
class BrokerSite:
    """A site that the broker knows: its code, and its user's access over TLS."""

    code: str
    access: KafkaAccess

    def topic(self, stream: Stream) -> str:
        return StreamName(self.code, stream).topic


@dataclass(frozen=True, slots=True)
class KafkaBroker:
    """A running broker: its superuser on the centre's listener, and the sites' listener.

    The centre's is TLS in a container, and in the clear elsewhere.
    """

    admin: KafkaAccess
    sites: str
    ca_file: Path
    run: Run

    def new_site(self) -> BrokerSite:
        """A site with a code that nobody else has, its topics and its user."""
        return self.site(f"tst-{secrets.token_hex(2)}")

    def site(self, code: str) -> BrokerSite:
        """The site ``code``, which another test may use too."""
        user = site_user(code)
        with self.run.lock("kafka-users"):
            password, reporting = self._password(user), self._password(REPORTING)
            provision(self.admin, country({code: password}, reporting))
        return BrokerSite(code, KafkaAccess(self.sites, user, password, self.ca_file))

    def lose(self, topic: str, before: int) -> None:
        """Let the broker lose the topic's records before an offset, as retention does."""
        admin = AdminClient(client_settings(self.admin))
        for done in admin.delete_records([TopicPartition(topic, 0, before)]).values():
            done.result(30)

    def reporting(self) -> KafkaAccess:
        """The reporting service's user; it sees the sites of all tests."""
        with self.run.lock("kafka-users"):
            password = self._password(REPORTING)
            provision(self.admin, country({}, password))
        return replace(self.admin, user=REPORTING, password=password)

    def _password(self, user: str) -> str:
        """The user's in this run; a broker that is not ours may know it by an earlier one."""
        file = self.run.directory / "kafka-users" / user
        if not file.exists():
            change_password(self.admin, user, kept_password(file))
        return kept_password(file)


def kafka_broker(run: Run) -> KafkaBroker:
    """The broker that the environment names, else the run's container, else its embedded one."""
    address = os.environ.get(KAFKA)
    if address is not None:
        return _named(address, run)
    contained = run.has(KAFKA_CONTAINER)
    server = contained_kafka(run) if contained else run.share("kafka", _embedded, _ports)
    return KafkaBroker(server.admin, server.sites, server.ca_file, run)


def contained_kafka(run: Run) -> ContainedKafka:
    """The run's container. Raises what a container may fail with."""
    return run.share(KAFKA_CONTAINER, ContainedKafka, lambda it: [it.ports.local, it.ports.sites])


def _embedded(directory: Path, ports: Sequence[int] | None) -> EmbeddedKafka:
    return EmbeddedKafka(directory, None if ports is None else Ports(*ports))


def _ports(server: EmbeddedKafka) -> Sequence[int]:
    return [server.ports.controller, server.ports.local, server.ports.sites]


def _named(address: str, run: Run) -> KafkaBroker:
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    if parts.scheme != "kafka" or not parts.username or not {"sites", "ca"} <= query.keys():
        raise ValueError(f"{KAFKA} must be kafka://user:password@host:port?sites=host:port&ca=FILE")
    bootstrap = f"{parts.hostname}:{parts.port or 9092}"
    admin = KafkaAccess(bootstrap, unquote(parts.username), unquote(parts.password or ""))
    return KafkaBroker(admin, query["sites"][0], Path(query["ca"][0]), run)


async def lines_closed() -> None:
    """Wait until this loop's lines over TLS are closed.

    Both ends say goodbye first, and aiokafka does not wait for it; a loop that ends before leaves
    a socket behind, which would fail whichever test runs when it is found.
    """
    transports: Mapping[int, Transport] = getattr(asyncio.get_running_loop(), "_transports", {})
    async with asyncio.timeout(30):
        while any(isinstance(one.get_protocol(), SSLProtocol) for one in [*transports.values()]):
            await asyncio.sleep(0.01)
