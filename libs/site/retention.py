"""Keeps small what a site service writes to for years: its outbox and its audit log."""

from typing import NoReturn

import structlog

from libs.clock import Clock, now
from libs.database.types import Pool
from libs.site.audit import forget_old
from libs.stream.partitions import Followed, Keeper
from libs.stream.retry import keep_looking

LOOK_EVERY_S = 300.0
LOG = structlog.stdlib.get_logger(__name__)


async def keep_small(pool: Pool, followed: Followed, clock: Clock = now) -> NoReturn:
    """Look for ever; an outage, and a lock that did not come, are waited for."""
    keeper = Keeper(pool, followed, clock)

    async def look() -> None:
        forgotten = await forget_old(pool, clock())
        if forgotten:
            LOG.info("old entries of the audit log are gone", entries=forgotten)
        await keeper.look()

    await keep_looking(look, LOOK_EVERY_S, "keeping of the tables")
