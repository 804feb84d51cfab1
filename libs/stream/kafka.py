# pyright: reportUnknownMemberType=false
# (aiokafka leaves its signatures untyped)
"""How a process reaches Kafka, and how it leaves."""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

LOG = structlog.stdlib.get_logger(__name__)

GOODBYE_S = 2.0
HEADERS = [("content-type", b"application/cloudevents+json")]
"""What each record says of itself, so that other people's clients know a CloudEvent."""


class ClientSettings(TypedDict, total=False):
    """The connection part of what aiokafka's clients and FastStream's broker take."""

    bootstrap_servers: str
    security_protocol: str
    sasl_mechanism: str
    sasl_plain_username: str
    sasl_plain_password: str
    ssl_context: ssl.SSLContext | None
    retry_backoff_ms: int


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """An address and a SCRAM user; with ``ca_file`` the line is TLS, checked against it.

    A ``password_file`` is read anew for every connection, so that a site whose password was
    changed goes on without a restart.
    """

    bootstrap: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    password_file: Path | None = None

    def current_password(self) -> str:
        """Raises OSError if its file can't be read."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").strip()
        return self.password or ""

    def client_settings(self) -> ClientSettings:
        settings: ClientSettings = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self._protocol(),
            # The default logs seventy lines a second while the broker is away.
            "retry_backoff_ms": 1000,
        }
        if self.user is not None:
            settings["sasl_mechanism"] = "SCRAM-SHA-512"
            settings["sasl_plain_username"] = self.user
            settings["sasl_plain_password"] = self.current_password()
        if self.ca_file is not None:
            settings["ssl_context"] = create_ssl_context(cafile=str(self.ca_file))
        return settings

    def _protocol(self) -> str:
        if self.user is None:
            return "PLAINTEXT"
        return "SASL_PLAINTEXT" if self.ca_file is None else "SASL_SSL"


async def discard(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Throw a client away without waiting for what it may still hold, or for a broker that does not
    say goodbye."""
    try:
        async with asyncio.timeout(GOODBYE_S):
            await client.stop()
    except (KafkaError, TimeoutError) as error:
        LOG.info("client discarded", reason=type(error).__name__)
