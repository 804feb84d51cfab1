"""Fixtures for all tests: real servers, and databases of one test's own.

PostgreSQL and Kafka are those that the environment names, else containers where a Docker answers,
else the embedded ones, started when a test first asks. The header says which. In the environment:

- ``SADUAK_TEST_POSTGRES=postgresql://superuser:password@host:port/database``
- ``SADUAK_TEST_KAFKA=kafka://superuser:password@host:port?sites=host:port&ca=/path/to/ca.pem``
  (the listener in the clear, and the one over TLS)
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack

import hypothesis
import pytest

from saduak.provision.postgres import SiteDatabase
from tests.brokers import KafkaBroker, kafka_broker, lines_closed
from tests.choice import choose
from tests.databases import POSTGRES, FreshDatabase, PostgresServer, check_schemas, postgres_server
from tests.servers import Run, begin
from tests.small_disk import NoSmallDisk, SmallDisk, mounted

# No test is failed by a slow machine: speed is measured in benchmarks.
hypothesis.settings.register_profile("saduak", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)
hypothesis.settings.load_profile("saduak")

RUN = pytest.StashKey[Run]()
SMALL = 160 * 2**20
"""Bytes: a country of one site takes 64 MiB of its database's disk."""
END = pytest.StashKey[Callable[[], None]]()
ORIGINS = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So a shell starts what runs in its background, and so would all start that tests
        # interrupt: they could not be.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[RUN], config.stash[END] = begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if POSTGRES in os.environ and not hasattr(config, "workerinput"):
        asyncio.run(postgres_server(config.stash[RUN]).clear())
    config.stash[END]()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Before the header, and before there are workers, which find what was chosen here."""
    config = session.config
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[ORIGINS] = choose(config.stash[RUN])


def pytest_report_header(config: pytest.Config) -> list[str]:
    return config.stash.get(ORIGINS, [])


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """A running PostgreSQL that checks passwords, for the whole run."""
    return postgres_server(pytestconfig.stash[RUN])


@pytest.fixture
async def fresh_database(postgres: PostgresServer) -> AsyncGenerator[FreshDatabase]:
    """``database = await fresh_database("ticketing", "feedback")``: a new database, alone.

    It has a schema for each service named (``ticketing``, ``feedback``, ``reporting``), migrated
    to the newest, and the logins of production: connect with ``libs.database.pool.connections``
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


@pytest.fixture(scope="session")
def kafka_server(pytestconfig: pytest.Config) -> KafkaBroker:
    return kafka_broker(pytestconfig.stash[RUN])


@pytest.fixture
async def kafka(kafka_server: KafkaBroker) -> AsyncGenerator[KafkaBroker]:
    """A running Kafka with SCRAM, TLS and ACLs, for the whole run.

    Tests share it, so each makes sites of its own: ``site = kafka.new_site()`` has a code that no
    other test has, its topics, and ``site.access``, its user's.
    """
    yield kafka_server
    await lines_closed()


@pytest.fixture
def small_disk() -> Generator[SmallDisk]:
    """A disk of its own that a test may fill: ``small_disk.root``, ``fill()``, ``make_room()``.

    Where the system allows no mount at all the test is skipped; in CI it fails.
    """
    with ExitStack() as mounts:
        try:
            disk = mounts.enter_context(mounted(SMALL))
        except NoSmallDisk as refusal:
            left_out = (
                f"Tests of a full disk are left out: no disk could be mounted ({refusal}). "
                "Allow user namespaces (sysctl user.max_user_namespaces, and on Ubuntu "
                "kernel.apparmor_restrict_unprivileged_userns=0), or test as root."
            )
            if os.environ.get("CI"):
                pytest.fail(left_out)
            pytest.skip(left_out)
        yield disk
