"""A supervisor looks into a day of which a restore lost records."""

from datetime import date, timedelta

import pytest

from libs.database.pool import connections
from libs.database.statements import statements
from libs.events.restoration import DayResolved, ResolutionReason
from libs.standards import Standards
from libs.stream.follower import Follower
from libs.stream.outbox import Outbox
from saduak.provision.postgres import SiteDatabase
from services.feedback.usecases.following import follow
from services.ticketing import errors, reads
from services.ticketing.office import Office
from services.ticketing.usecases import close_day, open_day, resolve_day
from tests.databases import FreshDatabase
from tests.ticketing.log import log
from tests.ticketing.offices import DAY, SITE, SetClock

SQL = statements("tests.ticketing", "sql/restored.sql")
EARLIER = DAY - timedelta(days=1)
REASON = ResolutionReason.CHECKED


async def restored(database: SiteDatabase, schema: str, day: date, lost: int, closed: bool) -> None:
    """As healing notes it, once the stream has gone on in its second epoch."""
    async with connections(database.owner(schema), "tests", most=1) as pool:
        await pool.execute(SQL.restored_day, day, lost, closed)
        await pool.execute(SQL.second_epoch)


async def test_a_restored_day_waits_for_a_person(
    office: Office, site_database: SiteDatabase
) -> None:
    await restored(site_database, "ticketing", DAY, 7, False)
    await open_day(office, DAY)
    [doubt] = await reads.doubtful_days(office)
    assert (doubt.day, doubt.lost) == (DAY, 7)
    await resolve_day(office, DAY, REASON)
    assert await reads.doubtful_days(office) == []
    said = (await log(office))[-1]
    assert (said.data, said.service_day) == (DayResolved(reason=REASON), DAY)
    with pytest.raises(errors.NothingToResolve):
        await resolve_day(office, DAY, REASON)
    assert (await log(office))[-1] == said


async def test_a_day_that_was_over_waits_only_once_it_is_touched(
    office: Office, site_database: SiteDatabase
) -> None:
    await restored(site_database, "ticketing", EARLIER, 30, True)
    assert await reads.doubtful_days(office) == []
    with pytest.raises(errors.NothingToResolve):
        await resolve_day(office, EARLIER, REASON)
    await open_day(office, EARLIER)  # in the backup it had not been opened yet
    await close_day(office, EARLIER)
    assert [one.day for one in await reads.doubtful_days(office)] == [EARLIER]


async def test_lost_answers_wait_on_the_same_page(
    fresh_database: FreshDatabase, standards: Standards, clock: SetClock
) -> None:
    database = await fresh_database("ticketing", "feedback")
    await restored(database, "ticketing", DAY, 5, False)
    await restored(database, "feedback", DAY, 2, False)
    async with (
        connections(database.app("ticketing"), "tests") as ticketing,
        connections(database.app("feedback"), "tests") as feedback,
    ):
        office = Office(SITE, Outbox(ticketing), standards, clock)
        await open_day(office, DAY)
        assert [(one.day, one.lost) for one in await reads.doubtful_days(office)] == [(DAY, 7)]
        await resolve_day(office, DAY, REASON)
        assert [one.lost for one in await reads.doubtful_days(office)] == [2]

        follower = Follower(Outbox(feedback), follow)
        while await follower.step():
            pass
        assert await reads.doubtful_days(office) == []
        rows = await feedback.fetch(SQL.said)
        assert [(row["type"], row["service_day"], row["data"]) for row in rows][-1] == (
            DayResolved.TYPE,
            DAY,
            DayResolved(reason=REASON).model_dump_json(),
        )
