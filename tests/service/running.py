"""A ticketing service that runs as in production, on a database of one test's own."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from libs.clock import now
from libs.database.pool import connections
from libs.database.types import Pool
from libs.service.http import Listening, Process, listen
from libs.service.http import serve as serve_application
from libs.service.settings import SiteSettings
from libs.site.devices import DeviceKind, Devices
from libs.site.paces import TICKETS_PER_KIOSK, Pace
from libs.site.staff import Role, add_staff
from libs.site.standards import InUse
from libs.standards import Standards
from saduak.provision.postgres import SiteDatabase
from services.ticketing.server import build
from services.ticketing.web.context import Edge
from tests.serving import operator

SITE = "pjo-50"
PASSWORD = "seven quiet rivers"
PEER = "http://rating.example"
STANDARDS = Path(__file__).parents[2] / "standards"


@dataclass(frozen=True, slots=True)
class Ticketing:
    """A running service."""

    url: str
    pool: Pool
    edge: Edge
    process: Process
    clients: AsyncExitStack
    app: FastAPI

    async def operator(self) -> httpx.AsyncClient:
        """Who runs the service, at the port that visitors don't reach."""
        return await self.clients.enter_async_context(operator(self.app))

    async def visitor(self) -> httpx.AsyncClient:
        """Somebody who is not signed in."""
        return await self.clients.enter_async_context(httpx.AsyncClient(base_url=self.url))

    async def staff(self, role: Role, login: str | None = None) -> httpx.AsyncClient:
        """Somebody of ``role``, signed in."""
        login = login or str(role)
        await add_staff(self.pool, login, PASSWORD, role, now())
        client = await self.visitor()
        answer = await client.post("/api/session", json={"login": login, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf"]
        return client

    async def machine(self, kind: DeviceKind) -> httpx.AsyncClient:
        """An enrolled machine."""
        client = await self.visitor()
        code = await Devices(self.pool).invite(kind, f"{kind}-1")
        (await client.post("/api/devices/enrol", json={"code": code})).raise_for_status()
        return client


def settings_for(
    database: SiteDatabase,
    folder: Path,
    port: int,
    public_url: str | None = None,
    trusted_proxies: str = "",
) -> SiteSettings:
    """The settings of a service on ``database``; its secrets are files in ``folder``."""
    app = database.app("ticketing")
    password, key = folder / "password", folder / "link-key"
    password.write_text(app.password, encoding="utf-8")
    key.write_text("a key of this test only", encoding="utf-8")
    return SiteSettings(
        database_host=app.host,
        database_port=app.port,
        database_name=app.name,
        database_user=app.user,
        database_password_file=password,
        listen_port=port,
        public_url=public_url,
        trusted_proxies=trusted_proxies,
        standards=STANDARDS,
        site=SITE,
        link_key_file=key,
        peer_url=PEER,
        demo=False,
    )


@asynccontextmanager
async def running(
    database: SiteDatabase,
    folder: Path,
    standards: Standards,
    pace: Pace = TICKETS_PER_KIOSK,
    behind: str | None = None,
) -> AsyncGenerator[Ticketing]:
    """The service, until the end of the block. ``behind`` is the address of a proxy on this
    machine, through which browsers come."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    proxies = "127.0.0.1" if behind else ""
    settings = settings_for(database, folder, 0, behind or url, proxies)
    async with connections(settings.database, "saduak-ticketing", most=8) as pool:
        process = Process()
        app = build(settings, InUse(standards, published=False), pool, process, pace)
        served = asyncio.create_task(serve_application(app, process, Listening(listener)))
        try:
            async with AsyncExitStack() as clients:
                yield Ticketing(url, pool, app.state.edge, process, clients, app)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(60):
                await served
