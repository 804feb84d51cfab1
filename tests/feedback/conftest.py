"""A site of one test's own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from libs.database.pool import connections
from libs.stream.outbox import Outbox
from saduak.provision.postgres import SiteDatabase
from services.feedback.office import open_office
from tests.databases import FreshDatabase
from tests.feedback.site import SetClock, Site, Ticketing


@asynccontextmanager
async def site_of(fresh_database: FreshDatabase) -> AsyncGenerator[Site]:
    """Ticketing and feedback of a new site, each with its own login."""
    async with site_on(await fresh_database("ticketing", "feedback")) as made:
        yield made


@asynccontextmanager
async def site_on(database: SiteDatabase) -> AsyncGenerator[Site]:
    clock = SetClock()
    async with (
        connections(database.app("ticketing"), "ticketing") as ticketing,
        connections(database.app("feedback"), "feedback", most=20) as feedback,
    ):
        yield Site(
            ticketing=Ticketing(Outbox(ticketing), clock),
            office=await open_office(feedback, clock),
            clock=clock,
        )


@pytest.fixture
async def site(fresh_database: FreshDatabase) -> AsyncGenerator[Site]:
    async with site_of(fresh_database) as made:
        yield made
