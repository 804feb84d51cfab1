"""A small country in a real database: days played at seven sites, taken in by the real ingest."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
from fastapi import FastAPI

from libs.database.pool import connections
from libs.database.types import Pool
from libs.service.http import Process, application
from libs.standards import Standards, load
from saduak.provision.postgres import SiteDatabase
from services.reporting.ingest.batch import Ingest
from services.reporting.model.targets import Yardsticks
from services.reporting.verification.rebuild import prepare
from services.reporting.web.portal import Portal
from services.reporting.web.routes import open_portal, routers
from tests.reporting.streams import SiteStreams, played

STANDARDS = load(Path(__file__).parent.parent.parent / "standards")
SITES = tuple(site.code for site in STANDARDS.active_sites)
DAYS = (date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 18))
NOW = datetime(2026, 3, 19, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Country:
    """A database that tests fill, and the application over it."""

    pool: Pool
    app: FastAPI
    standards: Standards
    portal: Portal

    def forget(self) -> None:
        """Whoever asks now is told what is there now, and not what was a second ago."""
        for kept in (self.portal.nations, self.portal.offices, self.portal.newest_days):
            kept.__init__()

    async def take(self, streams: SiteStreams) -> None:
        """Everything a site has sent arrives."""
        await Ingest(self.pool, Yardsticks(self.standards)).take(streams.messages)

    async def play(self, visits: int = 40, sites: Sequence[str] = SITES) -> None:
        """Three working days at every site, complete."""
        for streams in played(sites, DAYS, visits):
            await self.take(streams)

    @asynccontextmanager
    async def browser(self) -> AsyncGenerator[httpx.AsyncClient]:
        """A client of pages and API."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://nation") as client:
            yield client


@asynccontextmanager
async def country(
    database: SiteDatabase, standards: Standards = STANDARDS, now: datetime = NOW
) -> AsyncGenerator[Country]:
    """The application over ``database``, at a moment of the test's choice."""
    async with connections(database.app("reporting"), "test") as pool:
        await prepare(pool, Yardsticks(standards), lambda _site, _events: None)
        portal = open_portal(pool, standards, demo=True, clock=lambda: now)
        app = application("reporting", Process(), portal.pages, routers(portal), secure=False)
        yield Country(pool, app, standards, portal)
