"""How a process reaches Kafka."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from aiokafka.helpers import create_ssl_context


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
