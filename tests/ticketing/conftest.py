"""An office of one test's own, on a real PostgreSQL."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from libs.database.pool import connections
from libs.standards import Standards, load
from libs.stream.outbox import Outbox
from saduak.provision.postgres import SiteDatabase
from services.ticketing.office import Office
from tests.databases import FreshDatabase
from tests.ticketing.offices import MORNING, SITE, SetClock

CONNECTIONS = 16


@pytest.fixture(scope="session")
def standards() -> Standards:
    return load(Path(__file__).parents[2] / "standards")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MORNING)


@pytest.fixture
async def site_database(fresh_database: FreshDatabase) -> SiteDatabase:
    """A site's database with the logins of production."""
    return await fresh_database("ticketing")


@pytest.fixture
async def office(
    site_database: SiteDatabase, standards: Standards, clock: SetClock
) -> AsyncGenerator[Office]:
    """An office that has not opened yet, working with the service's own rights."""
    app = site_database.app("ticketing")
    async with connections(app, "tests", most=CONNECTIONS) as pool:
        yield Office(SITE, Outbox(pool), standards, clock)
