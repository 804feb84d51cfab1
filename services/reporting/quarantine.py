"""What was refused and kept apart, for an operator to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.stream.outbox import Pool
from libs.stream.sql import statements

SQL = statements("services.reporting", "sql/quarantine.sql")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message that is no event of the stream it came on. Its bytes stay in the table."""

    received_at: datetime
    topic: str
    offset: int
    reason: str
    detail: str


async def newest(pool: Pool, most: int) -> tuple[int, Sequence[Quarantined]]:
    """How many messages are in quarantine, and up to ``most`` of them, newest first."""
    count: int = await pool.fetchval(SQL.count)
    return count, [Quarantined(*row) for row in await pool.fetch(SQL.newest, most)]
