"""What is to be sent again: runs of numbers, each of them once however often it was asked for."""

from dataclasses import dataclass

import structlog

LOG = structlog.stdlib.get_logger(__name__)

MOST = 1000
"""Runs that are remembered. Whoever misses something asks again."""


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers of one epoch; both ends inclusive."""

    epoch: int
    first: int
    last: int

    def touches(self, other: "Run") -> bool:
        """Whether the two are one run together."""
        return (
            self.epoch == other.epoch
            and self.first <= other.last + 1
            and other.first <= self.last + 1
        )

    def with_(self, other: "Run") -> "Run":
        """The run from the first number of both to the last."""
        return Run(self.epoch, min(self.first, other.first), max(self.last, other.last))


class Wishes:
    """The runs that wait, in the order in which they were first asked for."""

    def __init__(self) -> None:
        self._runs: list[Run] = []

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, wish: Run) -> None:
        """Remember ``wish``; runs that it overlaps, or that it begins or ends at, become one with
        it. It is forgotten where :data:`MOST` wait already."""
        place = len(self._runs)
        for at in range(len(self._runs) - 1, -1, -1):
            if self._runs[at].touches(wish):
                wish = wish.with_(self._runs.pop(at))
                place = at
        if len(self._runs) >= MOST:
            LOG.warning("wish forgotten", wish=str(wish), waiting=MOST)
            return
        self._runs.insert(place, wish)

    def next(self) -> Run | None:
        """The run that waits longest; None if none does."""
        return self._runs[0] if self._runs else None

    def done(self, run: Run) -> None:
        """``run`` was sent. What was asked for beyond it meanwhile still waits."""
        left: list[Run] = []
        for waiting in self._runs:
            left += _without(waiting, run)
        self._runs = left


def _without(waiting: Run, run: Run) -> list[Run]:
    if waiting.epoch != run.epoch or waiting.last < run.first or run.last < waiting.first:
        return [waiting]
    parts = (
        Run(run.epoch, waiting.first, run.first - 1),
        Run(run.epoch, run.last + 1, waiting.last),
    )
    return [part for part in parts if part.first <= part.last]
