"""Keeps one from harming another: odd rows stand alone, and formulas leave the loop free."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import structlog

from libs.database.types import Connection
from libs.stream.retry import is_trouble

LOG = structlog.stdlib.get_logger()

V = TypeVar("V")
P = ParamSpec("P")

_FORMULAS = ThreadPoolExecutor(1, "formulas")
"""One thread: more would only take the interpreter from the loop that takes in events."""


async def off_the_loop(work: Callable[P, V], *args: P.args, **kwargs: P.kwargs) -> V:
    """What ``work`` returns, made beside the event loop; in the order in which it is asked for."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_FORMULAS, lambda: work(*args, **kwargs))


async def read_apart(
    connection: Connection,
    sites: Sequence[str],
    read: Callable[[Sequence[str]], Awaitable[dict[str, V]]],
) -> tuple[dict[str, V], frozenset[str]]:
    """What ``read`` finds of the sites, and those whose rows it can't read.

    Where it fails it reads each half of the sites by itself, until the culprits are alone: one of
    900 sites takes some twenty questions. Raises what passes by itself, such as a database that
    is away. Needs a transaction, and leaves it as it was.
    """
    try:
        async with connection.transaction():
            return await read(sites), frozenset()
    except Exception as error:
        if is_trouble(error):
            raise
        if len(sites) <= 1:
            LOG.exception("a site's rows cannot be read", sites=sites)
            return {}, frozenset(sites)
    middle = len(sites) // 2
    found, unreadable = await read_apart(connection, sites[:middle], read)
    more, others = await read_apart(connection, sites[middle:], read)
    return found | more, unreadable | others
