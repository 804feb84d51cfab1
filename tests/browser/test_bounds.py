"""What people see when something is out of bounds: a kiosk that asks too fast, an odd row."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from libs.database.pool import connections
from libs.database.statements import statements
from libs.site.devices import DeviceKind
from libs.site.paces import Pace
from libs.site.staff import Role
from libs.standards import load
from saduak.provision.postgres import SiteDatabase
from tests.browser.looking import SIZES, look, view_id
from tests.browser.ticketing import Morning, People, play_morning
from tests.service.running import STANDARDS, Ticketing, running

ODD = statements("tests.ticketing", "sql/odd.sql")
pytestmark = pytest.mark.browser
each_view = pytest.mark.parametrize("view", [("th", SIZES[0]), ("en", SIZES[1])], ids=view_id)

SLOW = Pace(per_second=0.1, burst=1)
"""So slow that the second touch comes too early on a busy machine too."""


@each_view
async def test_a_kiosk_that_is_too_fast_says_that_the_ticket_will_come(
    browser: Browser, database: SiteDatabase, tmp_path: Path, view: tuple[str, tuple[int, int]]
) -> None:
    async with running(database, tmp_path, load(STANDARDS), pace=SLOW) as ticketing:
        await play_morning(ticketing)
        await touch_twice(People(browser, ticketing, *view), f"kiosk-waiting-{view_id(view)}")


async def touch_twice(people: People, shot: str) -> None:
    kiosk = await (await people.machine(DeviceKind.KIOSK)).new_page()
    await kiosk.goto("/kiosk")
    looked_at = asyncio.Event()

    async def second_try_later(route: Route) -> None:
        if await kiosk.locator("#fault").is_visible():
            await looked_at.wait()
        await route.continue_()

    await kiosk.route("**/api/tickets", second_try_later)
    await kiosk.locator("[data-service=ADV]").click()
    await kiosk.locator("#done").click()
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#fault")).to_be_visible()
    await expect(kiosk.locator("#ticket")).to_be_hidden()
    await look(kiosk, shot)
    looked_at.set()
    await expect(kiosk.locator("#ticket")).to_be_visible(timeout=30_000)
    await expect(kiosk.locator("#number")).not_to_be_empty()
    await expect(kiosk.locator("#fault")).to_be_hidden()


@each_view
async def test_the_console_names_odd_tickets_and_shows_all_others(
    browser: Browser,
    ticketing: Ticketing,
    morning: Morning,
    database: SiteDatabase,
    view: tuple[str, tuple[int, int]],
) -> None:
    _, _, first, second, _, last = morning.waiting
    async with connections(database.owner("ticketing"), "tests", most=1) as owner:
        await owner.execute(ODD.unbind)
        for ticket in (first, second):
            await owner.execute(ODD.odd_arrival, ticket.visit, "infinity")
    console = await (await People(browser, ticketing, *view).staff(Role.CLERK, "malee")).new_page()
    await console.goto("/console")
    for ticket in (first, second):
        await expect(console.locator("#odd")).to_contain_text(ticket.ticket)
    await expect(console.locator("#queue")).to_contain_text(last.ticket)
    await look(console, f"console-odd-{view_id(view)}")
