"""What a task beside the requests waits for instead of failing: database or broker away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import asyncpg
import structlog
from aiokafka.errors import KafkaError

LOG = structlog.stdlib.get_logger(__name__)

Troubles = (KafkaError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def keep_looking(
    look: Callable[[], Awaitable[object]], every_s: float, what: str
) -> NoReturn:
    """Look now, and again ``every_s`` seconds after each look.

    Troubles are logged as "``what`` waits", and looked for again; ends only by cancellation, or by
    what is no trouble of those.
    """
    while True:
        try:
            await look()
        except Troubles as error:
            LOG.warning(f"{what} waits", reason=f"{type(error).__name__}: {error}")
        await asyncio.sleep(every_s)
