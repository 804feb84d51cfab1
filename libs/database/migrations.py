"""Migrations: plain SQL in numbered steps, run by Alembic inside one transaction."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import asyncpg
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, NullPool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import await_only

from libs.database.pool import Database
from libs.database.statements import statements, text

SQL = statements("libs.database", "sql/migrations.sql")
ENVIRONMENT = Path(__file__).parent / "alembic"
VERSION_TABLE = "schema_version"
_TURN = threading.Lock()
"""Alembic's own state is one per process, so upgrades in one process take turns."""


def execute(package: str, resource: str) -> None:
    """Run a SQL file of a package, which may hold many statements. For use in a migration."""
    raw = op.get_bind().connection.driver_connection
    await_only(cast("asyncpg.Connection[asyncpg.Record]", raw).execute(text(package, resource)))


async def upgrade(database: Database, schema: str, versions: Path) -> None:
    """Bring ``schema`` to the newest of ``versions``, a service's ``migrations/versions``.

    Runs as the schema's owner. All steps are one transaction: they all hold or none does. Two
    upgrades of one schema wait for each other.
    """

    def run(connection: Connection) -> None:
        command.upgrade(_config(schema, versions, connection), "head")

    await _with_connection(database, run)


async def pending(database: Database, schema: str, versions: Path) -> Sequence[str]:
    """The steps of ``versions`` that ``schema`` has yet to take, oldest first."""
    found: list[str] = []

    def read(connection: Connection) -> None:
        scripts = ScriptDirectory.from_config(_config(schema, versions, connection))
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "version_table_schema": schema},
        )
        done = context.get_current_heads()
        steps = scripts.iterate_revisions("heads", done or "base")
        found.extend(step.revision for step in steps)

    await _with_connection(database, read)
    return found[::-1]


async def _with_connection(database: Database, work: Callable[[Connection], None]) -> None:
    url = URL.create(
        "postgresql+asyncpg",
        username=database.user,
        password=database.password,
        host=database.host,
        port=database.port,
        database=database.name,
    )
    settings = {"server_settings": {"application_name": "saduak-migrate"}}
    engine = create_async_engine(url, poolclass=NullPool, connect_args=settings)
    await asyncio.to_thread(_TURN.acquire)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(work)
    finally:
        _TURN.release()
        await engine.dispose()


def _config(schema: str, versions: Path, connection: Connection) -> Config:
    config = Config(attributes={"connection": connection, "schema": schema})
    config.set_main_option("script_location", str(ENVIRONMENT))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    return config
