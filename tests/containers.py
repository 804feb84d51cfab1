"""PostgreSQL and Kafka in containers, where a Docker answers: as docker-compose.yml has them.

Image, command, environment, guards and health check are the file's, secrets and settings those of
the set-up that it runs. What differs: the vault is a folder of this machine instead of a volume,
data lie in a volume that ends with the container, and ports are published on 127.0.0.1.
"""

import gc
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from docker.errors import DockerException
from docker.types import Healthcheck, Mount
from requests.exceptions import RequestException
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.wait_strategies import HealthcheckWaitStrategy

from libs.database.pool import Database
from libs.stream.kafka import KafkaAccess
from saduak.local.processes import free_ports
from saduak.provision.broker import ADMIN, Broker, Ports
from saduak.provision.filling import (
    CONTROLLER_PORT,
    LOCAL_PORT,
    Mounts,
    cluster,
    fill_brokers,
    fill_servers,
)
from saduak.provision.postgres import SUPERUSER
from saduak.provision.secret_files import kept_password
from saduak.provision.vault import Vault
from tests.deploy.compose import ROOT, Service, read

HOST = "127.0.0.1"
ANSWER_SECONDS = 0.8
"""So long a Docker may take to say that it is there."""
START_SECONDS = 180
POSTGRES_PORT = 5432
UNPRIVILEGED = 10001
"""Who reads the secrets where root runs the tests: the user of the file's containers."""
NANOSECONDS = {"s": 1_000_000_000, "m": 60_000_000_000}
GUARDS = ("cap_drop", "entrypoint", "mem_limit", "pids_limit", "read_only", "security_opt")
FAILURES = (DockerException, RequestException, OSError, RuntimeError)
"""What a Docker that answers may refuse with, or its container."""


def docker_answers() -> bool:
    """Whether there is a daemon where testcontainers looks for it; it is asked once, shortly."""
    with warnings.catch_warnings():
        # docker leaves a socket open when nobody answers: no test is to be blamed for it.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            DockerClient(timeout=ANSWER_SECONDS).client.close()
        except (DockerException, RequestException, OSError):
            answers = False
        else:
            answers = True
        gc.collect()
    return answers


def service(name: str) -> Service:
    """What the file says of the service."""
    return read(ROOT).services[name]


@dataclass(slots=True)
class _Contained:
    """A container of the service ``name``, with the secrets of ``vault``."""

    name: str
    vault: Vault
    container: DockerContainer | None = None

    def start(
        self, subpath: str, ports: Mapping[int, int], check: Sequence[str], user: str
    ) -> None:
        """Start it and return when its health check passes. ``ports`` of the container are
        published as these; ``subpath`` of the vault is its folder of secrets."""
        told = service(self.name)
        found = DockerContainer(told.image).with_command(told.told["command"])
        found.env = dict(told.environment)
        # Wider than it is declared: with an address, docker publishes there alone.
        published = cast("dict[str, Any]", found.ports)
        published.update({f"{inside}/tcp": (HOST, port) for inside, port in ports.items()})
        for mount in told.told["tmpfs"]:
            path, _, how = mount.partition(":")
            found.with_tmpfs_mount(path, how)
        guards = {name: told.told[name] for name in (*GUARDS, "shm_size") if name in told.told}
        mounts = _mounts(told, self.vault.root / subpath)
        found.with_kwargs(user=user, mounts=mounts, healthcheck=_health(told, check), **guards)
        found.waiting_for(HealthcheckWaitStrategy().with_startup_timeout(START_SECONDS))
        self.container = found
        try:
            found.start()
        except KeyboardInterrupt:
            self._take_back()
            # It goes on from here: at some places in a library's code CPython knows no line
            # number of an interruption, and pytest fails where it shows one of those.
            raise KeyboardInterrupt from None
        except BaseException as error:
            if failed := self._take_back():
                error.add_note(f"it was not removed: {failed}")
            raise

    def _take_back(self) -> Exception | None:
        """Remove it; why it could not be, which the run's end tries again. Nothing of this takes
        the place of what ended the start."""
        try:
            self.stop()
        except FAILURES as failed:
            return failed
        return None

    def stop(self) -> None:
        """It and its data are gone then."""
        if self.container is not None:
            self.container.stop()
            self.container = None


class ContainedPostgres:
    """The database server of docker-compose.yml, in ``directory``."""

    def __init__(self, directory: Path, ports: Sequence[int] | None) -> None:
        self.vault = Vault(directory / "vault")
        (self.port,) = ports or free_ports(1)
        self._contained = _Contained("postgres", self.vault)

    @property
    def admin(self) -> Database:
        """The superuser in the server's own database."""
        password = kept_password(self.vault.postgres_superuser)
        return Database(HOST, self.port, "postgres", SUPERUSER, password)

    def start(self) -> None:
        fill_servers(self.vault)
        user = _reader(self.vault)
        check: Sequence[str] = service("postgres").told["healthcheck"]["test"]
        self._contained.start("postgres", {POSTGRES_PORT: self.port}, check, f"{user}:{user}")

    def stop(self) -> None:
        self._contained.stop()


class ContainedKafka:
    """The broker of docker-compose.yml, in ``directory``. Its listeners are TLS, every one.

    A broker tells its clients where it is: so it listens on the ports that are published.
    """

    def __init__(self, directory: Path, ports: Sequence[int] | None) -> None:
        self.vault = Vault(directory / "vault")
        self.ports = Ports(CONTROLLER_PORT, *(ports or free_ports(2)))
        self._contained = _Contained("kafka", self.vault)

    @property
    def admin(self) -> KafkaAccess:
        """The superuser, on the centre's listener."""
        password = kept_password(self.vault.kafka_admin)
        return KafkaAccess(f"{HOST}:{self.ports.local}", ADMIN, password, self.vault.authority)

    @property
    def sites(self) -> str:
        """The address for the sites."""
        return f"{HOST}:{self.ports.sites}"

    @property
    def ca_file(self) -> Path:
        return self.vault.authority

    def start(self) -> None:
        fill_servers(self.vault)
        fill_brokers(self.vault, [Broker(1, HOST, HOST, "", self.ports)], Mounts())
        published = {port: port for port in (self.ports.local, self.ports.sites)}
        user = f"{_reader(self.vault)}:0"  # of the image's data, as in the file
        self._contained.start(f"brokers/{HOST}", published, self._check(), user)

    def stop(self) -> None:
        self._contained.stop()

    def _check(self) -> Sequence[str]:
        """The file's health check, of the ports that this one listens on."""
        [described] = cluster(service("secrets").environment["SADUAK_BROKERS"])
        here = {LOCAL_PORT: self.ports.local, described.ports.sites: self.ports.sites}
        *test, last = service("kafka").told["healthcheck"]["test"]
        return [*test, re.sub(r"(?<=127\.0\.0\.1/)\d+", lambda port: str(here[int(port[0])]), last)]


def _mounts(told: Service, secrets: Path) -> list[Mount]:
    """The file's: of the vault the folder here, of this tree its files, else a new volume."""
    found: list[Mount] = []
    for mount in told.mounts:
        here = secrets if mount.volume == "vault" else mount.path
        kind, source = ("volume", None) if here is None else ("bind", str(here.resolve()))
        found.append(Mount(mount.target, source, kind, read_only=mount.read_only))
    return found


def _health(told: Service, check: Sequence[str]) -> Healthcheck:
    known = told.told["healthcheck"]
    spans: dict[str, Any] = {
        name: int(known[name][:-1]) * NANOSECONDS[known[name][-1]]
        for name in ("interval", "timeout", "start_period")
    }
    return Healthcheck(test=list(check), retries=known["retries"], **spans)


def _reader(vault: Vault) -> int:
    """Who may read the vault's files, which are their owner's alone: whoever runs the tests; a
    server refuses to be root."""
    if os.getuid() != 0:
        return os.getuid()
    for path in (vault.root, *vault.root.rglob("*")):
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED)
    return UNPRIVILEGED
