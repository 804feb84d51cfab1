"""What a task beside the requests waits for instead of failing: database or broker away.

Everything else is a mistake. It goes up to the supervisor, which tells health and the metrics and
starts the task again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog
from aiokafka.errors import KafkaError

from libs.database.troubles import PASSING, trouble_of

LOG = structlog.stdlib.get_logger(__name__)

Troubles: tuple[type[Exception], ...] = (KafkaError, OSError, TimeoutError, *PASSING)
"""What passes by itself, as far as classes tell; :func:`is_trouble` tells all of it."""


def is_trouble(error: BaseException) -> bool:
    """Whether ``error`` passes by itself: the broker or the database is away, full, slow or busy.

    asyncpg raises one class for a lost connection and for wrong calls, so that a statement in a
    transaction needs this question; ``except Troubles`` would miss the lost connection.
    """
    return isinstance(error, Troubles) or trouble_of(error) is not None


async def keep_looking(
    look: Callable[[], Awaitable[object]], every_s: float, what: str
) -> NoReturn:
    """Look now, and again ``every_s`` seconds after each look.

    Troubles are logged as "``what`` waits", and looked for again; ends only by cancellation, or by
    what does not pass by itself.
    """
    while True:
        try:
            await look()
        except Exception as error:
            if not is_trouble(error):
                raise
            LOG.warning(f"{what} waits", reason=f"{type(error).__name__}: {error}")
        await asyncio.sleep(every_s)
