"""What a login can do that may only look: no services' locks, no other database, no room taken."""

import asyncio
from datetime import date

import asyncpg
import pytest

from libs.database.pool import Database
from libs.database.statements import statements
from saduak.provision.postgres import MOST_SESSIONS, SiteDatabase, provision, session
from tests.databases import FreshDatabase, PostgresServer
from tests.reporting.nation import nation_on
from tests.reporting.streams import played

SQL = statements("tests.provision", "sql/logins.sql")
DAY = date(2026, 3, 16)


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> SiteDatabase:
    return await fresh_database("reporting")


def lookers(database: SiteDatabase) -> list[Database]:
    return [database.dashboard("reporting"), database.reader("reporting")]


async def test_who_only_looks_takes_no_lock_that_ingest_waits_for(database: SiteDatabase) -> None:
    for login in lookers(database):
        async with session(login) as looker:
            functions = await looker.fetch(SQL.locking_functions)
            assert len(functions) == 16
            for function in functions:
                number = "1" if "bigint" in function["arguments"] else "1, 1"
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await looker.execute(f"SELECT {function['name']}({number})")
            for wording in (SQL.keep_object, SQL.write_log):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await looker.execute(wording)


async def test_ingest_goes_on_beside_who_looks(database: SiteDatabase) -> None:
    async with nation_on(database) as nation, session(database.reader("reporting")) as looker:
        (streams,) = played(["pjo-50"], [DAY], 5)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await looker.execute(SQL.stop_ingest)
        async with looker.transaction():
            await looker.execute(SQL.look)
            async with asyncio.timeout(30):
                await nation.take(streams.messages)
        assert await nation.check() == []


async def test_who_only_looks_connects_nowhere_else(
    database: SiteDatabase, fresh_database: FreshDatabase, postgres: PostgresServer
) -> None:
    other = await fresh_database("ticketing")
    for login in [*lookers(database), database.app("reporting"), other.app("ticketing")]:
        reached: list[str] = []
        for name in ("postgres", "template1", other.name, database.name):
            try:
                async with session(
                    Database(login.host, login.port, name, login.user, login.password)
                ):
                    reached.append(name)
            except asyncpg.InsufficientPrivilegeError:
                pass
        assert reached == [login.name], login.user


async def test_what_looking_may_take(database: SiteDatabase) -> None:
    for login in lookers(database):
        async with session(login) as looker:
            settings = await looker.fetchrow(SQL.settings)
            assert settings is not None
            assert settings["lock_timeout"] == "2s"
            assert settings["statement_timeout"] not in {"0", ""}
            assert settings["idle"] == "1min"
            assert settings["read_only"] == "on"
    login = database.dashboard("reporting")
    opened = [await _connected(login) for _ in range(MOST_SESSIONS)]
    try:
        with pytest.raises(asyncpg.TooManyConnectionsError):
            await _connected(login)
    finally:
        for one in opened:
            await one.close()


async def _connected(login: Database) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(
        host=login.host,
        port=login.port,
        database=login.name,
        user=login.user,
        password=login.password,
    )


async def test_a_country_that_was_open_is_shut_by_the_next_set_up(
    database: SiteDatabase, postgres: PostgresServer
) -> None:
    admin = postgres.admin
    inside = Database(admin.host, admin.port, database.name, admin.user, admin.password)
    async with session(inside) as superuser:
        for row in await superuser.fetch(SQL.open_again):
            await superuser.execute(row["command"])
    async with session(database.dashboard("reporting")) as looker:
        assert await looker.fetchval(SQL.lock)
    for _ in range(2):
        await provision(admin, database)
    async with session(database.dashboard("reporting")) as looker:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await looker.execute(SQL.lock)
    for login in (database.app("reporting"), database.owner("reporting")):
        async with session(login) as service:
            assert await service.fetchval(SQL.lock)
