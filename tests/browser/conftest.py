"""A real browser for each test. Where none is found the tests are left out; in CI that fails."""

import os
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, async_playwright

from tests import chromium

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
    path = chromium.find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(chromium.HOW)
        pytest.skip(chromium.HOW)
    return str(path)


@pytest.fixture
async def browser(chromium_path: str) -> AsyncGenerator[Browser]:
    """A browser of the test's own."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield opened
        await opened.close()
