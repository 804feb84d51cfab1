"""All figures made anew from a million stored events, and held against them."""

import asyncio
import time
from collections.abc import Sequence

import uvloop

from benchmarks.ground import Ground, Line, ground, peak_memory, rate
from benchmarks.nation import active_sites, national_database, standards, twins
from libs.database.pool import connections
from libs.database.types import Pool
from libs.standards import Standards
from services.reporting.garbage_collection import expect_many_objects
from services.reporting.ingest import event_store
from services.reporting.ingest import messages as intake
from services.reporting.model.targets import Yardsticks
from services.reporting.verification.rebuild import check, rebuild

EVENTS_PER_SITE = 142_858
PATIENCE = 600.0
AIM = "< 60 s"


async def measure(ground: Ground) -> list[Line]:
    known = standards()
    sites = active_sites(known)
    database = await national_database(ground)
    async with connections(database.app("reporting"), "bench", most=2) as pool:
        events = await store(pool, known, sites)
        yardsticks = Yardsticks(known)
        expect_many_objects()
        begun = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            read = await rebuild(pool, yardsticks, lambda _site, _events: None)
        rebuilt = time.perf_counter() - begun
        assert read == events, (read, events)
        begun = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            found = await check(pool, yardsticks, lambda _site, _events: None)
        checked = time.perf_counter() - begun
        assert not found, found[:10]
    return [
        Line(f"rebuild of {events:,} events", f"{rebuilt:.0f} s, {rate(events, rebuilt)}", AIM),
        Line("rebuild --check of the same", f"{checked:.0f} s, {rate(events, checked)}", AIM),
        peak_memory(),
    ]


async def store(pool: Pool, known: Standards, sites: Sequence[str]) -> int:
    """The events alone, without anything that follows from them; how many."""
    events = 0
    async with pool.acquire() as connection:
        for messages in twins(known, sites, EVENTS_PER_SITE):
            arrivals = intake.sort(messages).arrivals
            await event_store.store_events(connection, arrivals)
            events += len(arrivals)
    return events


def main() -> list[Line]:
    with ground() as servers:
        return uvloop.run(measure(servers))
