"""The service as a process of its own: no broker, a busy port, a stop with pages still open."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest

from libs.site.devices import DeviceKind, Devices
from saduak.provision.postgres import SiteDatabase
from tests.service.running import SITE, STANDARDS, Ticketing

CLOSED_PORT = "127.0.0.1:9"
"""A broker that is not there."""


@pytest.fixture
def environment(site_database: SiteDatabase, tmp_path: Path) -> dict[str, str]:
    app = site_database.app("ticketing")
    (tmp_path / "secret").write_text(app.password, encoding="utf-8")
    settings = {
        "SITE": SITE,
        "DATABASE_HOST": app.host,
        "DATABASE_PORT": str(app.port),
        "DATABASE_NAME": app.name,
        "DATABASE_USER": app.user,
        "DATABASE_PASSWORD_FILE": str(tmp_path / "secret"),
        "LISTEN_PORT": "0",
        "OPERATIONS_PORT": "0",
        "STANDARDS": str(STANDARDS),
        "LINK_KEY_FILE": str(tmp_path / "secret"),
        "KAFKA_BOOTSTRAP": CLOSED_PORT,
    }
    return {f"SADUAK_{name}": value for name, value in settings.items()}


@asynccontextmanager
async def started(environment: Mapping[str, str]) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "saduak", "ticketing", "run"),
        env={**os.environ, **environment},
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def address_of(process: Process, event: str = "serving") -> str:
    """Where it serves, which it says in its log; every line of which is JSON."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        async for line in process.stderr:
            entry = json.loads(line)
            assert (entry["service"], entry["site"]) == ("ticketing", SITE)
            if entry["event"] == event:
                return f"http://{entry['host']}:{entry['port']}"
    raise AssertionError("it never served")


async def test_it_serves_without_a_broker_and_stops_with_streams_open(
    environment: dict[str, str], ticketing: Ticketing
) -> None:
    async with started(environment) as process:
        url = await address_of(process)
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            assert (await client.get("/health/live")).json() == {"alive": True}
            assert (await client.get("/health/ready")).json() == {"ready": True}
            assert (await client.get("/metrics")).status_code == 404
            assert (await client.get("/api/openapi.json")).status_code == 404
            inner = await address_of(process, "serving operations")
            ready = (await client.get(f"{inner}/health/ready")).raise_for_status().json()
            assert ready["checks"]["database"]["ok"]
            assert ready["relay"]["state"] in {"starting", "waiting"}
            metrics = (await client.get(f"{inner}/metrics")).text
            described = (await client.get(f"{inner}/api/openapi.json")).json()
            assert "/api/tickets" in described["paths"]
            assert "saduak_relay_backlog_events 0.0" in metrics
            assert 'saduak_task_running{task="relay"} 1.0' in metrics

            code = await Devices(ticketing.pool).invite(DeviceKind.BOARD, "hall-1")
            await client.post("/api/devices/enrol", json={"code": code})
            async with client.stream("GET", "/api/board/stream") as stream:
                lines = stream.aiter_lines()
                assert await anext(lines) == "event: state"
                asked = monotonic()
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), 5) == 0
                assert monotonic() - asked < 5


async def test_a_busy_port_is_said_plainly(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with started({**environment, "SADUAK_LISTEN_PORT": port}) as process:
            _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in said.decode()
    assert "Traceback" not in said.decode()


async def test_a_wrong_password_is_said_plainly(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("not this one", encoding="utf-8")
    wrong = {**environment, "SADUAK_DATABASE_PASSWORD_FILE": str(tmp_path / "wrong")}
    async with started(wrong) as process:
        _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert "password authentication failed" in said.decode()
    assert "not this one" not in said.decode()
