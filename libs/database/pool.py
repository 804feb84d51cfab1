"""The connection pool of a service."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import structlog

from libs.database.troubles import trouble_of
from libs.database.types import Pool

LOG = structlog.stdlib.get_logger()
PATIENCE_SECONDS = 60.0
"""How long a starting service waits for its database: both start together after a power cut."""
COMMAND_SECONDS = 60.0
"""How long a service waits for one statement."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is and who asks; the login's own ``search_path`` picks the schema."""

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.name}"


class DatabaseUnavailable(RuntimeError):
    """The database could not be reached or refused the login."""


@asynccontextmanager
async def connections(
    database: Database,
    application: str,
    *,
    most: int = 10,
    patience: float = PATIENCE_SECONDS,
    long_work: bool = False,
) -> AsyncGenerator[Pool]:
    """A pool of up to ``most`` connections, closed at the end.

    A statement that takes over :data:`COMMAND_SECONDS` raises TimeoutError, except on a pool for
    ``long_work``: what goes over everything that is stored takes as long as it takes.

    ``application`` is what the server's own views call them. Waits up to ``patience`` seconds
    for a server that is not up yet, then raises :class:`DatabaseUnavailable`; a refused login
    raises it at once.
    """
    limit = None if long_work else COMMAND_SECONDS
    pool = await _opened(database, application, most, patience, limit)
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), 2)
        except TimeoutError:
            pool.terminate()


async def _opened(
    database: Database, application: str, most: int, patience: float, limit: float | None
) -> Pool:
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await asyncpg.create_pool(
                host=database.host,
                port=database.port,
                database=database.name,
                user=database.user,
                password=database.password,
                min_size=1,
                max_size=most,
                timeout=10,
                command_timeout=limit,
                server_settings={"application_name": application, "timezone": "UTC"},
            )
        except (OSError, asyncpg.PostgresError) as error:
            if not isinstance(error, OSError) and trouble_of(error) is None:
                raise DatabaseUnavailable(f"{database} refused: {error}") from None
            if asyncio.get_running_loop().time() >= deadline:
                raise DatabaseUnavailable(
                    f"no database at {database} after {patience:.0f} s ({error}); "
                    "start PostgreSQL or mend SADUAK_DATABASE_HOST and _PORT"
                ) from None
            LOG.warning("waiting for the database", database=str(database))
            await asyncio.sleep(1)
