"""A real browser for each test. Where none is found the tests are left out; in CI that fails."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from libs.standards import load
from saduak.provision.postgres import SiteDatabase
from tests.browser.ticketing import Morning, play_morning
from tests.databases import FreshDatabase
from tests.equipment import CHROMIUM
from tests.service.running import STANDARDS, Ticketing, running

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to test with."""
    return str(CHROMIUM.for_test())


@pytest.fixture
async def browser(chromium_path: str) -> AsyncGenerator[Browser]:
    """A browser of the test's own."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> SiteDatabase:
    """The test's own, for ticketing."""
    return await fresh_database("ticketing")


@pytest.fixture
async def ticketing(database: SiteDatabase, tmp_path: Path) -> AsyncGenerator[Ticketing]:
    """A ticketing service of the test's own."""
    async with running(database, tmp_path, load(STANDARDS)) as service:
        yield service


@pytest.fixture
async def morning(ticketing: Ticketing) -> Morning:
    """The same, in the middle of its morning."""
    return await play_morning(ticketing)
