"""A replica as a process: started, fed, asked, stopped."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path

import httpx

from tests.brokers import KafkaBroker
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on
from tests.reporting.streams import SiteStreams
from tests.reporting.test_cli import environment
from tests.reporting.test_consumer import Country

DAY = date(2026, 3, 2)


@asynccontextmanager
async def replica(settings: dict[str, str]) -> AsyncGenerator[tuple[Process, str, str]]:
    """A running process; its addresses for visitors and for who runs it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "saduak", "reporting", "run"),
        env=os.environ | settings,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            public = await serving(process, "serving")
            inner = await serving(process, "serving operations")
        yield process, f"http://127.0.0.1:{public}", f"http://127.0.0.1:{inner}"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def serving(process: Process, event: str) -> int:
    """The port, from the process's own log."""
    assert process.stderr is not None
    lines: list[bytes] = []
    while line := await process.stderr.readline():
        lines.append(line)
        if f'"event": "{event}"'.encode() in line:
            return json.loads(line)["port"]
    raise AssertionError(b"".join(lines).decode())


async def answered(client: httpx.AsyncClient, path: str, status: int) -> httpx.Response:
    async with asyncio.timeout(60):
        while (answer := await client.get(path)).status_code != status:
            await asyncio.sleep(0.1)
    return answer


def value(metrics: str, name: str) -> float:
    found = re.findall(rf"^{re.escape(name)}(?:{{.*}})? (\S+)$", metrics, re.MULTILINE)
    return sum(float(one) for one in found)


async def test_a_replica_takes_in_a_day_and_stops_in_time(
    kafka: KafkaBroker, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    database = await fresh_database("reporting")
    access = kafka.reporting()
    secret = tmp_path / "kafka-password"
    secret.write_text(access.password or "", encoding="utf-8")
    async with nation_on(database) as nation:
        country = Country(kafka.new_site(), nation, access, {})
        settings = environment(database, tmp_path) | {
            "SADUAK_LISTEN_PORT": "0",
            "SADUAK_OPERATIONS_PORT": "0",
            "SADUAK_REPLICA": country.site.code,
            "SADUAK_KAFKA_BOOTSTRAP": access.bootstrap,
            "SADUAK_KAFKA_USER": access.user or "",
            "SADUAK_KAFKA_PASSWORD_FILE": str(secret),
        }
        streams = country.day(20)
        await country.send(streams.messages)
        async with (
            replica(settings) as (process, _, inner),
            httpx.AsyncClient(base_url=inner, timeout=30) as client,
        ):
            await answered(client, "/health/live", 200)
            ready = await answered(client, "/health/ready", 200)
            assert ready.json()["checks"]["progress"]["ok"]
            await until_complete(nation, country.site.code)
            metrics = (await client.get("/metrics")).text
            assert value(metrics, "saduak_ingest_events_total") >= len(streams.messages)
            assert value(metrics, "saduak_ingest_halted") == 0
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            await process.communicate()
        assert process.returncode == 0
        assert time.monotonic() - began < 5


async def until_complete(nation: Nation, site: str) -> None:
    async with asyncio.timeout(60):
        while (await nation.states()).get((site, str(DAY))) != ("complete", None):
            await asyncio.sleep(0.1)


async def test_pages_are_there_without_kafka(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    database = await fresh_database("reporting")
    streams = SiteStreams("pjo-50", 1)
    streams.play(DAY, 10)
    async with nation_on(database) as nation:
        await nation.take(streams.messages)
        settings = environment(database, tmp_path) | {
            "SADUAK_LISTEN_PORT": "0",
            "SADUAK_OPERATIONS_PORT": "0",
            "SADUAK_REPLICA": "one",
            "SADUAK_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        }
        async with (
            replica(settings) as (_, url, inner),
            httpx.AsyncClient(base_url=inner, timeout=30) as client,
        ):
            assert (await client.get(f"{url}/")).status_code == 200
            assert (await client.get(f"{url}/metrics")).status_code == 404
            assert (await client.get(f"{url}/health/ready")).json() == {"ready": False}
            unready = await answered(client, "/health/ready", 503)
            assert "not connected to Kafka" in unready.json()["checks"]["progress"]["detail"]
