"""Whether the consumer gets anywhere: health is progress, not an open connection."""

import time
from collections.abc import Callable

from libs.service.health import Finding

SLOW_SECONDS = 60.0
"""Without an answer from the broker, or a committed batch: not ready."""
STUCK_SECONDS = 240.0
"""Without any sign of life: the process ends, and whoever started it starts it anew."""


class Stuck(RuntimeError):
    """The consumer shows no sign of life."""


class Progress:
    """When the consumer last did what; times are seconds of a steady clock."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._running = False
        self._alive_at = steady()
        self._batch_since: float | None = None
        self._error: str | None = None

    def started(self) -> None:
        """The consumer has joined its group."""
        self._running = True
        self._alive_at = self._steady()

    def stopped(self) -> None:
        self._running = False

    def polled(self, seconds_ago: float | None) -> None:
        """A broker last answered ``seconds_ago``; None while there is nothing to ask for."""
        age = seconds_ago or 0.0
        self._alive_at = max(self._alive_at, self._steady() - age)

    def attempted(self) -> None:
        """An attempt at a batch began."""
        self._alive_at = self._steady()
        if self._batch_since is None:
            self._batch_since = self._alive_at

    def failed(self, error: str) -> None:
        """The attempt failed."""
        self._alive_at = self._steady()
        self._error = error

    def committed(self) -> None:
        """The batch is in the database."""
        self._alive_at = self._steady()
        self._batch_since = self._error = None

    async def check(self) -> Finding:
        """Ready while the broker answers and batches are committed."""
        if not self._running:
            return Finding(ok=False, detail="not connected to Kafka; the pages show what is here")
        if self._batch_since is not None:
            waited = self._steady() - self._batch_since
            if self._error is not None or waited > SLOW_SECONDS:
                return Finding(
                    ok=False,
                    detail=f"a batch has waited {waited:.0f} s for the database: {self._error}",
                )
        silent = self._steady() - self._alive_at
        if silent > SLOW_SECONDS:
            return Finding(ok=False, detail=f"no answer from Kafka for {silent:.0f} s")
        return Finding(ok=True)

    def watch(self) -> None:
        """Raise :class:`Stuck` if the consumer should be getting on and shows no sign of it."""
        silent = self._steady() - self._alive_at
        if self._running and silent > STUCK_SECONDS:
            raise Stuck(f"the consumer has done nothing for {silent:.0f} s")
