"""What is seen of the others meanwhile: how fresh their figures are, how large the processes, what
the pages answer."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

import httpx
import psutil

from libs.database.types import Pool
from libs.events.codes import Stream
from saduak.local.country import Country
from saduak.local.plan import REPLICAS, site_service
from tests.chaos.invariants import SQL
from tests.deploy.compose import ROOT, read

LOOK_S = 0.02
SIZE_S = 1.0
PAGES_S = 1.0
MONTH = "?from=2025-11-01&to=2025-11-30"
PAGES = ("/", f"/api/national{MONTH}", "/api/sites", f"/api/scorecards{MONTH}", "/health/ready")
ANSWER_S = 30.0
UNITS = {"m": 2**20, "g": 2**30}


@dataclass(slots=True)
class Freshness:
    """When the national rollups showed how many visits of each site.

    The i-th ticket that a site issued is shown once its rollups count i, since a stream is read
    in its order.
    """

    pool: Pool
    sites: Sequence[str]
    shown: dict[str, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list[tuple[float, int]])
    )
    """Seconds of the clock and the count from then on, by site."""

    async def watch(self) -> None:
        while True:
            for site, count in await self.pool.fetch(SQL.shown, list(self.sites)):
                if not self.shown[site] or self.shown[site][-1][1] != count:
                    self.shown[site].append((time.time(), count))
            await asyncio.sleep(LOOK_S)

    def seconds(self, site: str, issued: Iterable[datetime]) -> list[float]:
        """From each ticket, in the order of the stream, to the moment its figure showed it."""
        steps = iter(self.shown[site])
        at, count = next(steps, (float("inf"), 0))
        found: list[float] = []
        for number, moment in enumerate(issued, start=1):
            while count < number:
                at, count = next(steps, (float("inf"), 2**63))
            found.append(at - moment.timestamp())
        return found


def quantile(seconds: Sequence[float], share: float) -> float:
    """By nearest rank; 0 of nothing."""
    return sorted(seconds)[ceil(share * len(seconds)) - 1] if seconds else 0.0


@dataclass(slots=True)
class Sizes:
    """The most memory that each process was seen to hold, in bytes, with what it started."""

    country: Country
    most: dict[str, int] = field(default_factory=dict[str, int])

    async def watch(self) -> None:
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(SIZE_S)

    def look(self) -> None:
        for name, process in self.country.status().processes.items():
            if process.pid is None:
                continue
            with suppress(psutil.NoSuchProcess):
                self.most[name] = max(self.most.get(name, 0), held(psutil.Process(process.pid)))

    def beyond(self) -> list[str]:
        """The processes that would have been killed in their containers."""
        limits = compose_limits()
        return [
            f"{name}: {size // 2**20} MiB of {limits[room] // 2**20}"
            for name, size in sorted(self.most.items())
            if (room := room_of(name)) in limits and size > limits[room]
        ]


def held(process: psutil.Process) -> int:
    """Bytes of a process and its children, what they share counted once where the system tells;
    of one without children the most that it ever held."""
    children = process.children(recursive=True)
    if children:
        return sum(_share(one) for one in (process, *children))
    return max(process.memory_info().rss, _peak(process.pid))


def _share(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        memory = process.memory_full_info()
        return getattr(memory, "pss", memory.rss)
    return 0


def _peak(pid: int) -> int:
    """Linux remembers it; elsewhere what is seen each second must do."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    return 0


def room_of(name: str) -> str:
    """The service of the compose file that a process would be: all sites' are alike."""
    return name.rpartition("-")[2] if name.endswith(tuple(Stream)) else name


def compose_limits() -> Mapping[str, int]:
    """Bytes by process, as the compose file has them."""
    found: dict[str, int] = {}
    for name, service in read(ROOT).services.items():
        limit = service.told.get("mem_limit")
        if limit is not None:
            bytes_ = int(limit[:-1]) * UNITS[limit[-1]]
            found[room_of(name)] = min(bytes_, found.get(room_of(name), bytes_))
    return found


@dataclass(slots=True)
class Pages:
    """What the national pages answer, asked once a second at each replica."""

    country: Country
    asked: int = 0
    failed: list[str] = field(default_factory=list[str])
    slowest: tuple[float, str] = (0.0, "")
    unready: int = 0
    """Answers of a replica that it can't serve just now: right ones, after a kill."""

    async def watch(self) -> None:
        addresses = [self.country.services()[replica].url for replica in REPLICAS]
        async with httpx.AsyncClient(timeout=ANSWER_S, trust_env=False) as client:
            while True:
                for address in addresses:
                    for page in PAGES:
                        await self._ask(client, address, page)
                await asyncio.sleep(PAGES_S)

    async def _ask(self, client: httpx.AsyncClient, address: str, page: str) -> None:
        began = time.perf_counter()
        try:
            answer = await client.get(address + page)
        except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
            return  # it was killed
        except httpx.TimeoutException:
            self.failed.append(f"{address}{page}: no answer in {ANSWER_S:.0f} s")
            return
        finally:
            self.asked += 1
            self.slowest = max(self.slowest, (time.perf_counter() - began, page))
        if answer.status_code == 503:
            self.unready += 1
        if not answer.is_success:
            at = datetime.now(UTC)
            self.failed.append(f"{at:%H:%M:%S} {address}{page}: {answer.status_code}")


def restarts(country: Country, but: Collection[str] = ()) -> list[str]:
    """Processes that ended and were started again."""
    return [
        f"{name}: {process.restarts} times, {(process.detail or '').partition(chr(10))[0]}"
        for name, process in sorted(country.status().processes.items())
        if process.restarts and name not in but
    ]


def services_of(site: str) -> set[str]:
    return {site_service(site, stream) for stream in Stream}
