"""The national pages in a real browser: both languages, a phone's width and a desk's."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize

from tests.databases import FreshDatabase
from tests.reporting_web.country import country
from tests.serving import served

pytestmark = pytest.mark.browser
WIDTHS = (360, 1280)
A4_UPRIGHT: ViewportSize = {"width": 703, "height": 1032}
"""What the margins leave, in pixels of print, where somebody prints upright all the same."""
PAGES = {
    "national": "/?period=month&of=2026-03-18",
    "site": "/sites/pjo-50?period=month&of=2026-03-18",
    "site-day": "/sites/led-bkk4?period=day&of=2026-03-17",
}
SHOTS = os.environ.get("SADUAK_SCREENSHOTS")
"""A folder to leave screenshots in, for people to look at."""


@pytest.fixture
async def address(fresh_database: FreshDatabase) -> AsyncGenerator[str]:
    async with country(await fresh_database("reporting")) as nation:
        await nation.play()
        async with served(nation.app) as at:
            yield at


async def test_every_page_is_clear_in_both_languages_and_widths(
    address: str, browser: Browser
) -> None:
    for language in ("th", "en"):
        for width in WIDTHS:
            page = await browser.new_page(viewport={"width": width, "height": 800})
            complaints = _complaints(page)
            for name, path in PAGES.items():
                await page.goto(f"{address}{path}&lang={language}")
                await _looked_at(page, f"{name}-{language}-{width}")
                assert not await _overflows(page), f"{name} is wider than {width} px"
                assert await page.locator("html").get_attribute("lang") == language
                await _accessible(page)
                await _working_model_is_said(page, language)
            assert complaints == []
            await page.close()


async def test_a_printed_page_has_tables_and_says_that_it_is_a_demonstration(
    address: str, browser: Browser
) -> None:
    page = await browser.new_page(viewport=A4_UPRIGHT)
    await page.emulate_media(media="print")
    for path in PAGES.values():
        await page.goto(f"{address}{path}&lang=en")
        assert await page.locator(".demo").is_visible()
        assert not await page.locator(".top").is_visible()
        row = page.locator(".stack tbody tr").first
        assert await row.evaluate("row => getComputedStyle(row).display") == "table-row"
    if SHOTS:
        await page.pdf(path=str(Path(SHOTS) / "printed.pdf"), prefer_css_page_size=True)
    await page.close()


async def test_the_way_by_keyboard_from_the_table_to_an_office_and_back(
    address: str, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.goto(f"{address}/?lang=en&period=month&of=2026-03-18")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    office = page.get_by_role("link", name="Provincial Justice Office, Chiang Mai")
    await office.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sites/pjo-50?**")
    assert await page.get_by_role("heading", level=1).inner_text() == (
        "Provincial Justice Office, Chiang Mai"
    )
    await page.get_by_role("link", name="National table").first.click()
    await page.get_by_role("link", name="P90 wait").click()
    await page.wait_for_url("**sort=wait_p90**")
    assert await page.locator("th[aria-sort=descending]").inner_text() == "P90 wait"
    await page.close()


def _complaints(page: Page) -> list[str]:
    """What the browser says in its console: refused styles, failed scripts, missing files."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


async def _accessible(page: Page) -> None:
    found = await Axe().run(page)
    serious = [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})"
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert serious == []


async def _overflows(page: Page) -> bool:
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    )


async def _working_model_is_said(page: Page, language: str) -> None:
    text = await page.locator("main").inner_text()
    assert {"th": "ไม่ใช่ผลการรับรอง", "en": "not the official GECC criteria"}[language] in text


async def _looked_at(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
