"""The embedded PostgreSQL and what provisioning makes on it."""

from dataclasses import replace

import asyncpg
import pytest

from libs.database.statements import statements
from saduak.provision.postgres import Login, provision, session
from tests.databases import FreshDatabase, PostgresServer

STATE = statements("tests", "sql/provisioned.sql")


async def test_a_login_reaches_its_own_schema(fresh_database: FreshDatabase) -> None:
    database = await fresh_database("ticketing", "feedback", migrated=False)
    async with session(database.owner("feedback")) as owner:
        await owner.execute("CREATE TABLE offer (id int)")
    async with session(database.app("feedback")) as app:
        assert await app.fetchval("SELECT current_schema()") == "feedback"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.fetch("SELECT * FROM offer")  # nobody has granted it
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("CREATE TABLE mine (id int)")


async def test_passwords_are_checked(fresh_database: FreshDatabase) -> None:
    database = await fresh_database("ticketing", migrated=False)
    wrong = replace(database.app("ticketing"), password="wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        async with session(wrong):
            pass


async def test_the_superuser_needs_a_password_too(postgres: PostgresServer) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        async with session(replace(postgres.admin, password="")):
            pass


async def test_the_files_of_one_site_are_closed_to_another(fresh_database: FreshDatabase) -> None:
    ours = await fresh_database("ticketing", migrated=False)
    theirs = await fresh_database("feedback", migrated=False)
    intruder = replace(ours.app("ticketing"), name=theirs.name)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="CONNECT"):
        async with session(intruder):
            pass


async def test_provisioning_twice_changes_nothing(
    postgres: PostgresServer, fresh_database: FreshDatabase
) -> None:
    database = await fresh_database("ticketing", "feedback", "reporting", migrated=False)

    async def state() -> list[object]:
        inside = replace(postgres.admin, name=database.name)
        async with session(inside) as admin:
            return [await admin.fetch(query, database.name) for _, query in STATE]

    before = await state()
    assert all(before)
    await provision(postgres.admin, database)
    assert await state() == before


async def test_a_new_password_takes_the_place_of_the_old(
    postgres: PostgresServer, fresh_database: FreshDatabase
) -> None:
    before = await fresh_database("reporting", migrated=False)
    login = f"{postgres.run.tag}_changed"
    old = replace(before, apps={"reporting": Login(login, "the old one")})
    new = replace(before, apps={"reporting": Login(login, "the new one")})
    await provision(postgres.admin, old)
    await provision(postgres.admin, new)
    async with session(new.app("reporting")) as app:
        assert await app.fetchval("SELECT current_user::text") == login
    with pytest.raises(asyncpg.InvalidPasswordError):
        async with session(old.app("reporting")):
            pass
