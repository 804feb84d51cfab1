"""Who waits, in which order, and why."""

from datetime import date
from uuid import UUID

from libs.database.statements import statements
from libs.database.types import Connection
from services.ticketing.model.queue import Place, in_order, place
from services.ticketing.office import Office
from services.ticketing.reads.apart import Readable, readable
from services.ticketing.reads.days import working_day
from services.ticketing.reads.rows import waiting_of

SQL = statements("services.ticketing", "sql/reads.sql")


async def waiting(office: Office) -> Readable[Place]:
    """The queue of the open day, next first, each place explained; empty with no open day."""
    day = await working_day(office)
    if day is None:
        return Readable(())
    found = readable(await office.pool.fetch(SQL.waiting, day), waiting_of)
    return Readable(in_order(found), found.odd)


async def place_of(
    connection: Connection, day: date, visit: UUID, step: int, position: int
) -> Place | None:
    """Where a step stood that was called from ``position``: whom it passed, and by what right.

    None where its record is odd: the visitor is called all the same.
    """
    [one] = readable(await connection.fetch(SQL.step, visit, step), waiting_of) or [None]
    if one is None:
        return None
    passed = await connection.fetch(
        SQL.passed_by, day, one.queued_at, one.effective_arrival, one.visit
    )
    return place(one, position, readable(passed, waiting_of))
