"""What goes wrong in a day by honest hands, as the pages show it: a lost answer, a closing that was
forgotten, a wrong clock, two desks of one login, eight tabs, any screen."""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from libs.clock import now
from libs.events.codes import Channel, Language, Outcome, OutOfOrder
from libs.service.formats import full_date
from libs.site.devices import DeviceKind
from libs.site.staff import Role
from libs.standards import load
from libs.stream.outbox import Outbox
from services.ticketing import reads, usecases
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office
from tests.browser.looking import SIZES, look, view_id
from tests.browser.ticketing import TODAY, YESTERDAY, Morning, Moving, People
from tests.databases import FreshDatabase
from tests.service.running import PASSWORD, SITE, STANDARDS, Ticketing, running
from tests.ticketing.offices import with_counters

pytestmark = pytest.mark.browser
NUMBER = re.compile(r"^[A-Z]\d{3}$")
DESK = (1280, 800)
each_view = pytest.mark.parametrize("view", [("th", SIZES[0]), ("en", SIZES[1])], ids=view_id)
"""A phone in Thai and a desk in English; the other two look alike."""


async def forget_yesterday(ticketing: Ticketing) -> Office:
    """Yesterday was opened and never closed: one visitor still waits in it."""
    standards = ticketing.edge.office.standards
    office = Office(SITE, Outbox(ticketing.pool), standards, Moving(now() - timedelta(days=1)))
    await usecases.open_day(office, YESTERDAY)
    await usecases.issue(office, TicketRequest("ADV", Channel.KIOSK))
    return office


async def opened(context: BrowserContext, path: str) -> Page:
    page = await context.new_page()
    await page.goto(path)
    return page


async def take(kiosk: Page, service: str = "ADV") -> str:
    """The number that the kiosk shows for a touch."""
    await kiosk.locator(f"[data-service={service}]").click()
    await expect(kiosk.locator("#number")).to_have_text(NUMBER)
    return await kiosk.locator("#number").inner_text()


async def lose(route: Route) -> None:
    """The service does what it is asked, and the answer is lost."""
    await route.fetch()
    await route.abort()


async def lose_a_ticket(kiosk: Page) -> None:
    await kiosk.route("**/api/tickets", lose)
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#fault")).to_be_visible()
    await kiosk.unroute("**/api/tickets")


async def test_a_ticket_that_was_called_in_vain_is_nobodys(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    office = ticketing.edge.office
    machine = await People(browser, ticketing, "th", DESK).machine(DeviceKind.KIOSK)
    kiosk = await opened(machine, "/kiosk")
    await lose_a_ticket(kiosk)
    lost = (await reads.waiting(office))[-1].waiting
    [called] = [one for one in await reads.board(office) if not one.serving]
    busy = next(one.visit for one in morning.waiting if one.ticket == called.ticket)
    await usecases.no_show(office, called.counter, busy)
    await usecases.call(office, called.counter, lost.visit, OutOfOrder.OTHER)
    await usecases.no_show(office, called.counter, lost.visit)
    fresh = await take(kiosk)
    assert fresh != lost.ticket
    assert (await reads.waiting(office))[-1].waiting.ticket == fresh


async def test_the_next_visitor_does_not_get_the_wish_of_the_one_before(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    office = ticketing.edge.office
    before = len(await reads.waiting(office))
    machine = await People(browser, ticketing, "th", DESK).machine(DeviceKind.KIOSK)
    kiosk = await machine.new_page()
    await kiosk.clock.install()
    await kiosk.goto("/kiosk")
    await lose_a_ticket(kiosk)
    await kiosk.clock.fast_forward(91_000)  # nobody touches it: back to its start
    await expect(kiosk.locator("#fault")).to_be_hidden()
    await take(kiosk)
    assert len(await reads.waiting(office)) == before + 2


@each_view
async def test_a_kiosk_of_an_office_that_is_closed_and_opens(
    browser: Browser, ticketing: Ticketing, view: tuple[str, tuple[int, int]]
) -> None:
    machine = await People(browser, ticketing, *view).machine(DeviceKind.KIOSK)
    kiosk = await machine.new_page()
    await kiosk.clock.install()
    await kiosk.goto("/kiosk")
    await expect(kiosk.locator("#closed")).to_be_visible()
    await expect(kiosk.locator(".service").first).to_be_hidden()
    await look(kiosk, f"kiosk-closed-{view_id(view)}")
    await usecases.open_day(ticketing.edge.office, TODAY)
    await kiosk.clock.fast_forward(11_000)
    await expect(kiosk.locator("#closed")).to_be_hidden()
    await usecases.close_day(ticketing.edge.office, TODAY)
    await kiosk.locator("[data-service=ADV]").click()  # before it has looked
    await expect(kiosk.locator("#closed")).to_be_visible()
    await expect(kiosk.locator("#fault")).to_be_hidden()


async def test_no_touch_is_lost_while_a_kiosk_loads(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    """A service can be touched when somebody hears it, and not before."""
    assert morning.waiting
    machine = await People(browser, ticketing, "th", DESK).machine(DeviceKind.KIOSK)
    kiosk = await machine.new_page()
    held: asyncio.Queue[Route] = asyncio.Queue()

    async def hold(route: Route) -> None:
        await held.put(route)

    await kiosk.route("**/kiosk.js*", hold)
    await kiosk.goto("/kiosk", wait_until="commit")
    await expect(kiosk.locator("[data-service=ADV]")).to_be_disabled()
    await (await held.get()).continue_()
    await take(kiosk)


async def test_a_kiosk_whose_service_is_away_leaves_for_no_other_page(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    assert morning.waiting
    machine = await People(browser, ticketing, "th", DESK).machine(DeviceKind.KIOSK)
    kiosk = await machine.new_page()
    await kiosk.clock.install()
    await kiosk.goto("/kiosk")
    await kiosk.route("**/*", lambda route: route.abort())
    await kiosk.get_by_role("link", name="English").click()
    await expect(kiosk.locator("#offline")).to_be_visible()
    await expect(kiosk.locator("#away")).to_be_visible()
    await expect(kiosk.locator("[data-service=ADV]")).to_be_hidden()
    await look(kiosk, "kiosk-away")
    assert await kiosk.get_attribute("html", "lang") == "th"
    await kiosk.unroute("**/*")
    await kiosk.clock.fast_forward(11_000)
    await expect(kiosk.locator("html[lang=en]")).to_be_attached()
    await take(kiosk)


@each_view
async def test_a_day_forgotten_overnight_is_closed_in_the_morning(
    browser: Browser, ticketing: Ticketing, view: tuple[str, tuple[int, int]]
) -> None:
    await forget_yesterday(ticketing)
    window = People(browser, ticketing, *view)
    kiosk = await opened(await window.machine(DeviceKind.KIOSK), "/kiosk")
    await expect(kiosk.locator("#closed")).to_be_visible()
    await expect(kiosk.locator("#forgotten")).not_to_be_empty()
    await look(kiosk, f"kiosk-forgotten-{view_id(view)}")
    board = await opened(await window.machine(DeviceKind.BOARD), "/board")
    await expect(board.locator("#forgotten")).to_be_visible()
    await look(board, f"board-forgotten-{view_id(view)}")
    staff = await window.staff(Role.SUPERVISOR, "wichai")
    console = await opened(staff, "/console")
    await expect(console.locator("#forgotten")).to_be_visible()
    await look(console, f"console-forgotten-{view_id(view)}")

    await console.goto("/day")
    await look(console, f"day-forgotten-{view_id(view)}")
    await console.goto(f"/day?day={TODAY}")
    await look(console, f"day-after-a-forgotten-one-{view_id(view)}")
    async with console.expect_navigation():
        await console.locator("#open-day").click()
    [today, yesterday] = await reads.days(ticketing.edge.office, 2)
    assert (today.open, yesterday.open, yesterday.revision) == (True, False, 1)
    [left] = await reads.day_book(ticketing.edge.office, YESTERDAY)
    assert left.outcome is Outcome.FORGOTTEN
    await console.goto(f"/day?day={YESTERDAY}")
    await expect(console.locator(".notice.care")).to_have_count(0)
    await look(console, f"day-before-{view_id(view)}")
    await kiosk.reload()
    await take(kiosk)


@each_view
async def test_a_day_closed_by_mistake_goes_on(
    browser: Browser, ticketing: Ticketing, morning: Morning, view: tuple[str, tuple[int, int]]
) -> None:
    office = ticketing.edge.office
    waiting = [one.waiting.ticket for one in await reads.waiting(office)]
    assert morning.waiting
    await usecases.close_day(office, TODAY)
    day = await opened(
        await People(browser, ticketing, *view).staff(Role.SUPERVISOR, "wichai"), "/day"
    )
    await look(day, f"day-closed-by-mistake-{view_id(view)}")
    await day.locator("#reopen-day").click()
    await look(day, f"day-reopening-{view_id(view)}")
    async with day.expect_navigation():
        await day.locator("#reopening button[value=yes]").click()
    assert [one.waiting.ticket for one in await reads.waiting(office)] == waiting
    await look(day, f"day-reopened-{view_id(view)}")
    async with day.expect_navigation():
        await day.locator("#close-day").click()
        await day.locator("#closing button[value=yes]").click()
    [today, _] = await reads.days(office, 2)
    assert (today.open, today.revision) == (False, 2)


@pytest.mark.parametrize("wrong", [timedelta(minutes=40), timedelta(days=-1)], ids=str)
async def test_times_are_the_services_whatever_the_machines_clock_says(
    browser: Browser, ticketing: Ticketing, morning: Morning, wrong: timedelta
) -> None:
    assert morning.waiting
    window = People(browser, ticketing, "en", DESK)
    for context, path in (
        (await window.machine(DeviceKind.BOARD), "/board"),
        (await window.staff(Role.CLERK, "malee"), "/console"),
    ):
        page = await context.new_page()
        await page.clock.install(time=now() + wrong)
        await page.goto(path)
        if path == "/board":
            await expect(page.locator("#date")).to_have_text(full_date(TODAY, Language.ENGLISH))
            local = (now() + timedelta(hours=7)).strftime("%H:%M")
            soon = (now() + timedelta(hours=7, minutes=1)).strftime("%H:%M")
            await expect(page.locator("#clock")).to_have_text(re.compile(f"{local}|{soon}"))
            continue
        waits = page.locator(".queue-row .quiet")
        await expect(waits.first).to_be_visible()
        minutes = [int(re.findall(r"\d+", text)[0]) for text in await waits.all_inner_texts()]
        assert 20 <= max(minutes) <= 45, minutes
        await page.locator("#issuing summary").click()
        await page.locator("input[value=appointment]").check()
        await page.locator("#booked-time").fill("23:58")
        await page.locator("#issue button").click()
        await expect(page.locator("#issued")).to_contain_text(re.compile(r"[A-Z]\d{3}"))
        queue = await reads.waiting(ticketing.edge.office)
        booked = [one.waiting.appointment for one in queue if one.waiting.appointment]
        assert [(one + timedelta(hours=7)).date() for one in booked] == [TODAY]


async def test_one_login_at_two_desks(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    assert morning.waiting
    window = People(browser, ticketing, "en", DESK)
    first = await opened(await window.staff(Role.CLERK, "malee"), "/console")
    await first.locator("#counter").select_option("1")
    await first.locator("#open").click()
    await expect(first.locator("#desk")).to_be_visible()
    second = await opened(await window.visitor(), "/console")
    await second.fill("#login", "malee")
    await second.fill("#password", PASSWORD)
    await second.keyboard.press("Enter")
    await expect(second.locator("#elsewhere-title")).to_have_text("Counter 1")
    await expect(second.locator("#desk")).to_be_hidden()
    await expect(second.locator("#opening")).to_be_hidden()
    await look(second, "console-at-another-desk")
    await second.locator("#take-over").click()
    await expect(second.locator("#desk")).to_be_visible()
    await expect(first.locator("#elsewhere")).to_be_visible()
    await second.locator("#call-next").click()
    await expect(second.locator("#visitor")).to_be_visible()
    await expect(first.locator("#desk")).to_be_hidden()


async def test_eight_tabs_of_one_browser_share_a_line(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    """A browser opens six connections to one address: with a stream each, the seventh tab hangs."""
    office = ticketing.edge.office
    staff = await People(browser, ticketing, "en", DESK).staff(Role.CLERK, "malee")
    tabs = [await opened(staff, "/console") for _ in range(8)]
    for tab in tabs:
        await expect(tab.locator("#count")).to_have_text(str(len(morning.waiting) - 2))
    assert ticketing.edge.floor.watchers == 1
    await usecases.issue(office, TicketRequest("ADV", Channel.KIOSK))
    for tab in tabs:
        await expect(tab.locator("#count")).to_have_text(str(len(morning.waiting) - 1))
    await tabs[-1].locator("#counter").select_option("1")
    await tabs[-1].locator("#open").click()
    await expect(tabs[-1].locator("#desk")).to_be_visible()
    # The tab that held the line closes, and another takes it.
    await tabs.pop(0).close()
    await usecases.issue(office, TicketRequest("ADV", Channel.KIOSK))
    for tab in tabs:
        await expect(tab.locator("#count")).to_have_text(str(len(morning.waiting)))
    assert ticketing.edge.floor.watchers <= 2  # the server hears a little later that it is gone


async def test_nobody_leaves_the_queue_by_one_touch(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    assert morning.waiting
    staff = await People(browser, ticketing, "en", DESK).staff(Role.CLERK, "malee")
    console = await opened(staff, "/console")
    await console.locator("#counter").select_option("1")
    await console.locator("#open").click()
    await expect(console.locator("#desk")).to_be_visible()
    before = len(await reads.waiting(ticketing.edge.office))
    await console.locator(".queue-row").last.click()
    assert await console.locator("#reason").input_value() == ""
    await expect(console.locator("#chosen-call")).to_be_disabled()
    await expect(console.locator("#chosen-withdraw")).to_be_hidden()
    await console.locator("#leaving summary").click()
    await look(console, "console-leaving")
    await expect(console.locator("#chosen-withdraw")).to_be_disabled()
    call, take_out = [
        await console.locator(button).bounding_box()
        for button in ("#chosen-call", "#chosen-withdraw")
    ]
    assert call is not None
    assert take_out is not None
    assert take_out["y"] - (call["y"] + call["height"]) > 100
    await console.locator("input[name=leaving][value=left]").check()
    await console.locator("#chosen-withdraw").click()
    await expect(console.locator("#count")).to_have_text(str(before - 1))


@pytest.fixture
async def eight(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncGenerator[Ticketing]:
    """A service of an office with eight counters, each of which has called somebody."""
    standards = with_counters(load(STANDARDS), 8)
    async with running(await fresh_database("ticketing"), tmp_path, standards) as service:
        office = service.edge.office
        await usecases.open_day(office, TODAY)
        for counter in range(1, 9):
            await usecases.open_counter(office, counter, uuid4())
            await usecases.issue(office, TicketRequest("ADV", Channel.KIOSK))
            await usecases.call_next(office, counter)
        yield service


SCREENS = ((1366, 768), (1920, 1080), (3840, 2160), (1080, 1920))


async def test_a_board_fills_any_screen_with_eight_counters(
    browser: Browser, eight: Ticketing
) -> None:
    board = await opened(
        await People(browser, eight, "th", SCREENS[0]).machine(DeviceKind.BOARD), "/board"
    )
    await expect(board.locator("#calls tr")).to_have_count(8)
    for width, height in SCREENS:
        await board.set_viewport_size({"width": width, "height": height})
        await look(board, f"board-eight-{width}")
        rows = [
            box
            for row in await board.locator("#calls tr").all()
            if (box := await row.bounding_box()) is not None
        ]
        assert len(rows) == 8
        bottom = max(box["y"] + box["height"] for box in rows)
        assert bottom <= height, f"a row is cut at {width} × {height}"
        assert bottom > 0.85 * height, f"the lower part is empty at {width} × {height}"
        right = max(box["x"] + box["width"] for box in rows)
        assert right > 0.93 * width
        size: str = await board.locator("#calls td").first.evaluate(
            "one => getComputedStyle(one).fontSize"
        )
        share = float(size.removesuffix("px")) / height
        assert share > (0.1 if width > height else 0.06), f"{size} at {width} × {height}"
