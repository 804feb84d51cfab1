"""Streams of events that end when whoever watches is sent away: signed out, switched off, revoked.

Also by another process, such as a command: so it is asked again and again, whatever happens or not.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

CHECK_SECONDS = 2.0
"""Between two looks, each one short query: somebody who is sent away sees nothing after it."""

T = TypeVar("T")


async def while_let_in(
    events: AsyncGenerator[T],
    holds: Callable[[], Awaitable[bool]],
    check_seconds: float = CHECK_SECONDS,
) -> AsyncGenerator[T | None]:
    """``events`` while ``holds()``; then None, and no more. ``holds`` is asked before every event
    that is passed on too. What it raises ends the stream."""
    async with contextlib.aclosing(events):
        coming = asyncio.ensure_future(anext(events))
        try:
            while True:
                done, _ = await asyncio.wait({coming}, timeout=check_seconds)
                if not await holds():
                    yield None
                    return
                if done:
                    try:
                        event = coming.result()
                    except StopAsyncIteration:
                        return
                    yield event
                    coming = asyncio.ensure_future(anext(events))
        finally:
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await coming
