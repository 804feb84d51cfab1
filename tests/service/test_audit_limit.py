"""Entries of the audit log go when they are two years old, a few at a time, and no others."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.site.audit import FORGOTTEN_AT_ONCE, KEPT, SYSTEM, Action, forget_old, record
from libs.site.retention import keep_small
from libs.stream.partitions import nobody_follows
from saduak.provision.postgres import SiteDatabase

SQL = statements("tests.service", "sql/service.sql")
NOON = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
"""In Bangkok."""
A_DAY = timedelta(days=1)


@pytest.fixture
async def pool(site_database: SiteDatabase) -> AsyncGenerator[Pool]:
    """The service's own login."""
    async with connections(site_database.app("ticketing"), "tests", most=2) as made:
        yield made


async def forget_all(pool: Pool, moment: datetime) -> list[int]:
    """How many went each time, until nothing was left to go."""
    went: list[int] = []
    while went[-1:] != [0]:
        went.append(await forget_old(pool, moment))
    return went


async def test_entries_of_two_years_stay_and_older_ones_go_in_small_batches(pool: Pool) -> None:
    await pool.execute(SQL.write_years, NOON, 3 * 365)
    went = await forget_all(pool, NOON)
    assert went[0] == FORGOTTEN_AT_ONCE
    assert max(went) <= FORGOTTEN_AT_ONCE
    assert sum(went) == 4 * 365 - 1
    assert await pool.fetchval(SQL.oldest_entry) == NOON - KEPT


async def test_what_goes_first_is_the_oldest(pool: Pool) -> None:
    await pool.execute(SQL.write_years, NOON, 3 * 365)
    await forget_old(pool, NOON)
    left = 4 * 3 * 365 - FORGOTTEN_AT_ONCE
    assert await pool.fetchval(SQL.entries) == left
    assert await pool.fetchval(SQL.oldest_entry) == NOON - (left - 1) * timedelta(hours=6)


async def test_a_clock_that_runs_years_ahead_takes_nothing_of_the_last_days(pool: Pool) -> None:
    """The last 90 days on which anything was written, however old the clock makes them."""
    await pool.execute(SQL.write_years, NOON, 200)
    wrong = NOON + timedelta(days=543 * 365)
    await record(pool, wrong, SYSTEM, Action.SIGNED_IN)
    await forget_all(pool, wrong)
    oldest = await pool.fetchval(SQL.oldest_entry)
    assert oldest == datetime(2026, 11, 30, tzinfo=UTC) - 88 * A_DAY - timedelta(hours=7)
    assert await pool.fetchval(SQL.entries) == 88 * 4 + 3 + 1


async def test_a_quiet_office_keeps_what_it_has(pool: Pool) -> None:
    await pool.execute(SQL.write_years, NOON - timedelta(days=5000), 80)
    assert await forget_old(pool, NOON) == 0
    assert await forget_old(pool, datetime.max.replace(tzinfo=UTC)) == 0


async def test_the_services_own_login_can_neither_change_nor_remove_an_entry(pool: Pool) -> None:
    await record(pool, NOON, SYSTEM, Action.SIGNED_IN)
    for statement in (SQL.forget_entries, SQL.change_entries):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_the_task_that_keeps_the_outbox_small_does_it(pool: Pool) -> None:
    await pool.execute(SQL.write_years, NOON, 3 * 365)
    before = await pool.fetchval(SQL.entries)
    task = asyncio.create_task(keep_small(pool, nobody_follows, lambda: NOON))
    async with asyncio.timeout(30):
        while await pool.fetchval(SQL.entries) == before:
            await asyncio.sleep(0.02)
    task.cancel()
    assert await pool.fetchval(SQL.entries) == before - FORGOTTEN_AT_ONCE
