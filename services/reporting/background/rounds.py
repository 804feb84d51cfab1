"""How a task that works in rounds gets on: what health is told of it."""

import time
from collections.abc import Callable

from libs.service.health import Finding

LATE_AFTER_S = 300.0
"""A task that has not finished a round for so long is stuck."""


class Rounds:
    """The newest rounds of one task."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended = clock()
        self.fault: str | None = None
        """Why the newest round failed."""

    def ended(self, fault: str | None = None) -> None:
        """A round is over, well or with a fault."""
        self._ended = self._clock()
        self.fault = fault

    async def check(self) -> Finding:
        """Ready while the newest round went well, and was not long ago."""
        if self.fault is not None:
            return Finding(ok=False, detail=f"the last round failed: {self.fault}; see the log")
        ago = self._clock() - self._ended
        if ago > LATE_AFTER_S:
            return Finding(
                ok=False, detail=f"no round has ended for {ago:.0f} s; restart the service"
            )
        return Finding(ok=True)
