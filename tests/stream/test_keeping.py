"""Partitions are there before they are needed, and go when nobody needs them any more."""

from datetime import timedelta

import asyncpg
import pytest

from libs.service.database import connections
from libs.stream.clock import now
from libs.stream.keeping import KEPT, Keeper, feedback_follows, nobody_follows
from libs.stream.outbox import Outbox, Pool
from tests.databases import FreshDatabase
from tests.stream.conftest import SQL
from tests.stream.test_relay import write

SIZE = 100_000


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
