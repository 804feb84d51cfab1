"""How a broker is set up: the embedded one, one in a container, or one of the nation's three."""

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BROKER = "broker"
ADMIN = "admin"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
BROKER_PASSWORD = "kafka_broker"  # noqa: S105 - the name of a file
"""The file that holds the brokers' own password, in a broker's folder of secrets."""


@dataclass(frozen=True, slots=True)
class Ports:
    """``local`` serves the centre, ``sites`` the offices, ``controller`` the brokers."""

    controller: int
    local: int
    sites: int


@dataclass(frozen=True, slots=True)
class Broker:
    """One of the brokers that form the cluster.

    ``host`` is what the centre calls it, ``public`` what the offices call it; it listens on
    ``bind`` (empty: on every address).
    """

    number: int
    host: str
    public: str
    bind: str
    ports: Ports


@dataclass(frozen=True, slots=True)
class Places:
    """Where a broker finds its files; ``secrets`` holds its password, key and authority."""

    data: Path
    secrets: Path
    tls: Path
    authority: Path


def server_properties(
    broker: Broker, cluster: Sequence[Broker], places: Places, *, encrypted: bool
) -> str:
    """The configuration of ``broker``. It names the files of secrets and holds none.

    The offices' listener is always TLS; ``encrypted`` makes the centre's and the controllers' so
    too, for brokers that are not on one machine with all that use them.
    """
    names = ("CONTROLLER", "LOCAL", "SITES")
    ports = (broker.ports.controller, broker.ports.local, broker.ports.sites)
    hosts = (broker.host, broker.host, broker.public)
    inside = "SASL_SSL" if encrypted else "SASL_PLAINTEXT"
    voters = ",".join(f"{one.number}@{one.host}:{one.ports.controller}" for one in cluster)
    return _lines(
        {
            "process.roles": "broker,controller",
            "node.id": str(broker.number),
            "controller.quorum.voters": voters,
            "controller.listener.names": "CONTROLLER",
            "listeners": _addresses(names, [broker.bind] * 3, ports),
            "advertised.listeners": _addresses(names, hosts, ports),
            "listener.security.protocol.map": (
                f"CONTROLLER:{inside},LOCAL:{inside},SITES:SASL_SSL"
            ),
            "log.dirs": str(places.data),
            **_security(places),
            **_copies(len(cluster)),
            **SMALL,
        }
    )


def new_cluster_id() -> str:
    """A random cluster id in Kafka's own form; one that begins with a dash is none."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def format_arguments(cluster: str, settings: Path, passwords: Mapping[str, str]) -> str:
    """What Kafka's storage tool reads from a file: it creates the storage, once, with the first
    users, who make all others. The tool repeats the passwords: send its output nowhere."""
    wanted = ["format", "--ignore-formatted", f"--cluster-id={cluster}", f"--config={settings}"]
    wanted += [
        f"--add-scram=SCRAM-SHA-512=[name={name},password={password}]"
        for name, password in passwords.items()
    ]
    return "\n".join(wanted)


def _addresses(names: Sequence[str], hosts: Sequence[str], ports: Sequence[int]) -> str:
    parts = zip(names, hosts, ports, strict=True)
    return ",".join(f"{name}://{host}:{port}" for name, host, port in parts)


def _security(places: Places) -> Mapping[str, str]:
    password = f'"${{dir:{places.secrets}:{BROKER_PASSWORD}}}"'
    as_broker = f'username="{BROKER}" password={password}'
    controller = "listener.name.controller"
    return {
        "inter.broker.listener.name": "LOCAL",
        # Between controllers: SCRAM's credentials are in the very metadata they would guard.
        "sasl.mechanism.controller.protocol": "PLAIN",
        f"{controller}.sasl.enabled.mechanisms": "PLAIN",
        f"{controller}.plain.sasl.jaas.config": f"{PLAIN} {as_broker} user_{BROKER}={password};",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        "listener.name.local.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.local.scram-sha-512.sasl.jaas.config": f"{SCRAM} {as_broker};",
        "listener.name.sites.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sites.scram-sha-512.sasl.jaas.config": f"{SCRAM};",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(places.tls),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(places.authority),
        "ssl.enabled.protocols": "TLSv1.3,TLSv1.2",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{BROKER};User:{ADMIN}",
        "auto.create.topics.enable": "false",
        "config.providers": "dir",
        "config.providers.dir.class": (
            "org.apache.kafka.common.config.provider.DirectoryConfigProvider"
        ),
        "config.providers.dir.param.allowed.paths": str(places.secrets),
    }


def _copies(brokers: int) -> Mapping[str, str]:
    """Kafka's own topics lie on every broker; a write counts when the larger half has it."""
    topics = ("transaction.state.log", "share.coordinator.state.topic")
    enough = {f"{topic}.min.isr": str(brokers // 2 + 1) for topic in topics}
    everywhere = {
        f"{topic}.replication.factor": str(brokers) for topic in ("offsets.topic", *topics)
    }
    return {
        "default.replication.factor": str(brokers),
        "min.insync.replicas": str(brokers // 2 + 1),
        **everywhere,
        **enough,
    }


SMALL = {
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # After a kill the controller waits for the old session before it lets the node in again.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())
