"""Which routes fail, so that readiness tells the truth of pages and answers that do."""

import time
from collections import deque
from collections.abc import Callable

from libs.service.health import Finding

LATELY_SECONDS = 60.0
"""For so long an answer counts."""
REMEMBERED = 200
"""Answers of one route that are remembered, the newest; routes are as many as the program has."""


class FailingRoutes:
    """Counts the faults of each route: answers of status 500.

    **The rule**: a route is failing while more than half of what it answered in the last minute
    were faults. One good answer after one fault heals it; so does a minute in which nobody asks.
    What passes by itself, such as a database that is away, has checks of its own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answers: dict[str, deque[tuple[float, bool]]] = {}

    def note(self, route: str, *, fault: bool) -> None:
        """The route answered."""
        answers = self._answers.setdefault(route, deque(maxlen=REMEMBERED))
        answers.append((self._clock(), fault))

    def failing(self) -> dict[str, tuple[int, int]]:
        """Of each failing route, how many of the last minute's answers were faults, of how many."""
        since = self._clock() - LATELY_SECONDS
        found: dict[str, tuple[int, int]] = {}
        for route, answers in self._answers.items():
            lately = [fault for at, fault in answers if at >= since]
            faults = sum(lately)
            if 2 * faults > len(lately):
                found[route] = (faults, len(lately))
        return found

    async def check(self) -> Finding:
        """Ready while no route is failing."""
        failing = self.failing()
        if not failing:
            return Finding(ok=True)
        named = "; ".join(
            f"{route} ({faults} of {answers} in the last minute)"
            for route, (faults, answers) in sorted(failing.items())
        )
        return Finding(
            ok=False, detail=f"answers fail: {named}; the log names the error (level error)"
        )
