"""Notices to the staff of sites: kept here, said to each site as soon as the broker is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog
from pydantic import ValidationError

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.inbox import NoticeGiven, NoticeWithdrawn
from libs.stream.kafka import KafkaAccess
from libs.stream.retry import keep_looking
from services.reporting.background.turns import turn
from services.reporting.sites.inbox import Line, say

SQL = statements("services.reporting", "sql/notices.sql")
LOG = structlog.stdlib.get_logger()

LOOK_EVERY_S = 5.0
MOST = 20
"""Notices that are listed."""
AT_A_TIME = 1000
"""Lines in one look: a notice to every site is one each."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it was given, and how many of its sites' inboxes have what holds now."""

    id: UUID
    text_th: str
    text_en: str
    given_at: datetime
    until: datetime
    withdrawn_at: datetime | None
    sites: int
    said: int


async def give(pool: Pool, given: NoticeGiven, sites: Sequence[str], moment: datetime) -> None:
    """Keep a notice to these sites. It is said to them by :class:`Notifier`."""
    texts = given.th, given.en
    await pool.execute(SQL.give, given.notice, sites, *texts, moment, given.until)


async def withdraw(pool: Pool, notice: UUID, moment: datetime) -> int:
    """Take a notice back; from how many sites. Raises ValueError where there is none in force."""
    rows = await pool.fetch(SQL.withdraw, notice, moment)
    if not rows:
        raise ValueError(f"{notice}: no such notice holds. See `saduak reporting notices`.")
    return len(rows)


async def newest(pool: Pool) -> Sequence[Notice]:
    """The last :data:`MOST` notices, newest first."""
    return [Notice(*row) for row in await pool.fetch(SQL.newest, MOST)]


class Notifier:
    """Says to the sites what they have not been told. Any number may run beside each other."""

    def __init__(self, pool: Pool, kafka: KafkaAccess, clock: Clock = now) -> None:
        self._pool = pool
        self._kafka = kafka
        self._clock = clock

    async def run(self) -> None:
        """Look for ever; ends only by cancellation, or by what no waiting mends."""
        await keep_looking(self.look, LOOK_EVERY_S, "telling of notices")

    async def look(self) -> int:
        """Say what is unsaid; how much of it was said. Raises what Kafka and the database raise:
        then all of it stays unsaid, and a site that hears it twice has one notice."""
        async with turn(self._pool, "notifier") as connection:
            if connection is None:
                return 0
            rows = await connection.fetch(SQL.unsaid, self._clock(), AT_A_TIME)
            lines, unsayable = _lines(rows)
            told = await say(self._kafka, lines)
            said = [row for row in rows if row["site"] in told and row not in unsayable]
            await connection.execute(SQL.said, *_as_said(said), self._clock())
        return len(said)


def _lines(rows: Sequence[asyncpg.Record]) -> tuple[list[Line], list[asyncpg.Record]]:
    """What to say, and the notices that no site would understand: they stay unsaid."""
    lines: list[Line] = []
    unsayable: list[asyncpg.Record] = []
    for row in rows:
        try:
            lines.append(_line(row))
        except ValidationError as error:
            LOG.warning("a notice that cannot be said", notice=str(row["id"]), error=str(error))
            unsayable.append(row)
    return lines, unsayable


def _line(row: asyncpg.Record) -> Line:
    notice, th, en = row["id"], row["text_th"], row["text_en"]
    if row["withdrawn_at"] is not None:
        return row["site"], row["withdrawn_at"], NoticeWithdrawn(notice=notice)
    given = NoticeGiven(notice=notice, th=th, en=en, until=row["until"])
    return row["site"], row["given_at"], given


def _as_said(rows: Sequence[asyncpg.Record]) -> list[list[object]]:
    """What was said, as columns: a notice that was withdrawn meanwhile is said once more."""
    return [[row[name] for row in rows] for name in ("id", "site", "withdrawn_at")]
