"""The counters that are open, and whom each has."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from libs.database.statements import statements
from services.ticketing.model.visits import State
from services.ticketing.office import Office
from services.ticketing.reads.apart import Readable, moment, moment_or_none, readable
from services.ticketing.reads.days import working_day

SQL = statements("services.ticketing", "sql/reads.sql")


@dataclass(frozen=True, slots=True)
class AtCounter:
    """The visitor a counter has called or is serving."""

    visit: UUID
    step: int
    ticket: str
    service: str
    state: State
    calls: int
    called_at: datetime
    """The last call."""
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class CounterView:
    """An open counter."""

    counter: int
    clerk: UUID
    desk: UUID | None
    """Where it was opened, or taken over to."""
    opened_at: datetime
    visitor: AtCounter | None


async def open_counters(office: Office) -> Readable[CounterView]:
    """The open counters by number; none with no open day."""
    day = await working_day(office)
    if day is None:
        return Readable(())
    rows = await office.pool.fetch(SQL.open_counters, day)
    visitors = readable((row for row in rows if row["visit"] is not None), _visitor)
    at = {visitor.visit: visitor for visitor in visitors}
    # A counter whose visitor can't be shown is an open counter all the same.
    views = (
        CounterView(
            counter=row["counter"],
            clerk=row["clerk"],
            desk=row["desk"],
            opened_at=row["opened_at"],
            visitor=at.get(row["visit"]),
        )
        for row in rows
    )
    return Readable(views, visitors.odd)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has opened a counter, and where."""

    clerk: UUID
    desk: UUID | None
    """None where nobody said: any desk of the clerk's login will do."""


async def holder_of(office: Office, counter: int) -> Holder | None:
    """Who has opened the counter; None while it is closed."""
    row = await office.pool.fetchrow(SQL.holder_of, counter)
    return None if row is None else Holder(row["clerk"], row["desk"])


def _visitor(row: Record) -> AtCounter:
    return AtCounter(
        visit=row["visit"],
        step=row["step"],
        ticket=row["ticket"],
        service=row["service"],
        state=State(row["state"]),
        calls=row["calls"],
        called_at=moment(row, "last_called_at"),
        started_at=moment_or_none(row, "started_at"),
    )
