"""The real servers that tests run on: one of each for a whole run, however many workers it has.

The worker that needs a server first starts it, and at the end waits for the others before it
stops it. A server is on a leash: if its worker is killed, it ends too. Containers are started by
the run's first process, before any worker; if that is killed, testcontainers' own removes them.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol, TypeVar

RUN = "SADUAK_TEST_RUN"
PREFIX = "saduak-tests-"


class Server(Protocol):
    """A server whose files are in a directory."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


S = TypeVar("S", bound=Server)


@dataclass(slots=True)
class Run:
    """One run of the tests: a directory that its workers share."""

    directory: Path
    _mine: list[tuple[str, Server]] = field(default_factory=list[tuple[str, Server]])
    _uses: dict[str, IO[bytes]] = field(default_factory=dict[str, IO[bytes]])

    @property
    def tag(self) -> str:
        """Sets apart what this run makes on a server that is not its own."""
        return "t" + self.directory.name.removeprefix(PREFIX).lower()

    def share(
        self,
        name: str,
        make: Callable[[Path, Sequence[int] | None], S],
        ports: Callable[[S], Sequence[int]],
    ) -> S:
        """The run's one server ``name``: started here unless another worker has done so.

        ``make`` gets its directory, and the ports of a server that runs already.
        """
        kept = self.directory / f"{name}.ports"
        with self.lock(name):
            if kept.exists():
                found = make(
                    self.directory / name, [int(port) for port in kept.read_text().split()]
                )
            else:
                found = make(self.directory / name, None)
                self._mine.append((name, found))
                found.start()
                kept.write_text(" ".join(str(port) for port in ports(found)))
            if name not in self._uses:  # whoever has started it may use it too
                self._uses[name] = (self.directory / f"{name}.users").open("ab")
                fcntl.flock(self._uses[name], fcntl.LOCK_SH)
        return found

    def has(self, name: str) -> bool:
        """Whether the server ``name`` runs."""
        return (self.directory / f"{name}.ports").exists()

    @contextlib.contextmanager
    def lock(self, name: str) -> Generator[None]:
        """One worker at a time."""
        with (self.directory / f"{name}.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def finish(self) -> None:
        """Stop what this worker started, as soon as no other worker uses it."""
        for users in self._uses.values():
            users.close()
        for name, server in self._mine:
            with (self.directory / f"{name}.users").open("ab") as users:
                fcntl.flock(users, fcntl.LOCK_EX)
                server.stop()


def begin() -> tuple[Run, Callable[[], None]]:
    """This run, and what ends it. Its first process makes its directory, and removes it."""
    given = os.environ.get(RUN)
    if given is not None:
        run = Run(Path(given))
        return run, run.finish
    _sweep()
    run = Run(Path(tempfile.mkdtemp(prefix=PREFIX)))
    os.environ[RUN] = str(run.directory)
    alive = (run.directory / "alive").open("ab")
    fcntl.flock(alive, fcntl.LOCK_EX)

    def end() -> None:
        run.finish()
        del os.environ[RUN]
        # Before the lock goes: another run's sweep would remove it at the same time.
        shutil.rmtree(run.directory)
        alive.close()

    return run, end


def _sweep() -> None:
    """Remove what runs that were killed have left behind."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (left / "alive").open("rb") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError, PermissionError):
            continue
        shutil.rmtree(left, ignore_errors=True)
