"""Work that one replica does at a time, while the others go on without waiting for it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from libs.database.statements import statements
from libs.database.types import Connection, Pool

SQL = statements("services.reporting", "sql/turns.sql")


@asynccontextmanager
async def turn(pool: Pool, work: str) -> AsyncGenerator["Connection | None"]:
    """The connection on which ``work`` may be done now; None while another replica does it.

    The turn belongs to the connection, not to a transaction: whoever has it may wait for a broker
    and holds no row meanwhile. It ends with the block, or with the connection.
    """
    async with pool.acquire() as connection:
        if not await connection.fetchval(SQL.take, work):
            yield None
            return
        try:
            yield connection
        finally:
            await connection.execute(SQL.hand_on, work)
