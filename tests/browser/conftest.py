"""A real browser for each test. Where none is found the tests are left out; in CI that fails."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.equipment import CHROMIUM

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
