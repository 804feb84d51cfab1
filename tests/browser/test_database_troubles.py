"""What people see, in a real browser, when the database can't do what they ask."""

import re

import pytest
from playwright.async_api import Browser, expect

from libs.database.statements import statements
from libs.site.devices import DeviceKind
from libs.site.staff import Role
from saduak.provision.postgres import session
from tests.browser.looking import look
from tests.browser.ticketing import Morning, People
from tests.databases import PostgresServer
from tests.service.running import Ticketing

SQL = statements("tests.browser", "sql/troubles.sql")
pytestmark = pytest.mark.browser


async def test_a_kiosk_says_that_nothing_can_be_saved_and_goes_on_later(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    machine = await People(browser, ticketing, "th", (360, 740)).machine(DeviceKind.KIOSK)
    kiosk = await machine.new_page()
    await kiosk.goto("/kiosk")
    await ticketing.pool.execute(SQL.take_no_changes)
    await ticketing.pool.expire_connections()
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#fault")).to_contain_text("ฐานข้อมูลไม่รับการเปลี่ยนแปลง")
    await look(kiosk, "kiosk-read-only")
    await ticketing.pool.execute(SQL.take_changes)
    await ticketing.pool.expire_connections()
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#number")).to_have_text(re.compile(r"^[A-Z]\d{3}$"))


async def test_live_pages_say_why_what_they_show_is_old(
    browser: Browser,
    ticketing: Ticketing,
    morning: Morning,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("services.ticketing.web.live.BEAT_SECONDS", 0.2)
    monkeypatch.setattr("services.ticketing.web.live.STALE_SECONDS", 0.2)
    window = People(browser, ticketing, "en", (1280, 800))
    board = await (await window.machine(DeviceKind.BOARD)).new_page()
    console = await (await window.staff(Role.CLERK, "malee")).new_page()
    for page, path in ((board, "/board"), (console, "/console")):
        await page.goto(path)
        await expect(page.locator("#waiting, #count").first).not_to_be_empty()
    ticketing.pool.terminate()
    for page in (board, console):
        await expect(page.locator("#offline")).to_contain_text(
            "The database does not answer. No connection since", timeout=20_000
        )
    await look(board, "board-database-away")
    assert "Exception in ASGI" not in caplog.text
    answer = await board.reload()
    assert answer is not None
    assert answer.status == 503
    await expect(board.locator("main")).to_contain_text("This page tries again by itself.")
    await look(board, "problem-database-away")


async def test_a_page_that_could_not_be_shown_comes_back_by_itself(
    browser: Browser,
    ticketing: Ticketing,
    morning: Morning,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("libs.service.problems.TRY_AGAIN_SECONDS", 0.2)
    machine = await People(browser, ticketing, "th", (360, 740)).machine(DeviceKind.KIOSK)
    database: str = await ticketing.pool.fetchval(SQL.here)
    await let_in(postgres, database, nobody=True)
    await ticketing.pool.expire_connections()
    kiosk = await machine.new_page()
    answer = await kiosk.goto("/kiosk")
    assert answer is not None
    assert answer.status == 503
    await let_in(postgres, database, nobody=False)
    await expect(kiosk.locator("[data-service=ADV]")).to_be_visible()


async def let_in(postgres: PostgresServer, database: str, *, nobody: bool) -> None:
    """Let new sessions into the database, or none."""
    async with session(postgres.admin) as admin:
        await admin.execute(await admin.fetchval(SQL.limit, database, 0 if nobody else -1))
