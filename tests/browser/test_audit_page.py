"""The page of the audit log in a real browser: both languages, a phone's width and a desk's, by
keyboard."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from libs.clock import now
from libs.service.formats import local_date
from libs.site.audit import Action, By, record
from libs.site.staff import Role
from tests.browser.looking import SIZES, look, view_id
from tests.browser.ticketing import People
from tests.service.running import Ticketing

pytestmark = pytest.mark.browser
LONG_AGO = now() - timedelta(days=30)
each_view = pytest.mark.parametrize("view", [("th", SIZES[0]), ("en", SIZES[1])], ids=view_id)
"""A phone in Thai and a desk in English; the other two look alike."""


@each_view
async def test_a_supervisor_looks_for_what_was_refused(
    browser: Browser, ticketing: Ticketing, view: Any
) -> None:
    language, size = view
    by = By("a-long-login-of-this-office.deputy", "2001:db8:85a3:8d3:1319:8a2e:370:7348")
    for action in Action:
        await record(ticketing.pool, LONG_AGO, by, action, "POST /api/counters/{counter}/call-next")
    await record(ticketing.pool, LONG_AGO, by, Action.REFUSED, "GET /day", "not_allowed")
    context = await People(browser, ticketing, language, size).staff(Role.SUPERVISOR, "malee")
    page = await context.new_page()
    await page.goto("/day")
    link = page.locator(".top-links a[href='/audit']")
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".acts tbody tr")).to_have_count(2)  # the account, the sign-in
    await look(page, f"audit-{view_id(view)}")
    await page.locator("[rel=prev]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#day")).to_have_value(str(local_date(LONG_AGO)))
    await expect(page.locator(".acts tbody tr")).to_have_count(len(Action) + 1)
    await look(page, f"audit-day-{view_id(view)}")
    await page.locator("#kind").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**kind=refused*")
    await expect(page.locator(".acts tbody tr")).to_have_count(4)
    await expect(page.locator(".acts tbody tr.refused")).to_have_count(4)
    await look(page, f"audit-refused-{view_id(view)}")
    await context.close()
