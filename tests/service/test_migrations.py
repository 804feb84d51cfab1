"""Upgrades of a schema: all or nothing, one at a time, by several processes at once."""

import asyncio
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from libs.database.migrations import pending, upgrade
from libs.database.pool import DatabaseUnavailable, connections
from libs.database.statements import statements
from tests.databases import FreshDatabase

SQL = statements("tests.service", "sql/service.sql")
STEP = """
    from alembic import op
    revision, down_revision = "{revision}", {down!r}
    def upgrade():
        op.execute("{sql}")
"""
RACER = """
    import asyncio, sys
    from pathlib import Path
    from libs.database.pool import Database
    from libs.database.migrations import upgrade
    host, port, name, user, password, versions = sys.argv[1:]
    owner = Database(host, int(port), name, user, password)
    asyncio.run(upgrade(owner, "ticketing", Path(versions)))
"""


def write(folder: Path, revision: str, down: str | None, sql: str) -> None:
    text = dedent(STEP).format(revision=revision, down=down, sql=sql)
    (folder / f"{revision}_step.py").write_text(text, encoding="utf-8")


async def test_steps_are_taken_in_order_and_once(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    owner = (await fresh_database("ticketing", migrated=False)).owner("ticketing")
    write(tmp_path, "0001", None, "CREATE TABLE one (n integer)")
    assert list(await pending(owner, "ticketing", tmp_path)) == ["0001"]
    await upgrade(owner, "ticketing", tmp_path)
    write(tmp_path, "0002", "0001", "ALTER TABLE one ADD COLUMN m integer")
    write(tmp_path, "0003", "0002", "INSERT INTO one VALUES (1, 2)")
    assert list(await pending(owner, "ticketing", tmp_path)) == ["0002", "0003"]
    await upgrade(owner, "ticketing", tmp_path)
    await upgrade(owner, "ticketing", tmp_path)
    async with connections(owner, "tests", most=1) as pool:
        assert await pool.fetchval(SQL.rows_of_one) == 1
        assert await pool.fetchval(SQL.version) == "0003"


async def test_a_step_that_fails_undoes_those_before_it(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    owner = (await fresh_database("ticketing", migrated=False)).owner("ticketing")
    write(tmp_path, "0001", None, "CREATE TABLE one (n integer)")
    write(tmp_path, "0002", "0001", "ALTER TABLE nowhere ADD COLUMN m integer")
    with pytest.raises(Exception, match="nowhere"):
        await upgrade(owner, "ticketing", tmp_path)
    assert list(await pending(owner, "ticketing", tmp_path)) == ["0001", "0002"]
    async with connections(owner, "tests", most=1) as pool:
        assert await pool.fetchval(SQL.table_one) is None


async def test_two_processes_that_upgrade_at_once_wait_for_each_other(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    owner = (await fresh_database("ticketing", migrated=False)).owner("ticketing")
    write(tmp_path, "0001", None, "CREATE TABLE one (n integer)")
    write(tmp_path, "0002", "0001", "SELECT pg_sleep(0.5)")
    told = (owner.host, str(owner.port), owner.name, owner.user, owner.password, str(tmp_path))
    command = (sys.executable, "-c", dedent(RACER), *told)
    racers = [await asyncio.create_subprocess_exec(*command) for _ in range(3)]
    assert [await racer.wait() for racer in racers] == [0, 0, 0]


async def test_a_database_that_is_not_there_is_named(fresh_database: FreshDatabase) -> None:
    app = (await fresh_database("ticketing", migrated=False)).app("ticketing")
    nowhere = type(app)(app.host, 9, app.name, app.user, app.password)
    with pytest.raises(DatabaseUnavailable, match="SADUAK_DATABASE_HOST"):
        async with connections(nowhere, "tests", patience=0):
            pass
