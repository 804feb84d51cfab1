"""Virtual time: what people do, one after the other, each at its moment."""

import heapq
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import TypeAlias

Doing: TypeAlias = AsyncGenerator[datetime]
"""What somebody does. Each moment it yields is when it wants to go on: the agenda moves the
clock there, after all that happens before."""


class Agenda:
    """A clock that jumps from one thing to the next. Called, it says the time: a
    :data:`libs.clock.Clock`."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self._waiting: list[tuple[datetime, int, Doing]] = []
        self._entered = 0

    def __call__(self) -> datetime:
        return self._moment

    def enter(self, doing: Doing, at: datetime) -> None:
        """Have ``doing`` begin at ``at``; in order of entry where two begin at one moment."""
        self._entered += 1
        heapq.heappush(self._waiting, (max(at, self._moment), self._entered, doing))

    async def run(self) -> None:
        """Until nobody has anything left to do."""
        while self._waiting:
            self._moment, _, doing = heapq.heappop(self._waiting)
            next_moment = await anext(doing, None)
            if next_moment is not None:
                self.enter(doing, next_moment)
