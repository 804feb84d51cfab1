"""From a click at a site to the nation's figures, with seven sites at work.

A kiosk and a clerk at each site click over HTTP at a human pace, a few hundred clicks in all. A
click is shown when the national rollups, read every few milliseconds, count it. (That a service
began is not measured: the rollups count it with its end.)
"""

import asyncio
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from random import Random

import httpx
import psutil
import uvloop

from benchmarks.ground import Line
from benchmarks.nation import STANDARDS, active_sites, standards
from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.codes import Stream
from libs.service.formats import local_date
from libs.site.devices import DeviceKind
from saduak.demo.cast import Account, accounts, hire, let_in
from saduak.local.country import Country
from saduak.local.plan import REPLICAS, site_service

SQL = statements("benchmarks", "sql/freshness.sql")
VISITS = 15
"""A site; three clicks each that the rollups show, and one that they do not."""
PAUSE = (0.5, 2.0)
"""Seconds between two clicks of one person."""
LOOK_SECONDS = 0.01
FIRST_PATIENCE, PATIENCE = 120.0, 300.0
ISSUED, CALLED, ENDED = KINDS = ("issued", "called", "ended")


@dataclass(slots=True)
class Nation:
    """The nation's figures, watched: which click they show, and how long after it was made."""

    pool: Pool
    shown: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    pending: dict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque))
    """When clicks were made that are not shown yet, by site and kind, in order."""
    seconds: list[float] = field(default_factory=list[float])
    """From each click to the moment it was shown."""

    def clicked(self, site: str, kind: str) -> None:
        """To be called just before a click."""
        self.pending[site, kind].append(time.perf_counter())

    async def watch(self) -> None:
        while True:
            rows = await self.pool.fetch(SQL.shown)
            at = time.perf_counter()
            for row in rows:
                for kind in KINDS:
                    self._show((row["site"], kind), row[kind], at)
            await asyncio.sleep(LOOK_SECONDS)

    def _show(self, which: tuple[str, str], count: int, at: float) -> None:
        for _ in range(self.shown[which], count):
            self.seconds.append(at - self.pending[which].popleft())
        self.shown[which] = count

    async def all_shown(self) -> None:
        while any(self.pending.values()):
            await asyncio.sleep(LOOK_SECONDS)


@dataclass(slots=True)
class SiteAtWork:
    """One site: a kiosk, a clerk, and visitors between them."""

    site: str
    kiosk: httpx.AsyncClient
    clerk: httpx.AsyncClient
    nation: Nation
    service: str
    chance: Random
    answers: list[float] = field(default_factory=list[float])
    """Seconds until the site itself answered a click."""
    waiting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def issue(self, visits: int) -> None:
        for _ in range(visits):
            await self._pause()
            await self._click(ISSUED, self.kiosk, "/api/tickets", service=self.service)
            self.waiting.release()

    async def serve(self, visits: int) -> None:
        for _ in range(visits):
            await self.waiting.acquire()
            await self._pause()
            called = await self._click(CALLED, self.clerk, "/api/counters/1/call-next")
            await self._pause()
            await post(self.clerk, "/api/counters/1/start", visit=called["visit"])
            await self._pause()
            await self._click(ENDED, self.clerk, "/api/counters/1/end", visit=called["visit"])

    async def _click(
        self, kind: str, by: httpx.AsyncClient, path: str, **body: str
    ) -> dict[str, str]:
        self.nation.clicked(self.site, kind)
        begun = time.perf_counter()
        answer = await post(by, path, **body)
        self.answers.append(time.perf_counter() - begun)
        return answer

    async def _pause(self) -> None:
        await asyncio.sleep(self.chance.uniform(*PAUSE))


async def measure(country: Country, sites: Sequence[str]) -> list[Line]:
    reader = country.national_database().reader("reporting")
    async with AsyncExitStack() as stack, asyncio.timeout(FIRST_PATIENCE + PATIENCE):
        pool = await stack.enter_async_context(connections(reader, "bench", most=1))
        nation = Nation(pool)
        at_work = [
            await stack.enter_async_context(opened_site(country, site, nation)) for site in sites
        ]
        async with watched(nation):
            await work(at_work, 1, FIRST_PATIENCE)  # the streams are found and connected
            nation.seconds.clear()
            for site in at_work:
                site.answers.clear()
            await work(at_work, VISITS, PATIENCE)
    answers = [seconds for site in at_work for seconds in site.answers]
    return [
        Line(f"clicks at {len(sites)} sites", str(len(nation.seconds))),
        Line(
            "click to the site's own answer, p50, p99", f"{ms(answers, 0.5)}, {ms(answers, 0.99)}"
        ),
        Line("click to the national rollup, p50", ms(nation.seconds, 0.5)),
        Line("click to the national rollup, p99", ms(nation.seconds, 0.99), "< 1 s"),
        Line("click to the national rollup, longest", ms(nation.seconds, 1)),
        Line("memory of a reporting replica", memory(country, REPLICAS)),
        Line(
            "memory of a site's service",
            memory(country, [site_service(site, stream) for site in sites for stream in Stream]),
        ),
    ]


@asynccontextmanager
async def opened_site(country: Country, site: str, nation: Nation) -> AsyncGenerator[SiteAtWork]:
    """The site with its day and a counter open, its staff signed in and its kiosk let in."""
    known, address = standards().sites[site], country.address(site, Stream.TICKETING)
    cast = accounts(country.folder.root / "bench")
    database = country.site_database(site).app("ticketing")
    async with connections(database, "bench", most=1) as pool:
        await hire(pool, cast, 1)
        kept = country.folder.root / "bench" / site
        cookies = await let_in(pool, DeviceKind.KIOSK, address, kept)
    async with (
        browser(address, None, cookies) as kiosk,
        browser(address, cast.at(1)) as clerk,
        browser(address, cast.supervisor) as supervisor,
    ):
        await post(supervisor, f"/api/days/{local_date(now())}/open")
        await post(clerk, "/api/counters/1/open")
        yield SiteAtWork(site, kiosk, clerk, nation, known.services[0], Random(site))


@asynccontextmanager
async def browser(
    address: str, account: Account | None, cookies: httpx.Cookies | None = None
) -> AsyncGenerator[httpx.AsyncClient]:
    """A person or a machine before a service, signed in."""
    # A click on a connection that the service is just closing for idleness would fail.
    limits = httpx.Limits(keepalive_expiry=2)
    async with httpx.AsyncClient(
        base_url=address, cookies=cookies, limits=limits, timeout=30, trust_env=False
    ) as client:
        if account is not None:
            session = await post(
                client, "/api/session", login=account.login, password=account.password
            )
            client.headers["X-CSRF-Token"] = session["csrf"]
        yield client


async def post(client: httpx.AsyncClient, path: str, **body: str) -> dict[str, str]:
    """The answer's JSON; raises httpx.HTTPError for any but success."""
    answer = (await client.post(path, json=body)).raise_for_status()
    return answer.json() if answer.content else {}


@asynccontextmanager
async def watched(nation: Nation) -> AsyncGenerator[None]:
    task = asyncio.create_task(nation.watch())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def work(sites: Sequence[SiteAtWork], visits: int, patience: float) -> None:
    """So many visits at every site at once, until all are shown."""
    async with asyncio.timeout(patience), asyncio.TaskGroup() as group:
        for site in sites:
            group.create_task(site.issue(visits))
            group.create_task(site.serve(visits))
    async with asyncio.timeout(patience):
        await sites[0].nation.all_shown()


def ms(seconds: Sequence[float], share: float) -> str:
    """The nearest-rank quantile in milliseconds."""
    return f"{1000 * sorted(seconds)[ceil(share * len(seconds)) - 1]:.0f} ms"


def memory(country: Country, names: Sequence[str]) -> str:
    """The largest of these processes, with what they started."""
    processes = country.status().processes
    parents = [psutil.Process(pid) for name in names if (pid := processes[name].pid) is not None]
    families = [[parent, *parent.children(recursive=True)] for parent in parents]
    largest = max(sum(one.memory_info().rss for one in family) for family in families)
    return f"{largest / 1024**2:.0f} MB"


def main() -> list[Line]:
    sites = active_sites(standards())
    with tempfile.TemporaryDirectory(prefix="saduak-bench-") as directory:
        country = Country(Path(directory) / "country")
        country.up(sites, STANDARDS, attached=True)
        try:
            return uvloop.run(measure(country, sites))
        finally:
            country.down()
