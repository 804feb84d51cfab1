"""Answers kept for a moment, so that a crowd that asks the same question makes it once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.reporting.reads.rollup_sums import Crowded

KEPT_SECONDS = 1.0
MOST_KEPT = 64
MOST_UNDER_WAY = 32
"""Different questions at one time; whoever asks one more is told to come again."""

V = TypeVar("V")


@dataclass(slots=True)
class _Kept(Generic[V]):
    value: V
    until: float


class Recent(Generic[V]):
    """The newest answers by question. Whoever asks what is being answered waits for that answer,
    and is told of its failure too; a failure is not kept: who asks later tries anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, _Kept[V]] = {}
        self._under_way: dict[Hashable, asyncio.Task[V]] = {}

    async def get(self, question: Hashable, make: Callable[[], Awaitable[V]]) -> V:
        """The answer to ``question``, at most ``KEPT_SECONDS`` old.

        Raises what ``make`` raises, and :class:`Crowded` while too much else is asked.
        """
        kept = self._kept.get(question)
        if kept is not None and self._clock() < kept.until:
            return kept.value
        task = self._under_way.get(question)
        if task is None:
            if len(self._under_way) >= MOST_UNDER_WAY:
                raise Crowded(f"{MOST_UNDER_WAY} questions are under way")
            task = asyncio.create_task(self._make(question, make))
            self._under_way[question] = task
            task.add_done_callback(_seen)
        return await asyncio.shield(task)  # one who leaves takes the answer from nobody else

    async def _make(self, question: Hashable, make: Callable[[], Awaitable[V]]) -> V:
        try:
            value = await make()
        finally:
            del self._under_way[question]
        self._kept.pop(question, None)
        self._kept[question] = _Kept(value, self._clock() + KEPT_SECONDS)
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return value


def _seen(task: "asyncio.Task[V]") -> None:
    """Look at the failure of a task, in case that nobody waits for it any more."""
    if not task.cancelled():
        task.exception()
