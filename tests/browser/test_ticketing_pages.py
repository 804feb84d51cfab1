"""Ticketing's pages in a real browser: both languages, phone and desk, and by keyboard alone."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, Route, expect

from libs.clock import now
from libs.database.statements import statements
from libs.events.inbox import NoticeGiven, inbox_message
from libs.events.restoration import DayResolved, ResolutionReason
from libs.site.devices import DeviceKind
from libs.site.links import VisitLink, sign
from libs.site.staff import Role
from services.ticketing import reads, usecases
from services.ticketing.usecases.notices import hear
from tests.browser.looking import VIEWS, look, view_id
from tests.browser.ticketing import TODAY, Morning, People
from tests.service.running import Ticketing
from tests.ticketing.log import log

RESTORED = statements("tests.ticketing", "sql/restored.sql")
pytestmark = pytest.mark.browser
View = tuple[str, tuple[int, int]]
WEEK = timedelta(days=7)
each_view = pytest.mark.parametrize("view", VIEWS, ids=view_id)


def people(browser: Browser, ticketing: Ticketing, view: View) -> People:
    return People(browser, ticketing, *view)


@each_view
async def test_a_visitor_takes_a_ticket_and_follows_it(
    browser: Browser, ticketing: Ticketing, morning: Morning, view: View
) -> None:
    window = people(browser, ticketing, view)
    kiosk = await (await window.machine(DeviceKind.KIOSK)).new_page()
    await kiosk.goto("/kiosk")
    assert await kiosk.get_attribute("html", "lang") == view[0]
    await look(kiosk, f"kiosk-{view_id(view)}")
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#number")).to_have_text(re.compile(r"^[A-Z]\d{3}$"))
    await expect(kiosk.locator("#estimate")).to_contain_text("นาที" if view[0] == "th" else "minute")
    await look(kiosk, f"kiosk-ticket-{view_id(view)}")

    assert await kiosk.locator("#ticket a").count() == 0, "a tap would leave the kiosk for ever"
    shown = await kiosk.locator("#number").inner_text()
    queue = await reads.waiting(ticketing.edge.office)
    [taken] = [one.waiting for one in queue if one.waiting.ticket == shown]
    token = sign(VisitLink(taken.visit, taken.service, TODAY), ticketing.edge.link_key)
    phone = await (await window.visitor()).new_page()
    await phone.goto(f"/t/{token}")
    await expect(phone.locator("#state")).to_have_attribute("data-kind", "wait")
    await look(phone, f"ticket-{view_id(view)}")
    await look_at_a_called_ticket(ticketing, phone, morning, view)


async def look_at_a_called_ticket(
    ticketing: Ticketing, phone: Page, morning: Morning, view: View
) -> None:
    called = next(one for one in await reads.board(ticketing.edge.office) if not one.serving)
    ticket = next(one for one in morning.waiting if one.ticket == called.ticket)
    shown = ticketing.edge.ticket(ticket)
    await phone.goto(f"/t/{shown.token}")
    await expect(phone.locator("#state")).to_have_attribute("data-kind", "go")
    await look(phone, f"ticket-called-{view_id(view)}")
    await phone.goto(f"/t/{ticketing.edge.ticket(morning.served).token}")
    await expect(phone.locator("#rate-link")).to_be_visible()
    await look(phone, f"ticket-served-{view_id(view)}")


@each_view
async def test_the_board_shows_and_announces(
    browser: Browser, ticketing: Ticketing, morning: Morning, view: View
) -> None:
    context = await people(browser, ticketing, view).machine(DeviceKind.BOARD)
    board = await context.new_page()
    await board.goto("/board")
    await expect(board.locator("#calls tr")).to_have_count(2)
    await look(board, f"board-{view_id(view)}")
    office = ticketing.edge.office
    calls = {one.counter: one.ticket for one in await reads.board(office) if not one.serving}
    [(counter, ticket)] = calls.items()
    visit = next(one.visit for one in morning.waiting if one.ticket == ticket)
    await usecases.recall(office, counter, visit)
    await expect(board.locator("#announcement")).to_have_attribute("data-active", "true")
    await expect(board.locator("#announced-ticket")).to_have_text(ticket)
    await look(board, f"board-announcing-{view_id(view)}")


@each_view
async def test_a_clerk_works_by_keyboard(
    browser: Browser, ticketing: Ticketing, morning: Morning, view: View
) -> None:
    context = await people(browser, ticketing, view).staff(Role.CLERK, "malee")
    console = await context.new_page()
    await console.goto("/console")
    await console.locator("#counter").select_option("1")
    await console.locator("#open").focus()
    await console.keyboard.press("Enter")
    await expect(console.locator("#next-ticket")).not_to_be_empty()
    await look(console, f"console-{view_id(view)}")
    expected = (await reads.waiting(ticketing.edge.office))[0].waiting.ticket
    await console.locator("body").focus()
    await console.keyboard.press("n")
    await expect(console.locator("#visitor-ticket")).to_have_text(expected)
    await look(console, f"console-called-{view_id(view)}")
    await console.keyboard.press("r")
    await expect(console.locator("#visitor-since")).to_contain_text("2")
    await console.keyboard.press("s")
    await expect(console.locator("#end")).to_be_visible()
    await console.keyboard.press("e")
    await expect(console.locator("#call-next")).to_be_visible()
    last = console.locator(".queue-row").last
    ticket = await last.locator("strong").inner_text()
    await last.click()
    await expect(console.locator("#chosen-title")).to_have_text(ticket)
    await look(console, f"console-choosing-{view_id(view)}")
    await expect(console.locator("#chosen-call")).to_be_disabled()  # no reason is given beforehand
    await console.locator("#reason").select_option("papers")
    await console.locator("#chosen-call").click()
    await expect(console.locator("#visitor-ticket")).to_have_text(ticket)


@each_view
async def test_a_supervisor_closes_and_corrects_a_day(
    browser: Browser, ticketing: Ticketing, morning: Morning, view: View
) -> None:
    context = await people(browser, ticketing, view).staff(Role.SUPERVISOR, "wichai")
    day = await context.new_page()
    await day.goto("/day")
    await look(day, f"day-open-{view_id(view)}")
    await day.locator("#close-day").click()
    await look(day, f"day-closing-{view_id(view)}")
    async with day.expect_navigation():
        await day.locator("#closing button[value=yes]").click()
    await expect(day.locator("#close-day")).to_have_count(0)
    await day.locator(f".correct[data-ticket={morning.served.ticket}]").click()
    await day.locator("#new-outcome").select_option("left")
    await look(day, f"day-correcting-{view_id(view)}")
    async with day.expect_navigation():
        await day.locator("#correcting button[value=yes]").click()
    [today, _] = await reads.days(ticketing.edge.office, 2)
    assert (today.open, today.revision) == (False, 2)
    await look(day, f"day-closed-{view_id(view)}")


@each_view
async def test_a_supervisor_looks_into_a_restored_day(
    browser: Browser, ticketing: Ticketing, morning: Morning, view: View
) -> None:
    [today] = await reads.days(ticketing.edge.office, 1)
    await ticketing.pool.execute(RESTORED.restored_day, today.day, 37, False)
    context = await people(browser, ticketing, view).staff(Role.SUPERVISOR, "wichai")
    page = await context.new_page()
    await page.goto("/day")
    notice = page.locator(".notice.bad", has=page.locator(".resolve"))
    await expect(notice).to_contain_text("37")
    await look(page, f"day-restored-{view_id(view)}")
    await notice.locator(".finding").select_option("repeated")
    async with page.expect_navigation():
        await notice.locator(".resolve").press("Enter")
    await expect(page.locator(".resolve")).to_have_count(0)
    assert (await log(ticketing.edge.office))[-1].data == DayResolved(
        reason=ResolutionReason.REPEATED
    )


@each_view
async def test_doors_and_problems_are_readable(
    browser: Browser, ticketing: Ticketing, view: View
) -> None:
    context = await people(browser, ticketing, view).visitor()
    page = await context.new_page()
    for path, name in (("/console", "sign-in"), ("/kiosk", "enrol"), ("/nowhere", "problem")):
        await page.goto(path)
        await look(page, f"{name}-{view_id(view)}")
    await page.goto("/sign-in")
    await page.fill("#login", "nobody")
    await page.fill("#password", "not this one")
    await page.keyboard.press("Enter")
    await expect(page.locator(".notice.bad")).to_be_visible()
    await look(page, f"sign-in-refused-{view_id(view)}")


@pytest.fixture
async def board(browser: Browser, ticketing: Ticketing, morning: Morning) -> Page:
    """The waiting room's board, with a clock that the test moves."""
    context = await People(browser, ticketing, "en", (1280, 800)).machine(DeviceKind.BOARD)
    page = await context.new_page()
    await page.clock.install()
    await page.goto("/board")
    await expect(page.locator("#calls tr")).to_have_count(2)
    return page


async def test_announcements_wait_their_turn(
    board: Page, ticketing: Ticketing, morning: Morning
) -> None:
    office = ticketing.edge.office
    [called] = [one for one in await reads.board(office) if not one.serving]
    first = next(one.visit for one in morning.waiting if one.ticket == called.ticket)
    await usecases.no_show(office, called.counter, first)
    announced: list[str] = []
    for _ in range(3):
        call = await usecases.call_next(office, called.counter)
        assert call is not None
        announced.append(call.ticket)
        await usecases.no_show(office, called.counter, call.visit)
    for ticket in announced:
        await expect(board.locator("#announced-ticket")).to_have_text(ticket)
        await expect(board.locator("#announcement")).to_have_attribute("data-active", "true")
        await board.clock.run_for(4_000)
        await expect(board.locator("#announced-ticket")).to_have_text(ticket)
        await board.clock.run_for(4_000)
    await expect(board.locator("#announcement")).to_have_attribute("data-active", "false")


async def test_a_board_cut_off_says_so_and_catches_up(
    board: Page, ticketing: Ticketing, morning: Morning
) -> None:
    await board.context.set_offline(True)
    await board.route("**/api/**", lambda route: route.abort())
    await board.clock.run_for(60_000)
    await expect(board.locator("#offline")).to_contain_text("No connection since")
    office = ticketing.edge.office
    [called] = [one for one in await reads.board(office) if not one.serving]
    visit = next(one.visit for one in morning.waiting if one.ticket == called.ticket)
    await usecases.start(office, called.counter, visit)
    await usecases.end(office, called.counter, visit)
    next_call = await usecases.call_next(office, called.counter)
    assert next_call is not None
    await board.unroute("**/api/**")
    await board.context.set_offline(False)
    await board.clock.run_for(12_000)
    await expect(board.locator("#calls")).to_contain_text(next_call.ticket)
    await expect(board.locator("#offline")).to_be_hidden()


async def test_a_kiosk_that_cannot_reach_its_service_says_so(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    context = await People(browser, ticketing, "en", (1280, 800)).machine(DeviceKind.KIOSK)
    kiosk = await context.new_page()
    await kiosk.goto("/kiosk")
    await kiosk.route("**/api/tickets", lambda route: route.abort())
    service = kiosk.locator("[data-service=ADV]")
    await service.focus()
    await kiosk.keyboard.press("Enter")
    await expect(kiosk.locator("#fault")).to_contain_text("Please ask the staff.")
    await look(kiosk, "kiosk-cut-off")
    await kiosk.unroute("**/api/tickets")
    await kiosk.locator("#priority").check()
    await service.focus()
    await kiosk.keyboard.press("Enter")
    await expect(kiosk.locator("#number")).to_have_text(re.compile(r"^[A-Z]\d{3}$"))
    newest = (await reads.waiting(ticketing.edge.office))[-1].waiting
    assert (newest.ticket, newest.visitor_class) == (
        await kiosk.locator("#number").inner_text(),
        "priority",
    )
    await kiosk.locator("#done").press("Enter")
    await expect(kiosk.locator("#choose")).to_be_visible()
    assert await kiosk.get_attribute("html", "lang") == "th"


async def test_a_visitor_whose_answer_was_lost_gets_the_same_ticket(
    browser: Browser, ticketing: Ticketing, morning: Morning
) -> None:
    context = await People(browser, ticketing, "en", (1280, 800)).machine(DeviceKind.KIOSK)
    kiosk = await context.new_page()
    await kiosk.goto("/kiosk")
    before = len(await reads.waiting(ticketing.edge.office))

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await kiosk.route("**/api/tickets", lose)
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#fault")).to_contain_text("Please ask the staff.")
    await kiosk.unroute("**/api/tickets")
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#number")).to_have_text(re.compile(r"^[A-Z]\d{3}$"))
    waiting = await reads.waiting(ticketing.edge.office)
    assert len(waiting) == before + 1
    assert waiting[-1].waiting.ticket == await kiosk.locator("#number").inner_text()
    await kiosk.locator("#done").click()
    await expect(kiosk.locator("html")).to_have_attribute("lang", "th")  # the next one's start
    await kiosk.locator("[data-service=ADV]").click()
    await expect(kiosk.locator("#number")).to_have_text(re.compile(r"^[A-Z]\d{3}$"))
    assert len(await reads.waiting(ticketing.edge.office)) == before + 2


@each_view
async def test_the_staff_read_what_the_centre_says(
    browser: Browser, ticketing: Ticketing, morning: Morning, view: View
) -> None:
    assert morning.waiting
    office = ticketing.edge.office
    context = await people(browser, ticketing, view).staff(Role.SUPERVISOR, "manee")
    console = await context.new_page()
    await console.goto("/console")
    notices = console.locator("#notices .from-centre")
    await expect(console.locator("#queue li").first).to_be_visible()
    await expect(notices).to_have_count(0)
    for text in ("ศูนย์ข้อมูลปิดปรับปรุง 18.00–20.00 น. <b>", "อบรมวันศุกร์"):
        given = NoticeGiven(notice=uuid4(), th=text, en=f"{text} (en)", until=now() + WEEK)
        await hear(office, inbox_message(uuid4(), now(), given))
    await expect(notices).to_have_count(2)
    await expect(notices.last).to_contain_text("18.00–20.00 น. <b>" + (" (en)" * (view[0] == "en")))
    await look(console, f"console-notices-{view_id(view)}")
    await notices.first.get_by_role("button").press("Enter")
    await expect(notices).to_have_count(1)
    await console.reload()
    await expect(console.locator("#queue li").first).to_be_visible()
    await expect(notices).to_have_count(1)
    await console.goto("/day")
    await expect(notices).to_have_count(2)
    await look(console, f"day-notices-{view_id(view)}")
