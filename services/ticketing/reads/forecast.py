"""How many are ahead of a place in the queue, and how long that will take."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from asyncpg import Record

from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.durations import between
from services.ticketing.model.estimate import (
    BusyCounter,
    Estimate,
    RecentService,
    estimate,
    paces,
)
from services.ticketing.model.service_day import OFFICE_TIME
from services.ticketing.reads.apart import moment, moment_or_none, readable

SQL = statements("services.ticketing", "sql/reads.sql")

MEMORY = timedelta(days=60)
"""Older services say little about today's pace."""
SAMPLE = 60
"""Services of one kind that are looked at, newest first."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a waiting visitor is told."""

    people_ahead: int
    estimate: Estimate | None


async def forecast(
    connection: Connection, day: date, now: datetime, order: tuple[datetime, datetime, UUID]
) -> Forecast:
    """The forecast for the place ``order`` in the queue (see :attr:`Waiting.order`)."""
    ahead: list[str] = await connection.fetchval(SQL.services_ahead, day, *order)
    counters = await connection.fetch(SQL.open_counters, day)
    at_counters = (row for row in counters if row["visit"] is not None)
    busy = readable(at_counters, partial(_busy, now=now))
    concerned = sorted({*ahead, *(counter.service for counter in busy)})
    rows = await connection.fetch(SQL.recent_services, concerned, now - MEMORY, now, SAMPLE)
    recent = [RecentService(row["service"], row["hour"], row["ms"]) for row in rows]
    pace = paces(recent, now.astimezone(OFFICE_TIME).hour, concerned)
    return Forecast(len(ahead), estimate(ahead, busy, len(counters), pace))


def _busy(row: Record, now: datetime) -> BusyCounter:
    since = moment_or_none(row, "started_at") or moment(row, "last_called_at")
    return BusyCounter(row["service"], max(between(since, now), 0))
