"""The run: the others work and are measured, with the hostile site at them or silent."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from libs.clock import now
from libs.events.codes import Stream
from saduak.local.country import Country
from tests.chaos.campaign import SITES, STANDARDS, Campaign, Log, Plan
from tests.chaos.gauges import Gauges, gauges
from tests.chaos.hostile.measures import (
    LOOK_S,
    Freshness,
    Pages,
    Sizes,
    quantile,
    restarts,
    services_of,
)
from tests.chaos.invariants import SQL, Findings, examine

HOSTILE = "led-bkk4"
FRESH_S = 2.0
"""The 99th percentile of the others' freshness, without kills."""
WORSE_S = 1.0
"""By how much more it may be with kills than in the same run with the hostile site silent."""


@dataclass(frozen=True, slots=True)
class Siege:
    """One run. The same seed sends the same, and kills the same after the same pauses."""

    seed: int
    seconds: float
    kills: int = 0
    silent: bool = False
    sites: Sequence[str] = tuple(site for site in SITES if site != HOSTILE)
    """The others."""
    pace: float = 1.0
    """How much longer than in the kill test the others pause between two works."""


@dataclass(slots=True)
class Outcome:
    """What became of the others."""

    findings: Findings
    fresh: dict[str, list[float]]
    """Seconds from each ticket to the national rollups, by site."""
    sizes: Sizes
    pages: Pages
    restarted: list[str]
    sent: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])
    """Batches of the hostile site that the broker took and refused, by kind."""
    refused: Mapping[str, int] = field(default_factory=dict[str, int])
    """Messages of the hostile site that the nation keeps apart, by reason."""
    stopped: Mapping[str, str] = field(default_factory=dict[str, str])
    """Streams of the hostile site that are not read on, each with the reason."""

    def p99(self) -> float:
        return quantile([one for site in self.fresh.values() for one in site], 0.99)

    def told(self) -> list[str]:
        """All that was measured, a line each."""
        every = [one for site in self.fresh.values() for one in site]
        taken, refused = (sum(counts[n] for counts in self.sent.values()) for n in (0, 1))
        peaks = (f"{name} {size // 2**20}" for name, size in sorted(self.sizes.most.items()))
        return [
            f"{self.findings.events} events of the others compared, {len(every)} tickets timed",
            f"ticket to national rollup: p50 {quantile(every, 0.5):.3f} s, "
            f"p99 {self.p99():.3f} s, longest {quantile(every, 1):.3f} s",
            f"hostile batches: {taken} taken, {refused} refused by the broker, of "
            f"{len(self.sent)} kinds",
            f"messages kept apart: {dict(self.refused)}",
            f"streams not read on: {dict(self.stopped)}",
            f"pages: {self.pages.asked} asked, {len(self.pages.failed)} other answers or none, "
            f"slowest {self.pages.slowest[0]:.2f} s ({self.pages.slowest[1]})",
            f"most memory in MiB: {', '.join(peaks)}",
            f"restarted: {'; '.join(self.restarted) or 'nothing'}",
        ]

    def faults(self, siege: Siege, fresh_s: float = FRESH_S) -> list[str]:
        """What the others suffered that they may not, freshness with kills left aside."""
        found = [
            f"{name}: {fault}" for name, all_ in self.findings.broken.items() for fault in all_
        ]
        found += [f"memory beyond the compose limit: {one}" for one in self.sizes.beyond()]
        if not siege.kills:
            if self.p99() >= fresh_s:
                found.append(f"freshness p99 is {self.p99():.3f} s, not below {fresh_s} s")
            found += [f"restarted: {one}" for one in self.restarted]
            found += [f"page: {one}" for one in self.pages.failed[:10]]
        return found


async def siege(plan: Siege, state: Path, log: Log) -> Outcome:
    """Bring a country up in ``state``, besiege it, take it down."""
    country = Country(state)
    country.up((*plan.sites, HOSTILE), STANDARDS, attached=True)
    try:
        async with gauges(country, but={HOSTILE}) as instruments:
            return await _besieged(plan, country, instruments, log)
    finally:
        await asyncio.to_thread(country.down)


async def _besieged(plan: Siege, country: Country, instruments: Gauges, log: Log) -> Outcome:
    kills = Plan(plan.seed, plan.kills, sites=plan.sites, pace=plan.pace)
    campaign = Campaign(kills, country, instruments, log)
    fresh = Freshness(instruments.nation, plan.sites)
    sizes, pages = Sizes(country), Pages(country)
    sent: dict[str, Sequence[int]] = {}
    async with _beside(fresh.watch(), sizes.watch(), pages.watch()):
        async with campaign.load():
            await campaign.under_way()
            await _arriving(plan, fresh)
            async with _attacked(plan, country, sent):
                began = now()
                await _last(plan, campaign, log)
            ended = now()
        await campaign.rest()
        await asyncio.sleep(1)  # the last figures are looked at once more
    restarted = restarts(country, but=services_of(HOSTILE))
    findings = await examine(country.folder, country.plan, but={HOSTILE})
    seconds = await _seconds(fresh, instruments, began, ended)
    refused = await instruments.nation.fetch(SQL.refused_of, HOSTILE)
    stopped = await instruments.nation.fetch(SQL.stopped_of, HOSTILE)
    return Outcome(
        findings,
        seconds,
        sizes,
        pages,
        restarted,
        sent,
        {row["reason"]: row["messages"] for row in refused},
        {row["stream"]: f"{row['reason']}: {row['detail']}" for row in stopped},
    )


async def _arriving(plan: Siege, fresh: Freshness) -> None:
    """Wait until the nation counts visits of every site: its streams are found and read."""
    async with asyncio.timeout(120):
        while not all(fresh.shown[site] for site in plan.sites):
            await asyncio.sleep(LOOK_S)


async def _last(plan: Siege, campaign: Campaign, log: Log) -> None:
    """The time of the run, with its kills spread over it."""
    loop = asyncio.get_running_loop()
    end = loop.time() + plan.seconds
    for number in range(1, plan.kills + 1):
        share = plan.seconds / plan.kills
        await asyncio.sleep(campaign.chance.uniform(0.2, 0.8) * share)
        if loop.time() > end:
            log(f"time is over after {number - 1} kills")
            return
        await campaign.strike(number)
    while (left := end - loop.time()) > 0:
        await asyncio.sleep(min(left, 30))
        log(
            f"{await campaign.gauges.written()} events written by the others, "
            f"{await campaign.gauges.stored()} stored"
        )


@asynccontextmanager
async def _attacked(
    plan: Siege, country: Country, sent: dict[str, Sequence[int]]
) -> AsyncGenerator[None]:
    """The hostile site at work meanwhile, unless it is silent; afterwards what it ``sent``."""
    if plan.silent:
        yield
        return
    command = [sys.executable, "-m", "tests.chaos.hostile.attacker", str(country.folder.root)]
    attacker = subprocess.Popen(  # noqa: ASYNC220 - it starts at once, and is awaited aside
        [*command, HOSTILE, str(plan.seed), str(plan.seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert attacker.stdout is not None
    try:
        await asyncio.to_thread(attacker.stdout.readline)
        yield
    finally:
        said, _ = await asyncio.to_thread(attacker.communicate)
    if attacker.returncode:
        raise RuntimeError(f"the attacker ended with status {attacker.returncode}")
    sent |= json.loads(said)


@asynccontextmanager
async def _beside(*watches: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Run these until the block ends; raises RuntimeError if one ended before."""
    tasks = [asyncio.create_task(watch) for watch in watches]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(end, asyncio.CancelledError):
                raise RuntimeError("a watch has ended early") from end  # noqa: TRY004


async def _seconds(
    fresh: Freshness, instruments: Gauges, began: datetime, ended: datetime
) -> dict[str, list[float]]:
    """How fresh the tickets were that were issued while the hostile site was at it, by site."""
    found: dict[str, list[float]] = {}
    for site in fresh.sites:
        rows = await instruments.sites[site, Stream.TICKETING].fetch(SQL.issued)
        issued = [row["recorded"] for row in rows]
        timed = zip(issued, fresh.seconds(site, issued), strict=True)
        found[site] = [seconds for moment, seconds in timed if began <= moment <= ended]
    return found
