"""One demo at a time in a folder, and how another process stops it."""

import fcntl
import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

STOP_PATIENCE = 90.0


class DemoRuns(RuntimeError):
    """A demo runs in the folder already."""


class DemoStays(RuntimeError):
    """A demo was asked to stop and does not."""


@contextmanager
def holding(state: Path) -> Generator[None]:
    """Have the folder for this demo alone. Raises :class:`DemoRuns`."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(state).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRuns(
                f"A demo runs in {state} already (process {_holder(state)}). Watch that one, "
                f"stop it with `saduak demo --stop --state {state}`, or give this one a folder of "
                "its own with --state DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def stop(state: Path) -> bool:
    """Stop the demo in the folder and return when it has ended; whether there was one.

    Raises :class:`DemoStays`.
    """
    if not _held(state):
        return False
    os.kill(int(_holder(state)), signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE
    while _held(state):
        if time.monotonic() > deadline:
            raise DemoStays(f"The demo in {state} (process {_holder(state)}) does not stop.")
        time.sleep(0.1)
    return True


def _held(state: Path) -> bool:
    if not _lock(state).exists():
        return False
    with _lock(state).open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _holder(state: Path) -> str:
    return _lock(state).read_text(encoding="utf-8")


def _lock(state: Path) -> Path:
    return state / "demo.lock"
