"""An office of one test's own, on a real PostgreSQL."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from libs.service.database import connections
from libs.standards import Standards, load
from libs.stream.outbox import Outbox
from saduak.provision.postgres import SiteDatabase
from services.ticketing.office import Office
from tests.databases import FreshDatabase

SITE = "pjo-50"
DAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""08:30 in Bangkok."""
CONNECTIONS = 16


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> datetime:
        """Let time pass: ``minutes=3``."""
        self.moment += timedelta(**by)
        return self.moment


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
