"""Fixtures for all tests: real servers, and databases of one test's own.

PostgreSQL and Kafka are the embedded ones, started when a test first asks, unless the environment
names others:

- ``SADUAK_TEST_POSTGRES=postgresql://superuser:password@host:port/database``
"""

import os
from collections.abc import AsyncGenerator, Callable

import pytest

from saduak.provision.postgres import SiteDatabase
from tests.databases import POSTGRES, FreshDatabase, PostgresServer, check_schemas, postgres_server
from tests.servers import Run, begin

RUN = pytest.StashKey[Run]()
END = pytest.StashKey[Callable[[], None]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RUN], config.stash[END] = begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[END]()


def pytest_report_header() -> list[str]:
    named = "from the environment" if POSTGRES in os.environ else "embedded"
    return [f"PostgreSQL: {named}"]


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """A running PostgreSQL that checks passwords, for the whole run."""
    return postgres_server(pytestconfig.stash[RUN])


@pytest.fixture
async def fresh_database(postgres: PostgresServer) -> AsyncGenerator[FreshDatabase]:
    """``database = await fresh_database("ticketing", "feedback")``: a new database, alone.

    It has a schema for each service named (``ticketing``, ``feedback``, ``reporting``), migrated
    to the newest, and the logins of production: connect with ``libs.service.database.connections``
    as ``database.app("ticketing")`` (the service) or ``database.owner("ticketing")`` (migrations).
    ``migrated=False`` leaves the schemas empty. It is dropped when the test ends.
    """
    made: list[str] = []

    async def make(*schemas: str, migrated: bool = True) -> SiteDatabase:
        check_schemas(schemas)
        database = await postgres.fresh(schemas, migrated)
        made.append(database.name)
        return database

    yield make
    await postgres.drop(made)
