"""The rating pages in a real browser: phone and tablet, both languages, with and without a
network, by keyboard alone."""

import os
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from libs.events.codes import FeedbackChannel, Language, Outcome
from libs.events.responses import FeedbackGiven
from services.feedback.reads import LINK_DAYS
from tests.databases import FreshDatabase
from tests.feedback.log import of_kind, told
from tests.feedback.web import Web, web_of
from tests.serving import served

pytestmark = pytest.mark.browser
WIDTHS = (360, 1280)
THANKS = {"th": "ขอบคุณสำหรับคำตอบ", "en": "Thank you for your answer"}
KEPT = "Your answer is kept on this device"
SHOTS = os.environ.get("SADUAK_SCREENSHOTS")
"""A folder to leave screenshots in, for people to look at."""


@pytest.fixture
async def web(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncGenerator[Web]:
    async with web_of(await fresh_database("ticketing", "feedback"), tmp_path) as made:
        yield made


@pytest.fixture
async def address(web: Web) -> AsyncGenerator[str]:
    async with served(web.app) as at:
        yield at


@pytest.fixture
async def phone(browser: Browser) -> AsyncGenerator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    yield context
    await context.close()


async def given(web: Web) -> list[FeedbackGiven]:
    return of_kind(await told(web.pool), FeedbackGiven)


async def test_every_page_is_clear_in_both_languages_and_widths(
    web: Web, address: str, browser: Browser
) -> None:
    asked = web.token(await web.served())
    waiting = web.token(await web.site.ticketing.issue(web.today))
    left = await web.site.ticketing.issue(web.today)
    await web.site.ticketing.end(web.today, left, Outcome.LEFT)
    await web.site.ticketing.close_day(web.today)
    await web.site.catch_up()
    paths = {
        "rate": f"/r/{asked}",
        "too-early": f"/r/{waiting}",
        "not-asked": f"/r/{web.token(left)}",
        "expired": f"/r/{web.token(left, web.today - timedelta(days=LINK_DAYS + 1))}",
        "forged": f"/r/{asked[:-3]}AAA",
    }
    for language in ("th", "en"):
        for width in WIDTHS:
            page = await browser.new_page(viewport={"width": width, "height": 740})
            faults = _watch(page, address)
            for name, path in paths.items():
                await page.goto(f"{address}{path}?lang={language}")
                await _is_clear(page, f"{name}-{language}-{width}")
                assert await page.locator("html").get_attribute("lang") == language
            assert [fault for fault in faults if not _is_own_status(fault)] == []
            await page.close()


async def test_an_answer_by_touch_on_a_phone(web: Web, address: str, phone: BrowserContext) -> None:
    page = await phone.new_page()
    faults = _watch(page, address)
    await page.goto(f"{address}/r/{web.token(await web.served())}")
    await page.get_by_role("button", name="ส่งคำตอบ").click()
    await expect(page.locator("#nothing")).to_be_visible()
    await _is_clear(page, "nothing-chosen-th-360")
    group = page.get_by_role("group", name="เจ้าหน้าที่")
    await group.locator(".level-4").click()
    await expect(page.locator("#nothing")).to_be_hidden()
    await group.get_by_role("button", name="ล้าง").click()
    await group.locator(".level-5").click()
    await page.get_by_role("group", name="สิ่งอำนวยความสะดวก").locator(".level-2").click()
    await _is_clear(page, "chosen-th-360")
    await page.get_by_role("button", name="ส่งคำตอบ").click()
    await expect(page.get_by_role("heading", name=THANKS["th"])).to_be_visible()
    await _is_clear(page, "thanks-th-360")
    (answer,) = await given(web)
    assert {rating.dimension.value: rating.level for rating in answer.ratings} == {
        "staff": 5,
        "facilities": 2,
    }
    assert (answer.language, answer.channel) == (Language.THAI, FeedbackChannel.LINK)
    await page.reload()
    await expect(page.get_by_role("heading", name="ขอบคุณ")).to_be_visible()
    assert faults == []


async def test_an_answer_by_keyboard_alone(web: Web, address: str, phone: BrowserContext) -> None:
    page = await phone.new_page()
    await page.goto(f"{address}/r/{web.token(await web.served())}?lang=en")
    press = page.keyboard.press
    await press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await press("Enter")
    await press("Tab")
    await press("Space")  # process: the first face
    await press("ArrowRight")  # the second
    await press("Tab")
    assert await page.evaluate("document.activeElement.dataset.clear") == "process"
    await press("Tab")
    await press("ArrowLeft")  # staff: round to the last face
    await press("Enter")
    await expect(page.get_by_role("heading", name=THANKS["en"])).to_be_visible()
    assert await page.evaluate("document.activeElement.id") == "thanks"
    (answer,) = await given(web)
    assert {rating.dimension.value: rating.level for rating in answer.ratings} == {
        "process": 4,
        "staff": 1,
    }
    assert answer.language is Language.ENGLISH


async def test_an_answer_without_a_network_is_kept_and_sent_later(
    web: Web, address: str, phone: BrowserContext
) -> None:
    page = await phone.new_page()
    await page.goto(f"{address}/r/{web.token(await web.served())}?lang=en")
    await phone.set_offline(True)
    await expect(page.locator("#offline")).to_contain_text("You can answer all the same")
    await page.locator(".level-5").first.click()
    await _looked_at(page, "offline-en-360")
    await page.get_by_role("button", name="Send my answer").click()
    await expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    await _is_clear(page, "kept-en-360")
    assert await given(web) == []
    await phone.set_offline(False)
    await expect(page.get_by_role("heading", name=THANKS["en"])).to_be_visible()
    assert len(await given(web)) == 1


async def test_an_answer_kept_in_a_closed_page_is_sent_by_the_next_one(
    web: Web, address: str, phone: BrowserContext
) -> None:
    page = await phone.new_page()
    link = f"{address}/r/{web.token(await web.served())}?lang=en"
    await page.goto(link)
    await phone.set_offline(True)
    await page.locator(".level-3").first.click()
    await page.get_by_role("button", name="Send my answer").click()
    await expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    await page.close()
    await phone.set_offline(False)
    again = await phone.new_page()
    async with again.expect_response("**/api/responses") as sent:
        await again.goto(link)
    assert (await sent.value).status == 200
    (answer,) = await given(web)
    assert [rating.level for rating in answer.ratings] == [3]
    await again.wait_for_function("localStorage.getItem('saduak.answers') === '[]'")


async def test_an_answer_whose_receipt_is_lost_counts_once(
    web: Web, address: str, phone: BrowserContext
) -> None:
    """The answer arrives, the network breaks before the page hears of it, the page tries again."""
    page = await phone.new_page()
    tries: list[str] = []

    async def lose_the_first(route: Route) -> None:
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/api/responses", lose_the_first)
    await page.clock.install()
    await page.goto(f"{address}/r/{web.token(await web.served())}?lang=en")
    await page.locator(".level-1").first.click()
    await page.get_by_role("button", name="Send my answer").click()
    await expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    assert len(await given(web)) == 1
    await page.clock.fast_forward(4_000)
    await expect(page.get_by_role("heading", name=THANKS["en"])).to_be_visible()
    assert len(tries) == 2
    assert tries[0] == tries[1], "the same answer, with the same number"
    assert len(await given(web)) == 1


PROBLEM = "application/problem+json"
STRANGERS: tuple[dict[str, Any], ...] = (
    {"status": 200, "content_type": "text/html", "body": "<h1>Sign in to the guests' network</h1>"},
    {"status": 200, "content_type": "application/json", "body": '{"ok": true}'},
    {"status": 200, "content_type": "application/json", "body": "null"},
    {"status": 302, "headers": {"Location": "/sign-in"}},
    {"status": 403, "content_type": "text/html", "body": "Forbidden by the proxy"},
    {"status": 403, "content_type": PROBLEM, "body": '{"code": "not_enrolled"}'},
    {"status": 404, "content_type": "application/json", "body": '{"detail": "Not Found"}'},
    {"status": 409, "content_type": PROBLEM, "body": '{"code": "not_asked"}'},
    {"status": 413, "content_type": "text/html", "body": "Too large for the proxy"},
)
"""Answers that don't say that the service has it: of a portal, of proxies, of a service that does
not know this machine any more, or has not heard of the visit's end yet."""


async def test_an_answer_stays_until_the_service_itself_says_that_it_has_it(
    web: Web, address: str, phone: BrowserContext
) -> None:
    page = await phone.new_page()
    strangers = list(STRANGERS)

    async def answer_first(route: Route) -> None:
        if strangers:
            await route.fulfill(**strangers.pop(0))
        else:
            await route.continue_()

    await page.route("**/api/responses", answer_first)
    await page.goto(f"{address}/r/{web.token(await web.served())}?lang=en")
    await page.locator(".level-4").first.click()
    await page.get_by_role("button", name="Send my answer").click()
    await expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    while strangers:
        async with page.expect_request("**/api/responses"):
            await page.evaluate("dispatchEvent(new Event('online'))")
        assert "response" in await page.evaluate("localStorage.getItem('saduak.answers')")
        await expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    assert await given(web) == []
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.get_by_role("heading", name=THANKS["en"])).to_be_visible()
    assert len(await given(web)) == 1
    await page.wait_for_function("localStorage.getItem('saduak.answers') === '[]'")


async def test_what_can_never_be_taken_is_not_sent_for_ever(
    web: Web, address: str, phone: BrowserContext
) -> None:
    """The service says itself that the time to answer is over."""
    page = await phone.new_page()

    async def too_late(route: Route) -> None:
        await route.fulfill(status=410, content_type=PROBLEM, body='{"code": "expired"}')

    await page.route("**/api/responses", too_late)
    await page.goto(f"{address}/r/{web.token(await web.served())}?lang=en")
    await page.locator(".level-4").first.click()
    await page.get_by_role("button", name="Send my answer").click()
    await expect(page.get_by_role("heading", name="could not be taken")).to_be_visible()
    await page.wait_for_function("localStorage.getItem('saduak.answers') === '[]'")


async def test_an_answer_is_kept_where_the_browser_has_no_room(
    web: Web, address: str, phone: BrowserContext
) -> None:
    page = await phone.new_page()
    await page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
    await page.goto(f"{address}/r/{web.token(await web.served())}?lang=en")
    await phone.set_offline(True)
    await page.locator(".level-2").first.click()
    await page.get_by_role("button", name="Send my answer").click()
    await expect(page.get_by_role("heading", name=KEPT)).to_be_visible()
    await phone.set_offline(False)
    await expect(page.get_by_role("heading", name=THANKS["en"])).to_be_visible()
    assert len(await given(web)) == 1


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_tablet_asks_thanks_and_forgets(
    web: Web, address: str, browser: Browser, width: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await context.new_page()
    faults = _watch(page, address)
    await page.clock.install()
    await page.goto(f"{address}/enrol")
    await page.locator("input[name=code]").fill(await web.invitation())
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/tablet")
    await _is_clear(page, f"tablet-choose-th-{width}")
    await page.get_by_role("link", name="ช่องบริการ 2").click()
    await expect(page.get_by_role("heading", name="ยินดีต้อนรับ")).to_be_visible()
    await _is_clear(page, f"tablet-idle-th-{width}")

    await web.served(counter=1)
    await web.served(counter=2)
    await page.clock.fast_forward(2_500)
    question = page.get_by_role("heading", name="ท่านพึงพอใจ")
    await expect(question).to_be_visible()
    await page.locator(".level-5").first.click()
    await _is_clear(page, f"tablet-ask-th-{width}")
    await page.clock.fast_forward(20_500)
    await expect(page.locator("input:checked")).to_have_count(0)
    await expect(question).to_be_visible()

    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", name="How satisfied")).to_be_visible()
    await page.locator(".level-4").last.click()
    await page.get_by_role("button", name="Send my answer").click()
    await expect(page.get_by_role("heading", name=THANKS["en"])).to_be_visible()
    await _is_clear(page, f"tablet-thanks-en-{width}")
    await page.clock.fast_forward(20_500)
    await expect(page.get_by_role("heading", name="ยินดีต้อนรับ")).to_be_visible()
    (answer,) = await given(web)
    assert (answer.channel, answer.language) == (FeedbackChannel.TABLET, Language.ENGLISH)
    assert faults == []
    await context.close()


def _is_own_status(fault: str) -> bool:
    """The browser logs the status of a page that says 404 or 410 itself."""
    return fault.endswith(("404 (Not Found)", "410 (Gone)"))


def _watch(page: Page, address: str) -> list[str]:
    """What must not happen: errors, and requests to other addresses."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:"))
            else faults.append(f"asked {request.url}")
        ),
    )
    return faults


async def _is_clear(page: Page, name: str) -> None:
    await _looked_at(page, name)
    assert not await _overflows(page), f"{name} is too wide"
    found = await Axe().run(page)
    violations = [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})"
        for one in found.response["violations"]
    ]
    assert violations == [], name


async def _overflows(page: Page) -> bool:
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    )


async def _looked_at(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
