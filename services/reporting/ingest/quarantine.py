"""What was refused and kept apart, until somebody has looked into it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.bounds import KEPT_BYTES
from services.reporting.ingest.event_store import digest
from services.reporting.ingest.messages import Refusal

SQL = statements("services.reporting", "sql/quarantine.sql")

LONGEST = 200
"""Characters of a finding."""
LONGEST_DETAIL = 500
"""Characters of what is kept of a refusal's detail."""


class Row(NamedTuple):
    """A refused message as it is kept."""

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    raw: bytes
    """The first bytes of it."""
    digest: bytes
    """Of all its bytes."""
    size: int


def printable(text: str) -> str:
    """``text`` without what a terminal obeys and a database can't hold, and not too long."""
    shown = text[:LONGEST_DETAIL]
    if not shown.isprintable():
        shown = "".join(
            letter if letter.isprintable() else ascii(letter)[1:-1] for letter in shown
        )[:LONGEST_DETAIL]
    return shown if shown == text else f"{shown[: LONGEST_DETAIL - 1]}…"


def _row(refusal: Refusal) -> Row:
    record = refusal.record
    raw = record.value or b""
    return Row(
        record.topic,
        record.partition,
        record.offset,
        refusal.reason.value,
        printable(refusal.detail),
        raw[:KEPT_BYTES],
        digest(raw),
        len(raw),
    )


async def fresh(connection: Connection, refusals: Sequence[Refusal]) -> list[Refusal]:
    """Those that are not kept already: the same message comes again when a process died between
    its commit and Kafka's."""
    if not refusals:
        return []
    rows = [_row(one) for one in refusals]
    places = [(row.topic, row.partition, row.offset, row.digest) for row in rows]
    seen = {tuple(row) for row in await connection.fetch(SQL.kept, *_columns(places))}
    found: list[Refusal] = []
    for refusal, place in zip(refusals, places, strict=True):
        if place not in seen:
            seen.add(place)
            found.append(refusal)
    return found


async def keep(connection: Connection, refusals: Iterable[Refusal]) -> None:
    """Keep what was refused, with its first bytes, for a person to look at."""
    rows = [_row(one) for one in refusals]
    if rows:
        await connection.execute(SQL.keep, *_columns(rows))


async def faults(connection: Connection, topic: str) -> int:
    """How many messages of a topic are kept because the ingest fails on them."""
    return await connection.fetchval(SQL.faults, topic)


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


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
    rows = await pool.fetch(SQL.newest, most)
    return count, [
        Quarantined(id_, at, topic, offset, reason, printable(detail))
        for id_, at, topic, offset, reason, detail in rows
    ]


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
        await connection.execute(SQL.forget_read, numbers)
        return await connection.fetchval(SQL.count)
