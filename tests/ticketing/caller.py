"""A process of clerks that call as fast as they can, for the test of two such processes.

Reads ``{"database": {...}, "counters": [...], "calls": n}`` from its first line of input, says
``ready``, waits for a second line, and prints the visits it called, one a line.
"""

import asyncio
import json
import sys
from pathlib import Path

from libs.database.pool import Database, connections
from libs.database.statements import statements
from libs.standards import load
from libs.stream.outbox import Outbox
from services.ticketing.office import Office
from services.ticketing.usecases import call_next
from tests.ticketing.offices import SITE, with_counters

SQL = statements("tests.ticketing", "sql/queue.sql")
STANDARDS = Path(__file__).parents[2] / "standards"


async def clerk(office: Office, counter: int, calls: int) -> list[str]:
    """Call to one counter ``calls`` times; nobody ever comes, and the counter is freed at once."""
    called: list[str] = []
    for _ in range(calls):
        one = await call_next(office, counter)
        if one is not None:
            called.append(str(one.visit))
            await office.pool.execute(SQL.free_counter, counter)
    return called


async def main() -> None:
    task = json.loads(sys.stdin.readline())
    counters: list[int] = task["counters"]
    async with connections(Database(**task["database"]), "caller", most=len(counters)) as pool:
        standards = with_counters(load(STANDARDS), max(counters))
        office = Office(SITE, Outbox(pool), standards)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        clerks = [clerk(office, counter, task["calls"] // len(counters)) for counter in counters]
        for visits in await asyncio.gather(*clerks):
            print("\n".join(visits))


if __name__ == "__main__":
    asyncio.run(main())
