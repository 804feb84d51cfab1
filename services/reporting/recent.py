"""Answers kept for a moment, so that a crowd that asks the same question makes it once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

KEPT_SECONDS = 1.0
MOST_KEPT = 64

V = TypeVar("V")


@dataclass(slots=True)
class _Kept(Generic[V]):
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    value: V | None = None
    until: float = 0.0


class Recent(Generic[V]):
    """The newest answers by question; each is made by one asker while the others wait for it.

    A failure is not kept: the next asker tries anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, _Kept[V]] = {}

    async def get(self, question: Hashable, make: Callable[[], Awaitable[V]]) -> V:
        """The answer to ``question``, at most ``KEPT_SECONDS`` old."""
        kept = self._kept.setdefault(question, _Kept[V]())
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        async with kept.lock:
            if kept.value is not None and self._clock() < kept.until:
                return kept.value
            kept.value = await make()
            kept.until = self._clock() + KEPT_SECONDS
            return kept.value
