"""A process that is kept running: watched, asked how it is, started again when it ends."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil

from saduak.local.processes import Child, StartFailed, ended, tail
from saduak.local.report import ProcessReport, ProcessState

GLANCE_SECONDS = 0.2
"""Between two looks whether it still runs."""
ASK_SECONDS = 5.0
"""Between two questions how a ready process is; one that is not ready is asked all the time."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
FORGIVEN_SECONDS = 10.0
"""A process that ran so long starts again after the first pause."""

Ask = Callable[[], Awaitable[str | None]]
"""Answers None if the process is ready, else what it still lacks."""


class Watched:
    """One process and its report."""

    def __init__(
        self,
        report: ProcessReport,
        launch: Callable[[], Child],
        ask: Ask,
        stop_with: signal.Signals = signal.SIGTERM,
        patience: float = 10,
    ) -> None:
        self.report = report
        self.was_ready = asyncio.Event()
        self._launch = launch
        self._ask = ask
        self._stop_with = stop_with
        self._patience = patience
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to run it, and keep it running."""
        self.was_ready.clear()
        self.report.restarts, self.report.detail, self.report.lacks = 0, None, None
        self._task = asyncio.create_task(self._keep_running())

    @property
    def is_wanted(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._task is not None

    async def stop(self) -> None:
        """Stop it in order; after its patience it is killed."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        if self._child is not None:
            self._child.send(self._stop_with)
            deadline = time.monotonic() + self._patience
            while self._child.status is None and time.monotonic() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(GLANCE_SECONDS)
            self._child.stop(signal.SIGKILL)
            self._child = None
        self._say(ProcessState.STOPPED)

    async def until_ready(self, patience: float) -> None:
        """Raises :class:`StartFailed` if it ends three times, or is not ready in ``patience`` s."""
        deadline = time.monotonic() + patience
        while not self.was_ready.is_set():
            if self.report.restarts >= 3:
                raise StartFailed(f"{self.report.name} {self.report.detail}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{self.report.name} is not ready after {patience:.0f} s: "
                    f"{self.report.lacks}\n{tail(Path(self.report.log))}"
                )
            await asyncio.sleep(GLANCE_SECONDS)

    async def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            self.report.detail = await self._run_once()
            if time.monotonic() - started > FORGIVEN_SECONDS:
                pause = FIRST_PAUSE
            self.report.restarts += 1
            self._say(ProcessState.WAITING)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _run_once(self) -> str:
        """Start it and watch it to its end; says how it ended."""
        try:
            self._child = self._launch()
        except OSError as error:
            return f"cannot be started: {error}"
        self._say(ProcessState.STARTING)
        status = await self._watch(self._child)
        log, self._child = self._child.log, None
        return f"{ended(status)}\n{tail(log)}"

    async def _watch(self, child: Child) -> int:
        """Until it ends; returns its exit status."""
        asked = 0.0
        while (status := child.status) is None:
            ready = self.report.state is ProcessState.READY
            if not ready or time.monotonic() - asked > ASK_SECONDS:
                asked = time.monotonic()
                self.report.lacks = await self._ask()
                if self.report.lacks is None:
                    self._say(ProcessState.READY)
                    self.was_ready.set()
                elif ready:
                    self._say(ProcessState.UNREADY)
            await asyncio.sleep(GLANCE_SECONDS)
        return status

    def _say(self, state: ProcessState) -> None:
        self.report.state = state
        self.report.pid = self._child.pid if self._child else None
        self.report.born = birth(self.report.pid)


def birth(pid: int | None) -> float | None:
    """When the process ``pid`` began (seconds since 1970); None if there is none."""
    if pid is None:
        return None
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None
