"""Feedback's own application over a test's database, as production puts it together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from libs.clock import now
from libs.database.pool import connections
from libs.database.types import Pool
from libs.service.formats import local_date
from libs.service.http import Process
from libs.service.settings import SiteSettings
from libs.site.devices import DeviceKind, Devices
from libs.site.links import VisitLink, sign
from libs.site.standards import InUse
from libs.standards import load
from saduak.provision.postgres import SiteDatabase
from services.feedback.server import build
from tests.feedback.conftest import site_on
from tests.feedback.site import Site

STANDARDS = Path(__file__).parent.parent.parent / "standards"
KEY = "a key that both services of the site know"
UNHURRIED_MS = 20_000
Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Web:
    """The application of one site's feedback, and ticketing's side of that site."""

    site: Site
    app: FastAPI
    pool: Pool
    today: date

    async def served(self, counter: int = 1, service: str = "ADV") -> UUID:
        """A visit of today that has just been served, and that feedback knows of."""
        self.site.clock.moment = now()
        return await self.site.served(self.today, service, counter)

    def token(self, visit: UUID, day: date | None = None) -> str:
        """The token of the visit's link."""
        return sign(VisitLink(visit, "ADV", day or self.today), KEY.encode())

    async def invitation(self) -> str:
        """A code that lets a tablet in."""
        return await Devices(self.pool).invite(DeviceKind.TABLET, "counter-1")

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
            yield client


async def sent(client: httpx.AsyncClient, token: str, **changes: object) -> Body:
    """What a page would send for ``token``'s visit."""
    offer = (await client.get(f"/api/offers/{token}")).json()
    body: Body = {
        "token": token,
        "response": str(uuid4()),
        "ratings": {"process": 4, "staff": 5},
        "language": "th",
        "stamp": offer.get("stamp"),
        "took_ms": UNHURRIED_MS,
    }
    return body | changes


def settings_of(database: SiteDatabase, secrets: Path, **more: object) -> SiteSettings:
    login = database.app("feedback")
    (secrets / "password").write_text(login.password)
    (secrets / "link.key").write_text(KEY)
    values: dict[str, object] = {
        "site": "pjo-50",
        "database_host": login.host,
        "database_port": login.port,
        "database_name": login.name,
        "database_user": login.user,
        "database_password_file": secrets / "password",
        "link_key_file": secrets / "link.key",
        "listen_port": 0,
        "public_url": "http://feedback",
        "standards": STANDARDS,
    }
    return SiteSettings.model_validate(values | more)


@asynccontextmanager
async def web_of(database: SiteDatabase, secrets: Path) -> AsyncGenerator[Web]:
    """The application with its tasks, on a day that is open."""
    settings = settings_of(database, secrets)
    async with (
        site_on(database) as site,
        connections(settings.database, "feedback") as pool,
    ):
        site.clock.moment = now()
        today = local_date(now())
        await site.ticketing.open_day(today)
        process = Process()
        app = await build(settings, InUse(load(settings.standards), published=False), pool, process)
        try:
            yield Web(site, app, pool, today)
        finally:
            await process.supervisor.stop()
