"""Stands in for Docker's daemon: its API on a real socket, its containers plain processes.

Of PostgreSQL's and Kafka's containers it carries out what they are told: the secrets, the command,
the ports, and Kafka's health check. Images, users and isolation it knows only as words.
"""

import json
import re
import secrets
import socketserver
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from saduak.local.postgres import EmbeddedPostgres
from saduak.local.processes import Child, Command
from saduak.provision.secret_files import write_secret
from tests.deploy.compose import ROOT, read
from tests.deploy.uncontained import Ground

Told = Mapping[str, Any]
VERSION = {"ApiVersion": "1.47", "MinAPIVersion": "1.24", "Version": "27.5.1", "Os": "linux"}


@dataclass(slots=True)
class Container:
    """What was asked for, and the process that stands for it."""

    told: Told
    root: Path
    stop: Callable[[], object] | None = None
    healthy: Callable[[], bool] = lambda: False

    def start(self) -> None:
        {"postgres": self._postgres, "apache/kafka": self._kafka}[
            self.told["Image"].split(":")[0]
        ]()

    def mounted(self, target: str) -> Path:
        [source] = [one["Source"] for one in self._mounts if one["Target"] == target]
        return Path(source)

    @property
    def _mounts(self) -> list[dict[str, Any]]:
        return self.told["HostConfig"]["Mounts"]

    def _postgres(self) -> None:
        password = (self.mounted("/run/secrets") / "superuser").read_text(encoding="utf-8")
        write_secret(self.root / "superuser.password", password)
        [bound] = self.told["HostConfig"]["PortBindings"]["5432/tcp"]
        server = EmbeddedPostgres(self.root, int(bound["HostPort"]))
        server.prepare()
        server.launch()
        self.stop, self.healthy = server.stop, server.is_ready

    def _kafka(self) -> None:
        place = self.root / "secrets"
        for file in self.mounted("/run/secrets").iterdir():
            text = file.read_text(encoding="utf-8").replace("/run/secrets", str(place))
            write_secret(
                place / file.name, text.replace("/var/lib/kafka/data", str(self.root / "data"))
            )
        program, script = self.told["Entrypoint"]
        command = [program, script.replace("/etc/saduak", str(self.mounted("/etc/saduak")))]
        home = Ground(read(ROOT), self.root).kafka_home()
        settings = {"SADUAK_BROKER_SECRETS": str(place), "KAFKA_HOME": str(home)}
        child = Child(Command(command, self.root / "kafka.log", settings))
        self.stop, self.healthy = child.stop, self._checked

    def _checked(self) -> bool:
        kind, *check = self.told["Healthcheck"]["Test"]
        assert kind == "CMD"
        return subprocess.run(check, check=False, capture_output=True).returncode == 0


@dataclass(slots=True)
class Daemon:
    """``refuses``: what it says to a step, ``pull`` or ``start``. Containers of a daemon that is
    not ``able`` run and are never healthy."""

    root: Path
    refuses: Mapping[str, str] = field(default_factory=dict[str, str])
    able: bool = True
    pulled: set[str] = field(default_factory=set[str])
    running: dict[str, Container] = field(default_factory=dict[str, Container])
    asked: int = 0
    """How often anybody asked for anything."""
    ever: list[Told] = field(default_factory=list[Told])
    """Every container that was made, in order."""

    @property
    def address(self) -> str:
        return f"unix://{self.root}/docker.sock"

    def answer(self, method: str, path: str, query: str, body: Told) -> tuple[int, object]:
        """Status, and what is said."""
        self.asked += 1
        match [method, *path.strip("/").split("/")]:
            case ["GET", "version"]:
                return 200, VERSION
            case [_, "images", *image]:
                return self._pull(query) if method == "POST" else self._image("/".join(image[:-1]))
            case ["POST", "containers", "create"]:
                return self._create(body)
            case [_, "containers", identity, *what]:
                return self._container(identity, method, what)
            case _:
                return 501, {"message": f"{method} {path} is not carried out here"}

    def _image(self, name: str) -> tuple[int, object]:
        if name in self.pulled:
            return 200, {"Id": name}
        return 404, {"message": f"No such image: {name}"}

    def _create(self, told: Told) -> tuple[int, object]:
        identity = secrets.token_hex(32)
        folder = self.root / identity[:8]
        folder.mkdir()
        self.running[identity] = Container(told, folder)
        self.ever.append(told)
        return 201, {"Id": identity, "Warnings": []}

    def _container(self, identity: str, method: str, what: list[str]) -> tuple[int, object]:
        if method == "DELETE":
            self.remove(identity)
            return 204, None
        if what == ["start"] and "start" in self.refuses:
            return 500, {"message": self.refuses["start"]}
        if what == ["start"]:
            self.running[identity].start()
            return 204, None
        health = "healthy" if self.able and self.running[identity].healthy() else "starting"
        return 200, {"Id": identity, "State": {"Status": "running", "Health": {"Status": health}}}

    def remove(self, identity: str) -> None:
        stop = self.running.pop(identity).stop
        if stop is not None:
            stop()

    def _pull(self, query: str) -> tuple[int, object]:
        if "pull" in self.refuses:
            return 500, {"message": self.refuses["pull"]}
        asked = dict(part.split("=") for part in query.split("&"))
        self.pulled.add(f"{asked['fromImage'].replace('%2F', '/')}:{asked['tag']}")
        return 200, {"status": "Pull complete"}


@contextmanager
def stand_in(
    root: Path, refuses: Mapping[str, str] | None = None, *, able: bool = True
) -> Generator[Daemon]:
    """A daemon on ``root/docker.sock``; in the end nothing of it runs.

    It answers in one thread, one request after the other: a process ends with the thread that
    started it.
    """
    daemon = Daemon(root, refuses or {}, able)

    class Handler(BaseHTTPRequestHandler):
        def _said(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            path, _, query = re.sub(r"^/v1\.\d+", "", self.path).partition("?")
            status, said = daemon.answer(self.command, path, query, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            if said is not None:
                self.wfile.write(json.dumps(said).encode())

        do_GET = do_POST = do_DELETE = _said  # noqa: N815 - names of the base class

        def address_string(self) -> str:
            return "a client"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """The tests say what matters."""

    with socketserver.UnixStreamServer(str(root / "docker.sock"), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield daemon
        finally:
            server.shutdown()
            thread.join()
            for identity in list(daemon.running):
                daemon.remove(identity)
