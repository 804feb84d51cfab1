"""The connections of a replica, in pools of their own: a crowd at the pages, or a task that waits,
never has those that ingest needs."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from libs.database.pool import Database, connections
from libs.database.types import Pool

INGEST = 4
"""Connections at most: of a batch, and of what is set apart from it."""
PAGES = 6
"""Pages and API; whoever finds all of them busy is told to come again."""
TASKS = 8
"""Vigil, publisher, beats and readiness, and those who hold one while they speak to the broker."""
REBUILD = 1
CONNECTIONS = INGEST + PAGES + TASKS + REBUILD
"""Of one replica, at most; `max_connections` of the database has room for all of them, and for
whoever looks (`deploy/national`)."""


@dataclass(frozen=True, slots=True)
class Pools:
    """A replica's connections, by what they are for."""

    ingest: Pool
    pages: Pool
    tasks: Pool


@asynccontextmanager
async def pools(database: Database, application: str) -> AsyncGenerator[Pools]:
    """The pools, closed at the end; the server's own views call them ``application`` and what
    they are for. Raises :class:`~libs.database.pool.DatabaseUnavailable`."""
    async with AsyncExitStack() as stack:

        async def pool(purpose: str, most: int) -> Pool:
            name = f"{application}-{purpose}"
            return await stack.enter_async_context(connections(database, name, most=most))

        yield Pools(
            await pool("ingest", INGEST), await pool("pages", PAGES), await pool("tasks", TASKS)
        )
