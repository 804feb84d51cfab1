"""The service days, and the day book of one."""

from dataclasses import dataclass
from datetime import date, datetime

from asyncpg import Record

from libs.database.statements import statements
from libs.events.codes import Origin
from services.ticketing.model.visits import StepRecord
from services.ticketing.office import Office
from services.ticketing.reads.apart import Readable, readable
from services.ticketing.reads.rows import record_of

DAYS = statements("services.ticketing", "sql/days.sql")
SQL = statements("services.ticketing", "sql/reads.sql")


@dataclass(frozen=True, slots=True)
class DayView:
    """A service day."""

    day: date
    open: bool
    origin: Origin
    revision: int
    """Of the newest manifest; 0 before the first. A day that goes on after a closing that was a
    mistake is open and has one."""
    opened_at: datetime
    closed_at: datetime | None


async def working_day(office: Office) -> date | None:
    """The service day that is open now; None when the office is closed."""
    return await office.pool.fetchval(DAYS.working_day)


async def days(office: Office, newest: int) -> tuple[DayView, ...]:
    """The ``newest`` service days, newest first."""
    return tuple(_view(row) for row in await office.pool.fetch(SQL.days, newest))


async def day_of(office: Office, day: date) -> DayView | None:
    """The service day ``day``; None where it was never opened."""
    row = await office.pool.fetchrow(SQL.day_of, day)
    return None if row is None else _view(row)


def _view(row: Record) -> DayView:
    return DayView(
        day=row["day"],
        open=row["state"] == "open",
        origin=Origin(row["origin"]),
        revision=row["revision"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
    )


async def day_book(office: Office, day: date) -> Readable[StepRecord]:
    """Every step of ``day`` in order of arrival."""
    return readable(await office.pool.fetch(SQL.day_book, day), record_of)
