"""What stands at an office already is looked through once, and nobody's ticket is lost by it."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from libs.database.migrations import upgrade
from libs.database.pool import connections
from libs.database.statements import statements
from libs.events.bounds import LIVE
from libs.standards import Standards
from libs.stream.outbox import Outbox
from services.ticketing import cli, reads
from services.ticketing.office import Office
from services.ticketing.usecases import call_next, close_day, no_show, open_counter
from tests.databases import FreshDatabase
from tests.ticketing.offices import DAY, SITE, SetClock

VERSIONS = Path(cli.__file__).parent / "migrations" / "versions"
BEFORE = statements("tests.ticketing", "sql/before_finite.sql")
ODD = statements("tests.ticketing", "sql/odd.sql")
LAST_BEFORE = "0008"


async def test_odd_moments_of_an_office_are_looked_through_once(
    fresh_database: FreshDatabase, tmp_path: Path, standards: Standards
) -> None:
    database = await fresh_database("ticketing", migrated=False)
    owner = database.owner("ticketing")
    for path in VERSIONS.glob("*.py"):
        if path.name[:4] <= LAST_BEFORE:
            shutil.copy(path, tmp_path)
    await upgrade(owner, "ticketing", tmp_path)
    async with connections(owner, "tests", most=1) as pool:
        await pool.execute(BEFORE.rows)
        assert await pool.fetchval(ODD.infinite) > 0
    await upgrade(owner, "ticketing", VERSIONS)
    async with connections(owner, "tests", most=1) as pool:
        assert await pool.fetchval(ODD.infinite) == 0
        rows = {row["ticket"]: row for row in await pool.fetch(ODD.stood)}
    assert list(rows) == ["A001", "A002", "A003", "A004", "A005", "A006"]
    for ticket in ("A001", "A002", "A003"):
        assert rows[ticket]["visitor_class"] == "appointment"
        assert rows[ticket]["appointment"] is None
        assert rows[ticket]["effective_arrival"] == rows[ticket]["queued_at"]
    assert rows["A004"]["appointment"] == datetime(2026, 3, 2, 3, tzinfo=UTC)
    # What was counted as implausible still is: the sums that were sent stay right.
    assert rows["A005"]["started_at"].date() == LIVE.first
    assert rows["A006"]["ended_at"].date() == LIVE.last

    async with connections(database.app("ticketing"), "tests", most=4) as pool:
        clock = SetClock(datetime(2026, 3, 2, 3, tzinfo=UTC))
        office = replace(Office(SITE, Outbox(pool), standards), clock=clock)
        assert [one.waiting.ticket for one in await reads.waiting(office)] == [*rows][:4]
        assert {one.until.date() for one in await reads.notices(office)} == {LIVE.last}
        await open_counter(office, 1, uuid4())
        called = []
        while (one := await call_next(office, 1)) is not None:
            called.append(one.ticket)
            await no_show(office, 1, one.visit)
        assert called == [*rows][:4]
        [line] = (await close_day(office, DAY)).services
        assert (line.steps, line.served, line.implausible) == (6, 2, 2)
