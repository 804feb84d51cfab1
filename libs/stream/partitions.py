"""Keeps the outbox small: partitions are made in time, and dropped when nobody needs them.

Dropped is only what the broker has acknowledged, every follower has read, and is old enough that
nobody will ask for it again.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool

SQL = statements("libs.stream", "sql/keeping.sql")
LOG = structlog.stdlib.get_logger(__name__)

SIZE = 100_000
"""Events of a partition: a few months of an office."""
KEPT = timedelta(days=30)
"""For how long the centre can have an event sent again."""
NOBODY_FOLLOWS = 2**62

Followed = Callable[[Pool], Awaitable[int]]
"""The position up to which every follower has read the log."""


async def nobody_follows(_pool: Pool) -> int:
    """For a log that nobody reads."""
    return NOBODY_FOLLOWS


async def feedback_follows(pool: Pool) -> int:
    """For ticketing's log, which feedback reads; 0 while feedback has not come."""
    if not await pool.fetchval(SQL.follower_is_here):
        return 0
    return await pool.fetchval(SQL.followed)


class Keeper:
    """Looks after the partitions of one outbox."""

    def __init__(self, pool: Pool, followed: Followed, clock: Clock = now) -> None:
        self._pool = pool
        self._followed = followed
        self._clock = clock

    async def look(self, size: int = SIZE) -> tuple[int, int]:
        """Make and drop partitions as needed; how many of each.

        Each is made in a transaction of its own, whose exclusive locks last as long as its last
        statement, after at most a second of waiting for two of them: so long may an event wait.
        """
        made = 0
        while (step := await self._pool.fetchval(SQL.prepare, size)) != 0:
            made += max(0, step)
        followed = await self._followed(self._pool)
        before = self._clock() - KEPT
        dropped: int = await self._pool.fetchval(SQL.drop_old, followed, before)
        if made or dropped:
            LOG.info("outbox partitions", made=made, dropped=dropped)
        return made, dropped
