"""A site behind its own proxy: the file of ``deploy/site``, carried out by a real Caddy."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from libs.clock import now
from libs.site.audit import entries
from libs.site.devices import DeviceKind, Devices
from libs.site.staff import Role, add_staff
from libs.standards import load
from saduak.local.processes import free_ports
from tests.databases import FreshDatabase
from tests.deploy.compose import SITE
from tests.equipment import CADDY
from tests.service.running import PASSWORD, STANDARDS, Ticketing, running

FILE = SITE.parent / "Caddyfile"
CLERK = "127.0.0.7"
"""Where somebody of the office sits: another address than the proxy's."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Its ports on this machine, in place of those of its container."""

    folder: Path
    https: int
    ratings: int
    http: int
    health: int

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https}"

    @property
    def authority(self) -> Path:
        return self.folder / "data" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def file(self, services: dict[str, str]) -> Path:
        """The Caddyfile with the places of this machine."""
        text = FILE.read_text(encoding="utf-8")
        ports = {8443: self.https, 8444: self.ratings, 8080: self.http, 8081: self.health}
        text = re.sub(r"\b(8443|8444|8080|8081)\b", lambda found: str(ports[int(found[1])]), text)
        for name, address in services.items():
            text = text.replace(f"{name}:8000", address)
        path = self.folder / "Caddyfile"
        path.write_text(text.replace("admin off", "admin off\n\tdefault_bind 127.0.0.1"))
        return path

    def client(self, address: str = CLERK) -> httpx.AsyncClient:
        """A browser at ``address`` that trusts the office's own authority."""
        trusted = ssl.create_default_context(cafile=str(self.authority))
        transport = httpx.AsyncHTTPTransport(verify=trusted, local_address=address)
        return httpx.AsyncClient(base_url=self.url, transport=transport, timeout=30)


@asynccontextmanager
async def proxied(proxy: Proxy, service: Ticketing) -> AsyncGenerator[None]:
    """Caddy, until the end of the block."""
    upstream = service.url.removeprefix("http://")
    file = proxy.file({"ticketing": upstream, "feedback": upstream})
    log = proxy.folder / "caddy.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *(str(CADDY.for_test()), "run", "--adapter", "caddyfile", "--config", str(file)),
            env={
                "SADUAK_NAME": "localhost",
                "SADUAK_TLS": "internal",
                "XDG_DATA_HOME": str(proxy.folder / "data"),
                "HOME": str(proxy.folder),
            },
            stderr=written,
        )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            while not await _answers(client, proxy):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(client: httpx.AsyncClient, proxy: Proxy) -> bool:
    try:
        healthy = (await client.get(f"http://127.0.0.1:{proxy.health}/")).is_success
    except httpx.TransportError:
        return False
    return healthy and proxy.authority.exists()


async def test_behind_the_proxy_cookies_are_secure_and_addresses_are_the_clients(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    CADDY.for_test()
    proxy = Proxy(tmp_path, *free_ports(4))
    database = await fresh_database("ticketing")
    async with (
        running(database, tmp_path, load(STANDARDS), behind=proxy.url) as service,
        proxied(proxy, service),
        proxy.client() as clerk,
    ):
        await add_staff(service.pool, "malee", PASSWORD, Role.CLERK, now())
        login = {"login": "malee", "password": PASSWORD}
        made_up = {"X-Forwarded-For": "10.1.2.3", "Origin": proxy.url}
        answer = await clerk.post("/api/session", json=login, headers=made_up)
        assert answer.status_code == 200, answer.text
        for cookie in answer.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-saduak-ticketing-pjo-50-"), cookie
            assert "; Secure" in cookie
        assert "max-age" in answer.headers["strict-transport-security"]
        [entry] = await entries(service.pool, now() - timedelta(hours=1), actor="malee")
        assert entry.by.address == CLERK
        assert (await clerk.get("/api/queue")).status_code == 200

        # What is for operators is not behind it, nor is any other name.
        for path in ("/metrics", "/api/openapi.json"):
            assert (await clerk.get(path)).status_code == 404
        assert (await clerk.get("/health/ready")).json() == {"ready": True}
        plain = f"http://127.0.0.1:{proxy.http}/kiosk?lang=en"
        async with httpx.AsyncClient() as stranger:
            moved = await stranger.get(plain, headers={"Host": "elsewhere.example"})
        assert moved.status_code == 308
        assert moved.headers["location"] == "https://localhost/kiosk?lang=en"

        await watches(service, proxy)


async def watches(service: Ticketing, proxy: Proxy) -> None:
    """A board's stream comes through at once, and ends with the board's right."""
    devices = Devices(service.pool)
    code = await devices.invite(DeviceKind.BOARD, "hall-1")
    async with proxy.client("127.0.0.8") as board, asyncio.timeout(60):
        await board.post("/api/devices/enrol", json={"code": code})
        async with board.stream("GET", "/api/board/stream") as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "event: state"
            state = json.loads((await anext(lines)).removeprefix("data: "))
            assert state["waiting"] == 0
            await devices.revoke((await devices.all())[0].device.id)
            async for _ in lines:
                pass
    [enrolled] = await entries(service.pool, now() - timedelta(hours=1), actor="hall-1")
    assert enrolled.by.address == "127.0.0.8"
