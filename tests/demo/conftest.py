"""The shipped scenario, and a service centre of one test's own to play it at."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from libs.clock import now
from libs.database.pool import connections
from libs.standards import Standards
from libs.standards import load as load_standards
from libs.stream.outbox import Outbox
from saduak.demo.answers import AnswerDesk
from saduak.demo.playing import Centre
from saduak.demo.scenario import Scenario, load
from saduak.demo.scene import Roster
from saduak.provision.postgres import SiteDatabase
from services.feedback.office import open_office
from services.ticketing.office import Office
from tests.databases import FreshDatabase

ROSTER = Roster([UUID(int=number) for number in range(1, 10)], UUID(int=99))


@dataclass(frozen=True, slots=True)
class TestCentre:
    """A centre and its database."""

    __test__ = False
    centre: Centre
    database: SiteDatabase


NewCentre = Callable[[str], Awaitable[TestCentre]]


@pytest.fixture(scope="session")
def standards() -> Standards:
    return load_standards(Path(__file__).parents[2] / "standards")


@pytest.fixture(scope="session")
def scenario(standards: Standards) -> Scenario:
    return load(standards)


@pytest.fixture
async def new_centre(
    fresh_database: FreshDatabase, standards: Standards
) -> AsyncGenerator[NewCentre]:
    """``await new_centre("pjo-65")``: a centre with nothing in it, with its services' rights."""
    async with AsyncExitStack() as stack:

        async def make(site: str) -> TestCentre:
            database = await fresh_database("ticketing", "feedback")
            pools = [
                await stack.enter_async_context(connections(database.app(schema), "demo", most=2))
                for schema in ("ticketing", "feedback")
            ]
            office = Office(site, Outbox(pools[0]), standards)
            desk = AnswerDesk.of(await open_office(pools[1], now))
            return TestCentre(Centre(office, desk, ROSTER), database)

        yield make
