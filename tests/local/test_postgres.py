"""The embedded PostgreSQL and what provisioning makes on it."""

from dataclasses import replace

import asyncpg
import pytest

from saduak.provision.postgres import session
from tests.databases import FreshDatabase, PostgresServer


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
