"""What was refused and kept apart, until somebody has looked into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.stream.outbox import Pool
from libs.stream.sql import statements

SQL = statements("services.reporting", "sql/quarantine.sql")

LONGEST = 200
"""Characters of a finding."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message that is no event of the stream it came on. Its bytes stay in the table."""

    id: int
    received_at: datetime
    topic: str
    offset: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody found out, in one line, and when. Raises ValueError for another text."""

    text: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > LONGEST or not self.text.isprintable():
            raise ValueError(
                f"--because is wrong: it takes one line of 1 to {LONGEST} characters that says "
                "what was found."
            )


async def newest(pool: Pool, most: int) -> tuple[int, Sequence[Quarantined]]:
    """How many messages are in quarantine, and up to ``most`` of them, newest first."""
    count: int = await pool.fetchval(SQL.count)
    return count, [Quarantined(*row) for row in await pool.fetch(SQL.newest, most)]


async def settle(pool: Pool, numbers: Sequence[int], finding: Finding) -> int:
    """Take these out of quarantine, all or none; how many are left in it.

    Raises ValueError, naming those that are not in it.
    """
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(SQL.settle, numbers, finding.at, finding.text.strip())
        if unknown := sorted(set(numbers) - {row["id"] for row in rows}):
            raise ValueError(
                f"not in quarantine: {', '.join(map(str, unknown))}. Nothing was done."
            )
        return await connection.fetchval(SQL.count)
