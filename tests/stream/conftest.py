"""An outbox in a schema of its own, on a real PostgreSQL."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from libs.database.pool import connections
from libs.database.statements import statements, text
from libs.stream.outbox import Outbox
from tests.databases import FreshDatabase

SQL = statements("tests.stream", "sql/work.sql")


@asynccontextmanager
async def new_outbox(fresh_database: FreshDatabase) -> AsyncGenerator[Outbox]:
    """An outbox in a database of its own."""
    database = await fresh_database("ticketing", migrated=False)
    async with connections(database.owner("ticketing"), "tests", most=12) as pool:
        await pool.execute(text("libs.stream", "sql/outbox_v1.sql"))
        await pool.execute(text("libs.stream", "sql/outbox_v2.sql"))
        await pool.execute(text("libs.stream", "sql/outbox_v3.sql"))
        await pool.execute(text("libs.stream", "sql/outbox_v4.sql"))
        await pool.execute(text("libs.stream", "sql/outbox_v5.sql"))
        await pool.execute(SQL.create)
        yield Outbox(pool)


@pytest.fixture
async def outbox(fresh_database: FreshDatabase) -> AsyncGenerator[Outbox]:
    async with new_outbox(fresh_database) as outbox:
        yield outbox
