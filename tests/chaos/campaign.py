"""The kills: at random moments, each counted only with work in flight."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from libs.events.codes import Stream
from saduak.local.country import SADUAK, Country
from saduak.local.plan import REPLICAS, site_service
from saduak.local.report import ProcessState
from tests.chaos.gauges import Gauges, gauges
from tests.chaos.invariants import Findings, examine

SITES = ("moj-jsc", "pjo-50", "led-bkk4")
STANDARDS = Path(__file__).parents[2] / "standards"
BROKER = "kafka"
PATIENCE_S = 90.0
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
    pace: float = 1.0
    """How much longer than usual a clerk pauses between two works."""


@dataclass(slots=True)
class Campaign:
    """A campaign as it goes on."""

    plan: Plan
    country: Country
    gauges: Gauges
    log: Log
    chance: random.Random = field(init=False)
    killed: set[int] = field(default_factory=set[int])
    """What was killed already; the country takes a moment to notice and say so."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.plan.seed)

    async def run(self) -> Findings:
        """Load the sites, kill, let all come to rest, compare."""
        async with self.load():
            await self.under_way()
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

    @asynccontextmanager
    async def load(self) -> AsyncGenerator[None]:
        """A loader a site; each closes its day when told to stop."""
        loaders = self.start_loaders()
        try:
            yield
        finally:
            for loader in loaders:
                assert loader.stdin is not None
                loader.stdin.close()
            statuses = [await asyncio.to_thread(loader.wait, 60) for loader in loaders]
        if any(statuses):
            raise RuntimeError(f"the loaders ended with status {statuses}")

    def start_loaders(self) -> list[subprocess.Popen[bytes]]:
        return [
            subprocess.Popen(
                [
                    *self.plan.loader,
                    str(self.country.folder.root),
                    site,
                    f"{self.plan.seed}{n}",
                    str(self.plan.pace),
                ],
                stdin=subprocess.PIPE,
            )
            for n, site in enumerate(self.plan.sites)
        ]

    async def under_way(self, since: int = 0) -> None:
        """Wait until the sites have begun to work: ``since`` events were there before."""
        async with asyncio.timeout(120):
            while await self.gauges.written() < since + 20 * len(self.plan.sites):
                await asyncio.sleep(0.1)

    async def strike(self, number: int) -> None:
        """Kill one process, or stop the broker for a while, with work in flight."""
        victim = self.chance.choice(self.victims())
        pid = await self.until_ready(victim)
        flight = await self.in_flight(victim)
        if victim == BROKER:
            self.log(f"kill {number}: broker stopped, {flight} events in flight")
            await asyncio.to_thread(self.country.kafka_down)
            await asyncio.sleep(BROKER_AWAY_S)
            began = time.monotonic()
            await asyncio.to_thread(self.country.kafka_up)
            self.log(f"  the broker started within {time.monotonic() - began:.1f} s")
            return
        os.kill(pid, signal.SIGKILL)
        self.killed.add(pid)
        self.log(f"kill {number}: {victim} by SIGKILL, {flight} events in flight")

    def victims(self) -> list[str]:
        """Every relay, reporting more often, the broker as one of them."""
        relays = [site_service(site, stream) for site in self.plan.sites for stream in Stream]
        return [*relays, *REPLICAS, *REPLICAS, BROKER]

    async def until_ready(self, victim: str) -> int:
        """The victim's process, once it has recovered from an earlier kill."""
        async with asyncio.timeout(120):
            while True:
                process = self.country.status().processes[victim]
                pid = process.pid
                if process.state is ProcessState.READY and pid and pid not in self.killed:
                    return pid
                await asyncio.sleep(0.1)

    async def in_flight(self, victim: str) -> int:
        """Wait until the victim has something to do; it is killed at once then."""
        deadline = time.monotonic() + LONGEST_WAIT_FOR_WORK_S
        while time.monotonic() < deadline:
            waiting = await self.waiting_for(victim)
            if waiting > 0:
                return waiting
        raise RuntimeError(f"no work came to {victim} in {LONGEST_WAIT_FOR_WORK_S:.0f} s")

    async def waiting_for(self, victim: str) -> int:
        """Events written that the victim has yet to pass on."""
        if victim in REPLICAS or victim == BROKER:
            return await self.gauges.written() - await self.gauges.stored()
        site, _, stream = victim.rpartition("-")
        return await self.gauges.at_relay(site, Stream(stream))

    async def rest(self) -> None:
        """Wait until nothing is under way; or, if nothing moves any more, until that is certain."""
        seen, moved_at = -1, time.monotonic()
        while time.monotonic() - moved_at < PATIENCE_S:
            stored, written = await self.gauges.stored(), await self.gauges.written()
            unfollowed = [await self.gauges.unfollowed(site) for site in self.plan.sites]
            if stored >= written and not any(unfollowed):
                return
            if stored != seen:
                seen, moved_at = stored, time.monotonic()
            await asyncio.sleep(0.2)
        self.log(
            f"nothing moves any more: {await self.gauges.stored()} of "
            f"{await self.gauges.written()} events are stored"
        )


async def campaign(plan: Plan, state: Path, log: Log) -> Findings:
    """Bring a country up in ``state``, run the campaign, take the country down."""
    country = Country(state)
    # Attached to this thread: a campaign that is interrupted leaves no country behind.
    country.up(plan.sites, STANDARDS, launcher=plan.launcher, attached=True)
    try:
        if plan.prepare is not None:
            await plan.prepare(country)
        async with gauges(country) as instruments:
            return await Campaign(plan, country, instruments, log).run()
    finally:
        await asyncio.to_thread(country.down)


def verdict(findings: Findings) -> Mapping[str, Sequence[str]]:
    """The invariants that were broken, with a few lines of evidence each."""
    return {name: faults[:5] for name, faults in findings.broken.items()}
