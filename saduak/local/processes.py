"""Child processes that end with the process that started them."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
PORTS = range(20_000, 32_000)
"""Below the ports that systems hand out to clients, so that none of those takes one away."""


class StartFailed(RuntimeError):
    """A part did not come up; the text says which, why and where its log is."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run. ``environment`` comes on top of ours; its output is added to ``log``."""

    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    on_our_death: signal.Signals = signal.SIGKILL
    unprivileged: bool = False
    """Run as nobody if we are root."""


class Child:
    """A running command. Start it from a thread that lives as long as it should: the kernel
    takes the end of the thread for the end of the parent."""

    def __init__(self, command: Command) -> None:
        self.log = command.log
        as_nobody = command.unprivileged and os.geteuid() == 0
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())]
        mode = [str(int(command.on_our_death)), "unprivileged" if as_nobody else "as-is"]
        with command.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - commands are our own
                [*leash, *mode, *command.arguments],
                env=_environment() | dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal is for us alone
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """None while it runs, then its exit status: negative is the signal that ended it."""
        return self._process.poll()

    def send(self, sent: signal.Signals) -> None:
        self._process.send_signal(sent)

    def stop(self, sent: signal.Signals = signal.SIGTERM, patience: float = 10) -> int:
        """Ask it to stop, wait ``patience`` seconds, then kill it. Returns its exit status."""
        self._process.send_signal(sent)
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def await_ready(self, what: str, ready: Callable[[], bool], patience: float) -> None:
        """Return as soon as ``ready()``; raises :class:`StartFailed` if it ends or dawdles."""
        deadline = time.monotonic() + patience
        while not ready():
            if self.status is not None:
                raise StartFailed(f"{what} {ended(self.status)}\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{what} is not up after {patience:.0f} s\n{tail(self.log)}")
            time.sleep(0.05)


def run(command: Command, what: str) -> None:
    """Run a command to its end; raises :class:`StartFailed` unless it succeeds."""
    child = Child(command)
    child.await_ready(what, lambda: child.status == 0, patience=120)


def ended(status: int) -> str:
    """How a process ended, in words."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, with its name; long lines are cut."""
    if not log.exists():
        return f"There is no log {log}"
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join([f"The end of {log}:", *(f"  {line[:300]}" for line in last)])


def free_ports(count: int) -> list[int]:
    """Different TCP ports that nothing listens on at 127.0.0.1."""
    found: set[int] = set()
    while len(found) < count:
        port = PORTS[secrets.randbelow(len(PORTS))]
        if port_is_free(port):
            found.add(port)
    return list(found)


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment() -> dict[str, str]:
    """Ours without the settings of any service, which each child is given anew."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SADUAK_")}
