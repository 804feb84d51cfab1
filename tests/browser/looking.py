"""Looking at a page as a visitor's browser shows it: fits, readable, no serious barrier."""

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

SHOTS = os.environ.get("SADUAK_SCREENSHOTS")
"""A folder to leave screenshots in, for people to look at."""
SIZES = ((360, 740), (1280, 800))
LANGUAGES = ("th", "en")
VIEWS = [one for one in product(LANGUAGES, SIZES) if SHOTS or one != ("en", SIZES[1])]
"""What a walk through the pages is seen in. English on a wide screen has the shortest texts and the
most room: it is walked for screenshots only."""


def view_id(view: Any) -> str:
    language, (width, _) = view
    return f"{language}-{width}"


async def look(page: Page, name: str) -> None:
    """Check the page as it stands: nothing reaches past the side, axe finds nothing serious.

    ``name`` is that of its screenshot.
    """
    await page.evaluate("document.fonts.ready")
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    wide: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0, f"{name}: the page is {wide} px wider than the window"
    found = await Axe().run(page)
    barriers = list(_serious(found.response))
    assert not barriers, f"{name}: " + "; ".join(barriers)


def _serious(response: Any) -> Iterator[str]:
    for violation in response["violations"]:
        if violation["impact"] in {"serious", "critical"}:
            targets = [node["target"] for node in violation["nodes"][:3]]
            yield f"{violation['id']} at {targets}"
