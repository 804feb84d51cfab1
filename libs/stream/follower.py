"""The local log reader: one service follows what another did, in commit order, exactly once.

The log is the other service's outbox in the same database. The counter's lock makes positions
visible in their order, so that reading behind a cursor misses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg
import structlog

from libs.database.statements import statements
from libs.database.troubles import trouble_of
from libs.events.catalogue import RELEASED
from libs.events.codes import Origin
from libs.events.payloads import Payload
from libs.stream.outbox import Outbox, Transaction, fits

SQL = statements("libs.stream", "sql/follower.sql")
LOG = structlog.stdlib.get_logger(__name__)

SOURCE = "ticketing"
POLL_S = 0.25
PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Logged:
    """One event of the followed log."""

    position: int
    id: UUID
    type: str
    subject: UUID | None
    time: datetime
    service_day: date
    origin: Origin
    payload: Payload | None
    """None for a type that this version does not know."""


Apply = Callable[[Transaction, Sequence[Logged]], Awaitable[None]]


class Follower:
    """Follows the log of ``ticketing`` from a cursor in the follower's own schema."""

    def __init__(self, outbox: Outbox, apply: Apply, batch: int = 200) -> None:
        """``apply`` gets up to ``batch`` events and the transaction in which the cursor moves
        too: what it writes and the cursor commit together or not at all."""
        self._outbox = outbox
        self._apply = apply
        self._batch = batch

    async def step(self) -> int:
        """Follow one batch; how many events it held (0: all caught up)."""
        async with self._outbox.transaction() as transaction:
            connection = transaction.connection
            await connection.execute(SQL.follow, SOURCE)
            after = await connection.fetchval(SQL.followed, SOURCE)
            rows = await connection.fetch(SQL.ticketing_after, after, self._batch)
            if rows:
                await self._apply(transaction, [_logged(row) for row in rows if _fits(row)])
                await connection.execute(SQL.advance, SOURCE, rows[-1]["position"])
            return len(rows)

    async def run(self) -> None:
        """Follow for ever; a database that is away, or takes no changes, is tried again."""
        while True:
            try:
                followed = await self.step()
                if followed < self._batch:
                    await asyncio.sleep(POLL_S)
            except Exception as error:
                if trouble_of(error) is None:
                    raise
                LOG.warning("follower waits", source=SOURCE, reason=type(error).__name__)
                await asyncio.sleep(PAUSE_S)


def _fits(row: asyncpg.Record) -> bool:
    """Whether something can follow from an event. Older releases wrote some at times that no event
    can have; the nation refuses them, and what followed from them."""
    if fits(row["time"], row["service_day"], Origin(row["origin"])):
        return True
    LOG.warning("passed over: out of span", source=SOURCE, position=row["position"])
    return False


def _logged(row: asyncpg.Record) -> Logged:
    known = RELEASED.get(row["type"])
    return Logged(
        position=row["position"],
        id=row["id"],
        type=row["type"],
        subject=row["subject"],
        time=row["time"],
        service_day=row["service_day"],
        origin=Origin(row["origin"]),
        payload=known.model_validate_json(row["data"]) if known else None,
    )
