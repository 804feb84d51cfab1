"""How the embedded broker is set up: one node, secured as the national cluster is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
BROKER = "broker"
ADMIN = "admin"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
BROKER_PASSWORD = "kafka_broker"  # noqa: S105 - the name of a file
"""The file that holds the broker's own password, in the folder of secrets."""


@dataclass(frozen=True, slots=True)
class Ports:
    """``local`` speaks SASL in the clear, for the same machine; ``sites`` speaks it over TLS."""

    controller: int
    local: int
    sites: int


def server_properties(ports: Ports, logs: Path, secrets: Path, tls: Path) -> str:
    """The broker's configuration. It names the files of secrets and holds none."""
    listeners = ",".join(
        (
            f"CONTROLLER://{HOST}:{ports.controller}",
            f"LOCAL://{HOST}:{ports.local}",
            f"SITES://{HOST}:{ports.sites}",
        )
    )
    return _lines(
        {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{HOST}:{ports.controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": listeners,
            "advertised.listeners": listeners,
            "log.dirs": str(logs),
            **_security(secrets, tls),
            **ONE_SMALL_NODE,
        }
    )


def _security(secrets: Path, tls: Path) -> Mapping[str, str]:
    password = f'"${{dir:{secrets}:{BROKER_PASSWORD}}}"'
    as_broker = f'username="{BROKER}" password={password}'
    protocols = "CONTROLLER:SASL_PLAINTEXT,LOCAL:SASL_PLAINTEXT,SITES:SASL_SSL"
    controller = "listener.name.controller"
    return {
        "listener.security.protocol.map": protocols,
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
        "listener.name.sites.ssl.keystore.type": "PEM",
        "listener.name.sites.ssl.keystore.location": str(tls),
        "ssl.enabled.protocols": "TLSv1.3,TLSv1.2",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{BROKER};User:{ADMIN}",
        "auto.create.topics.enable": "false",
        "config.providers": "dir",
        "config.providers.dir.class": (
            "org.apache.kafka.common.config.provider.DirectoryConfigProvider"
        ),
        "config.providers.dir.param.allowed.paths": str(secrets),
    }


ONE_SMALL_NODE = {
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # After a kill the controller waits for the old session before it lets the node in again.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "num.network.threads": "2",
    "num.io.threads": "4",
}

LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())
