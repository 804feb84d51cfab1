"""Who waits, in which order, and why."""

from datetime import date
from uuid import UUID

from libs.stream.outbox import Connection
from libs.stream.sql import statements
from services.ticketing.model.queue import Place, in_order, place
from services.ticketing.office import Office
from services.ticketing.reads.days import working_day
from services.ticketing.reads.rows import waiting_of

SQL = statements("services.ticketing", "sql/reads.sql")


async def waiting(office: Office) -> tuple[Place, ...]:
    """The queue of the open day, next first, each place explained; empty with no open day."""
    day = await working_day(office)
    if day is None:
        return ()
    rows = await office.pool.fetch(SQL.waiting, day)
    return in_order(waiting_of(row) for row in rows)


async def place_of(
    connection: Connection, day: date, visit: UUID, step: int, position: int
) -> Place:
    """Where a step stood that was called from ``position``: whom it passed, and by what right."""
    [row] = await connection.fetch(SQL.step, visit, step)
    one = waiting_of(row)
    passed = await connection.fetch(
        SQL.passed_by, day, one.queued_at, one.effective_arrival, one.visit
    )
    return place(one, position, [waiting_of(row) for row in passed])
