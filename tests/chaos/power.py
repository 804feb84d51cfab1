"""Power cuts: everything is killed in the same moment in the middle of a day, and starts again."""

import asyncio
import random
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from saduak.local.country import Country
from tests.chaos.campaign import STANDARDS, Campaign, Log, Plan
from tests.chaos.gauges import gauges
from tests.chaos.invariants import Findings, examine

LOAD_S = (4.0, 12.0)
"""Between the first events after a start and the cut."""


async def power_cuts(plan: Plan, state: Path, log: Log) -> list[Findings]:
    """Cut the power ``plan.kills`` times; after each start let all come to rest, and compare.

    The comparison is before the next load, so each covers all that was written until then.
    """
    chance = random.Random(plan.seed)
    country = Country(state)
    found: list[Findings] = []
    try:
        for number in range(plan.kills + 1):
            await asyncio.to_thread(country.up, plan.sites, STANDARDS)
            async with gauges(country) as instruments:
                campaign = Campaign(plan, country, instruments, log)
                if number:
                    await campaign.rest()
                    found.append(await examine(country.folder, country.plan))
                    log(f"start {number}: {found[-1].events} events compared")
                if number == plan.kills:
                    break
                loaders = campaign.start_loaders()
                await campaign.under_way(since=await instruments.written())
                await asyncio.sleep(chance.uniform(*LOAD_S))
                flight = await instruments.written() - await instruments.stored()
            killed = kill_everything(country, loaders)
            log(f"cut {number + 1}: {killed} processes killed, {flight} events in flight")
    finally:
        if country.is_running():
            await asyncio.to_thread(country.down)
    return found


def kill_everything(country: Country, loaders: Sequence[subprocess.Popen[bytes]]) -> int:
    """SIGKILL the supervisor and all below it, and whoever works at the sites; how many."""
    supervisor = psutil.Process(int(country.folder.lock.read_text()))
    victims = [supervisor, *supervisor.children(recursive=True)]
    for loader in loaders:  # first, and only so that they don't complain of the others' end
        loader.kill()
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()
    for loader in loaders:
        loader.wait()
        assert loader.stdin is not None
        loader.stdin.close()
    _, left = psutil.wait_procs(victims, timeout=30)
    assert not left, left
    return len(victims) + len(loaders)
