"""A real Prometheus with the files of deploy/prometheus, watching what a test serves."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from saduak.local.processes import free_ports
from tests.equipment import PROMETHEUS

FOLDER = Path(__file__).parent.parent.parent / "deploy" / "prometheus"
RULES = sorted((FOLDER / "rules").glob("*.yml"))
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule of the files, as it is written there."""

    file: str
    name: str
    expression: str
    labels: dict[str, str]
    annotations: dict[str, str]


def alerts() -> list[Alert]:
    """Every alert of every rule file."""
    return [
        Alert(path.name, rule["alert"], rule["expr"], rule["labels"], rule["annotations"])
        for path in RULES
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running server."""

    client: httpx.AsyncClient

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now; fails with the server's words if it can't be run."""
        answer = await self.client.get("/api/v1/query", params={"query": expression})
        said = answer.json()
        assert said["status"] == "success", f"{expression}: {said.get('error')}"
        result = said["data"]["result"]
        return result if said["data"]["resultType"] in {"vector", "matrix"} else [result]

    async def firing(self) -> list[dict[str, Any]]:
        """The alerts that fire now, with labels and rendered annotations."""
        answer = await self.client.get("/api/v1/alerts")
        return [one for one in answer.json()["data"]["alerts"] if one["state"] == "firing"]

    async def until_there(self, expression: str) -> None:
        """Wait until an expression gives something."""
        async with asyncio.timeout(SECONDS):
            while not await self.query(expression):
                await asyncio.sleep(0.1)


def prepare(folder: Path, targets: Sequence[str]) -> Path:
    """The deployed files in ``folder``, for ``targets``; every second, and without patience.

    The expressions stay as they are: only targets, intervals and `for` differ.
    """
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = dict.fromkeys(config["global"], "1s")
    config["rule_files"] = [str(folder / "*.rules.yml")]
    (job,) = config["scrape_configs"]
    job["static_configs"] = [{"targets": list(targets)}]
    for path in RULES:
        rules = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in rules["groups"]:
            for rule in group["rules"]:
                rule["for"] = "0s"
        (folder / f"{path.stem}.rules.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    made = folder / "prometheus.yml"
    made.write_text(yaml.safe_dump(config), encoding="utf-8")
    return made


@asynccontextmanager
async def watching(folder: Path, *targets: str) -> AsyncGenerator[Prometheus]:
    """A Prometheus that scrapes ``targets`` (host:port) every second."""
    program = PROMETHEUS.for_test()
    (port,) = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={prepare(folder, targets)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await _ready(client, process)
            yield Prometheus(client)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            assert process.returncode is None, "Prometheus ended at once; its words are above"
            try:
                if (await client.get("/-/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            await asyncio.sleep(0.1)
