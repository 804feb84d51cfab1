"""The process itself: migrated, let in, served and stopped by the command line."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from libs.database.pool import Database
from saduak.local.processes import free_ports
from saduak.provision.postgres import SiteDatabase
from tests.databases import FreshDatabase
from tests.feedback.conftest import site_on
from tests.feedback.site import LOOK, MONDAY
from tests.feedback.web import STANDARDS


def environment(login: Database, folder: Path, **more: str) -> dict[str, str]:
    (folder / "password").write_text(login.password)
    (folder / "link.key").write_text("the key of the links")
    own = {
        "SITE": "pjo-50",
        "DATABASE_HOST": login.host,
        "DATABASE_PORT": str(login.port),
        "DATABASE_NAME": login.name,
        "DATABASE_USER": login.user,
        "DATABASE_PASSWORD_FILE": str(folder / "password"),
        "LINK_KEY_FILE": str(folder / "link.key"),
        "STANDARDS": str(STANDARDS),
    }
    named = {f"SADUAK_{name}": value for name, value in (own | more).items()}
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | named


async def run(environ: dict[str, str], *command: str) -> tuple[int | None, str]:
    """Status and output of ``saduak feedback …``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "saduak", "feedback", *command),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@asynccontextmanager
async def running(
    environ: dict[str, str], port: int, inner: int
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The process, once it is ready: for visitors at ``port``, for who runs it at ``inner``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "saduak", "feedback", "run"),
        env=environ | {"SADUAK_LISTEN_PORT": str(port), "SADUAK_OPERATIONS_PORT": str(inner)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            while not await _is_ready(client, f"http://127.0.0.1:{port}/health/ready"):
                assert process.returncode is None, "it ended before it was ready"
                await asyncio.sleep(0.1)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _is_ready(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> SiteDatabase:
    return await fresh_database("ticketing", "feedback")


async def test_it_serves_without_kafka_and_stops_when_told(
    database: SiteDatabase, tmp_path: Path
) -> None:
    port, inner = free_ports(2)
    environ = environment(
        database.app("feedback"),
        tmp_path,
        KAFKA_BOOTSTRAP="127.0.0.1:1",  # nobody listens there
    )
    async with site_on(database) as site, running(environ, port, inner) as process:
        await site.ticketing.open_day(MONDAY)
        await site.ticketing.serve(MONDAY)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{inner}") as client:
            async with asyncio.timeout(30):
                while not await site.pool.fetchval(LOOK.offers):
                    await asyncio.sleep(0.05)
            report = (await client.get("/health/ready")).json()
            assert report["relay"]["state"] in {"starting", "waiting"}
            assert "saduak_relay_backlog_events 1.0" in (await client.get("/metrics")).text
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert time.monotonic() - began < 5


async def test_a_code_for_a_tablet_is_printed(database: SiteDatabase, tmp_path: Path) -> None:
    environ = environment(database.app("feedback"), tmp_path)
    status, code = await run(environ, "device", "add", "tablet", "counter-1")
    assert status == 0, code
    assert code.strip()


async def test_migrate_is_the_owners_and_changes_nothing_twice(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    database = await fresh_database("ticketing", "feedback", migrated=False)
    environ = environment(database.owner("feedback"), tmp_path)
    for _ in range(2):
        status, output = await run(environ, "migrate")
        assert status == 0, output


async def test_what_is_wrong_is_said_plainly(database: SiteDatabase, tmp_path: Path) -> None:
    environ = environment(database.app("feedback"), tmp_path, SITE="pjo-00", LISTEN_PORT="0")
    status, output = await run(environ, "run")
    assert status == 1
    assert "SADUAK_SITE is wrong" in output
    assert "Traceback" not in output
