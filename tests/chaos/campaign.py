"""The kills: at random moments, each counted only with work in flight."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from libs.events.codes import Stream
from libs.service.database import Database
from saduak.local.country import SADUAK, Country
from saduak.local.plan import REPLICAS, site_service
from saduak.local.report import ProcessState
from tests.chaos.invariants import SQL, Findings, examine, rows

SITES = ("moj-jsc", "pjo-50", "led-bkk4")
STANDARDS = Path(__file__).parents[2] / "standards"
PATIENCE_S = 30.0
"""How long everything may take to come to rest without any progress, after the last kill."""
LONGEST_WAIT_FOR_WORK_S = 10.0
BROKER_AWAY_S = 2.0

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """One campaign. The same seed picks the same victims after the same pauses."""

    seed: int
    kills: int
    sites: Sequence[str] = SITES
    launcher: Sequence[str] = SADUAK
    """What stands for ``python -m saduak``; mutants are planted through it."""
    loader: Sequence[str] = (sys.executable, "-m", "tests.chaos.load")
    prepare: Callable[[Country], Awaitable[None]] | None = None
    """Changes the databases before the load begins; mutants only."""


@dataclass(slots=True)
class Campaign:
    """A campaign as it goes on."""

    plan: Plan
    country: Country
    log: Log
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.plan.seed)

    async def run(self) -> Findings:
        """Load the sites, kill, let all come to rest, compare."""
        if self.plan.prepare is not None:
            await self.plan.prepare(self.country)
        with self.load():
            for number in range(1, self.plan.kills + 1):
                await asyncio.sleep(self.chance.uniform(0.1, 1.0))
                await self.strike(number)
        await self.rest()
        findings = await examine(self.country.folder, self.country.plan)
        self.log(
            f"compared {findings.events} events, {findings.visits} visits, "
            f"{findings.manifests} manifests"
        )
        return findings

    @contextmanager
    def load(self) -> Generator[None]:
        """A loader a site; each closes its day when told to stop."""
        loaders = [
            subprocess.Popen(
                [*self.plan.loader, str(self.country.folder.root), site, f"{self.plan.seed}{n}"],
                stdin=subprocess.PIPE,
            )
            for n, site in enumerate(self.plan.sites)
        ]
        try:
            yield
        finally:
            for loader in loaders:
                assert loader.stdin is not None
                loader.stdin.close()
            for loader in loaders:
                if loader.wait(60) != 0:
                    raise RuntimeError(f"a loader ended with status {loader.returncode}")

    async def strike(self, number: int) -> None:
        """Kill one process, or stop the broker for a while, with work in flight."""
        victim = self.chance.choice(self.victims())
        await self.until_ready(victim)
        flight = await self.in_flight(victim)
        if victim == "kafka":
            self.log(f"kill {number}: broker stopped, {flight}")
            await asyncio.to_thread(self.country.kafka_down)
            await asyncio.sleep(BROKER_AWAY_S)
            await asyncio.to_thread(self.country.kafka_up)
            return
        pid = self.country.status().processes[victim].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.log(f"kill {number}: {victim} (SIGKILL), {flight}")

    def victims(self) -> list[str]:
        relays = [site_service(site, stream) for site in self.plan.sites for stream in Stream]
        return [*relays, *REPLICAS, *REPLICAS, "kafka"]

    async def until_ready(self, victim: str) -> None:
        async with asyncio.timeout(120):
            while self.country.status().processes[victim].state is not ProcessState.READY:
                await asyncio.sleep(0.1)

    async def in_flight(self, victim: str) -> str:
        """Wait until the victim has something to do, and say what; it is killed at once then."""
        deadline = time.monotonic() + LONGEST_WAIT_FOR_WORK_S
        while time.monotonic() < deadline:
            unsent = await self.unsent(victim)
            if unsent:
                return f"{unsent} events in flight"
            await asyncio.sleep(0.005)
        raise RuntimeError(f"no work came to {victim} in {LONGEST_WAIT_FOR_WORK_S:.0f} s")

    async def unsent(self, victim: str) -> int:
        """Events written that the victim has yet to pass on."""
        if victim in REPLICAS or victim == "kafka":
            written = await self.written()
            return written - await self.stored()
        site, _, stream = victim.rpartition("-")
        database = self.country.site_database(site).owner(stream)
        return await self.number(database, SQL.unsent)

    async def written(self) -> int:
        databases = [
            self.country.site_database(site).owner(stream.value)
            for site in self.plan.sites
            for stream in Stream
        ]
        counts = [await self.number(database, SQL.written) for database in databases]
        return sum(counts)

    async def stored(self) -> int:
        return await self.number(self.country.national_database().owner("reporting"), SQL.stored)

    async def number(self, database: Database, statement: str) -> int:
        (row,) = await rows(database, statement)
        return row[0]

    async def rest(self) -> None:
        """Wait until nothing is under way; or, if nothing moves any more, until that is certain."""
        seen, moved_at = -1, time.monotonic()
        while time.monotonic() - moved_at < PATIENCE_S:
            stored, written = await self.stored(), await self.written()
            if stored == written and await self.followed():
                return
            if stored != seen:
                seen, moved_at = stored, time.monotonic()
            await asyncio.sleep(0.2)
        self.log(f"came to rest with {await self.stored()} of {await self.written()} events")

    async def followed(self) -> bool:
        """Whether feedback has followed all that ticketing wrote, at every site."""
        for site in self.plan.sites:
            database = self.country.site_database(site)
            ticketing = await self.number(database.owner("ticketing"), SQL.written)
            feedback = await self.number(database.owner("feedback"), SQL.followed)
            if feedback < ticketing:
                return False
        return True


async def campaign(plan: Plan, state: Path, log: Log) -> Findings:
    """Bring a country up in ``state``, run the campaign, take the country down."""
    country = Country(state)
    up = partial(country.up, plan.sites, STANDARDS, attached=False, launcher=plan.launcher)
    await asyncio.to_thread(up)
    try:
        return await Campaign(plan, country, log).run()
    finally:
        with suppress(Exception):
            await asyncio.to_thread(country.down)


def verdict(findings: Findings) -> Mapping[str, Sequence[str]]:
    """The invariants that were broken, with a few lines of evidence each."""
    return {name: faults[:5] for name, faults in findings.broken.items()}
