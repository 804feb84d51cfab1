"""The web side of reporting, for the process to serve: public pages and the JSON API."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter

from libs.clock import Clock, now
from libs.database.types import Pool
from libs.service.pages import Pages
from libs.standards.standards import Standards
from services.reporting.web import api, pages
from services.reporting.web.portal import Portal

HERE = Path(__file__).parent
PLACE: Mapping[str, str] = {
    "th": "สะดวก · ผลการให้บริการของศูนย์บริการประชาชน",
    "en": "Saduak · How the service centres serve",
}
"""What stands at the top of every page."""


def open_portal(pool: Pool, standards: Standards, *, demo: bool, clock: Clock = now) -> Portal:
    """All that pages and API need. ``demo`` shows a banner on every page."""
    return Portal(pool, standards, Pages([HERE], {"place": PLACE, "demo": demo}), clock)


def routers(portal: Portal) -> tuple[APIRouter, ...]:
    """The pages' and the API's addresses."""
    return (pages.routes(portal), api.routes(portal))
