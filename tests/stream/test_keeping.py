"""Partitions are there before they are needed, and go when nobody needs them any more."""

import asyncio
import time
from datetime import timedelta

import asyncpg
import pytest

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements, text
from libs.database.types import Pool
from libs.stream.outbox import Outbox
from libs.stream.partitions import KEPT, Keeper, feedback_follows, nobody_follows
from tests.databases import FreshDatabase
from tests.stream.conftest import SQL
from tests.stream.test_relay import write

SIZE = 100_000
KEEPING = statements("libs.stream", "sql/keeping.sql")


async def firsts(pool: Pool) -> list[int]:
    return [row["first"] for row in await pool.fetch(SQL.partitions)]


async def test_partitions_lie_ahead_of_the_counter(outbox: Outbox) -> None:
    keeper = Keeper(outbox.pool, nobody_follows)
    assert await keeper.look() == (1, 0)
    assert await keeper.look() == (0, 0)
    await outbox.pool.execute(SQL.set_counter, 3 * SIZE - 2)
    assert await keeper.look() == (3, 0)
    await write(outbox, 5)
    assert await firsts(outbox.pool) == [0, SIZE, 2 * SIZE, 3 * SIZE, 4 * SIZE]
    assert await outbox.pool.fetchval(SQL.in_default) == 0


async def test_rows_in_the_default_partition_get_partitions_of_their_own(outbox: Outbox) -> None:
    """Three hundred thousand events in one transaction, which is an import of some years, while
    the counters go on."""
    keeper = Keeper(outbox.pool, nobody_follows)
    await keeper.look()
    await outbox.pool.execute(SQL.append_many, 300_000)
    assert await outbox.pool.fetchval(SQL.in_default) == 100_001
    longest, stop = 0.0, False

    async def click() -> None:
        nonlocal longest
        while not stop:
            began = time.monotonic()
            await write(outbox, 1)
            longest = max(longest, time.monotonic() - began)
            await asyncio.sleep(0.01)

    clicking = asyncio.create_task(click())
    made, _ = await keeper.look()
    stop = True
    await clicking
    print(f"{made} partitions; the longest click took {longest:.2f} s")
    assert made >= 3
    assert longest < 5
    assert await outbox.pool.fetchval(SQL.in_default) == 0
    positions = [row["position"] for row in await outbox.pool.fetch(SQL.positions)]
    assert positions == list(range(1, len(positions) + 1))
    assert len(positions) > 300_000
    assert await keeper.look() == (0, 0)
    await write(outbox, 1)
    assert await outbox.pool.fetchval(SQL.in_default) == 0


async def test_it_begins_from_a_default_partition_that_is_full(
    fresh_database: FreshDatabase,
) -> None:
    """A site that has run for months with the mistake: everything new went there, all partitions
    were dropped when they were old."""
    database = await fresh_database("ticketing", migrated=False)
    async with connections(database.owner("ticketing"), "tests", most=4) as pool:
        for version in range(1, 5):
            await pool.execute(text("libs.stream", f"sql/outbox_v{version}.sql"))
        await pool.execute(SQL.append_many, 250_000)
        await pool.execute(SQL.move_cursor, 250_000)
        with pytest.raises(asyncpg.CheckViolationError):  # the previous release's function
            await pool.fetchval(KEEPING.prepare, SIZE)
        await pool.execute(text("libs.stream", "sql/outbox_v5.sql"))
        keeper = Keeper(pool, nobody_follows, lambda: now() + KEPT + timedelta(minutes=1))
        assert await keeper.look() == (4, 2)
        await write(Outbox(pool), 3)
        assert await pool.fetchval(SQL.in_default) == 0
        left = [row["position"] for row in await pool.fetch(SQL.positions)]
        assert left == list(range(200_000, 250_004))


async def test_it_begins_where_no_partition_is_left(outbox: Outbox) -> None:
    await outbox.pool.execute(SQL.drop_by_hand)
    await outbox.pool.execute(SQL.forget_partitions)
    keeper = Keeper(outbox.pool, nobody_follows)
    assert (await keeper.look())[0] >= 2
    await write(outbox, 2)
    assert await outbox.pool.fetchval(SQL.in_default) == 0


async def test_only_what_is_sent_followed_and_old_goes(outbox: Outbox) -> None:
    await write(outbox, 2)
    await outbox.pool.execute(SQL.set_counter, SIZE)
    followed, moment = 0, now()

    async def follow(_pool: Pool) -> int:
        return followed

    keeper = Keeper(outbox.pool, follow, lambda: moment)
    await keeper.look()
    await write(outbox, 2)

    async def dropped() -> int:
        return (await keeper.look())[1]

    moment += KEPT + timedelta(minutes=1)
    assert await dropped() == 0, "nothing was sent"
    await outbox.pool.execute(SQL.move_cursor, SIZE + 1)
    assert await dropped() == 0, "nobody has followed"
    followed = SIZE - 1
    assert await dropped() == 0, "the last event was not followed"
    followed = SIZE + 1
    moment -= timedelta(minutes=2)
    assert await dropped() == 0, "the centre may ask for it again"
    moment += timedelta(minutes=2)
    assert await dropped() == 1
    assert await firsts(outbox.pool) == [SIZE, 2 * SIZE, 3 * SIZE]
    left = [row["position"] for row in await outbox.pool.fetch(SQL.positions)]
    assert left == [SIZE + 1, SIZE + 2]


async def test_the_service_keeps_its_outbox_with_its_own_rights(
    fresh_database: FreshDatabase,
) -> None:
    database = await fresh_database("ticketing", "feedback")
    for schema in ("ticketing", "feedback"):
        async with connections(database.app(schema), "tests", most=1) as pool:
            follows = feedback_follows if schema == "ticketing" else nobody_follows
            assert await Keeper(pool, follows).look() == (1, 0)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(SQL.drop_by_hand)
