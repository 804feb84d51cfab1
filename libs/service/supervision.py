"""Background tasks that somebody watches: what fails is restarted, or ends the process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog

from libs.stream.retry import is_trouble

LOG = structlog.stdlib.get_logger()
FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
"""Seconds between a failure and the next start: doubled each time, up to the longest."""
HEALTHY_AFTER = 300.0
"""Seconds of running after which earlier failures are forgiven."""
SOUND_AFTER = 60.0
"""Seconds of running after which a fault is taken for mended."""

Work = Callable[[], Awaitable[None]]


class OnFailure(StrEnum):
    """What becomes of the process when a task fails."""

    RESTART = "restart"
    END = "end"
    """The process ends with an error, and whoever started it starts it anew."""


class TaskState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"
    """Failed, and will start again."""
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(slots=True)
class TaskStatus:
    """How a task is doing; read by health and metrics."""

    state: TaskState = TaskState.RUNNING
    restarts: int = 0
    last_error: str | None = None
    """The class of the last error, and its text."""
    fault: bool = False
    """Whether that was a mistake, of the program or in what it was given, and no outage that passes
    by itself; until the task has run for :data:`SOUND_AFTER`."""


class Ended(RuntimeError):
    """A task that should run for ever returned."""


class Supervisor:
    """Runs the background tasks of one process."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._status: dict[str, TaskStatus] = {}
        self.failed = asyncio.Event()
        """Set when a task failed whose failure ends the process."""

    @property
    def status(self) -> Mapping[str, TaskStatus]:
        return self._status

    def start(
        self,
        name: str,
        work: Work,
        on_failure: OnFailure = OnFailure.RESTART,
        *,
        ending: type[Exception] | None = None,
    ) -> None:
        """Run ``work``, which should never return, under a name that is used once.

        An error of the class ``ending`` ends the process, whatever ``on_failure`` says of others.
        """
        if name in self._tasks:
            raise ValueError(f"a task named {name!r} runs already")
        status = self._status[name] = TaskStatus()
        watch = self._watch(name, work, on_failure, ending, status)
        self._tasks[name] = asyncio.create_task(watch, name=name)

    async def stop(self, seconds: float = 2.0) -> None:
        """Cancel all tasks and wait up to ``seconds`` for them."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=seconds)
            for task in late:
                LOG.error("task did not stop", task=task.get_name())

    async def _watch(
        self,
        name: str,
        work: Work,
        on_failure: OnFailure,
        ending: type[Exception] | None,
        status: TaskStatus,
    ) -> None:
        clock = asyncio.get_running_loop().time
        delay = FIRST_DELAY
        while True:
            began = clock()
            try:
                status.state = TaskState.RUNNING
                await _for_ever(name, work, status)
            except asyncio.CancelledError:
                status.state = TaskState.STOPPED
                raise
            except Exception as error:
                status.last_error = f"{type(error).__name__}: {error}"
                status.fault = not is_trouble(error)
                if ending is not None and isinstance(error, ending):
                    on_failure = OnFailure.END
                LOG.exception("task failed", task=name, then=on_failure)
            if on_failure is OnFailure.END:
                status.state = TaskState.FAILED
                self.failed.set()
                return
            if clock() - began > HEALTHY_AFTER:
                delay = FIRST_DELAY
            status.state = TaskState.WAITING
            status.restarts += 1
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY)


async def _for_ever(name: str, work: Work, status: TaskStatus) -> None:
    """Run ``work``; while it does, its last fault is forgiven in time."""

    def forgive() -> None:
        status.fault = False

    sound = asyncio.get_running_loop().call_later(SOUND_AFTER, forgive)
    try:
        await work()
    finally:
        sound.cancel()
    raise Ended(f"{name} returned, and should run for ever")
