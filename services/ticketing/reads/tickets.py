"""What a visitor sees of the own ticket."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from libs.database.statements import statements
from libs.events.codes import Outcome
from services.ticketing.errors import UnknownVisit
from services.ticketing.model.visits import State
from services.ticketing.office import Office
from services.ticketing.reads.apart import moment, readable
from services.ticketing.reads.forecast import Forecast, forecast

SQL = statements("services.ticketing", "sql/reads.sql")


@dataclass(frozen=True, slots=True)
class TicketStatus:
    """Where a ticket stands."""

    visit: UUID
    ticket: str
    service: str
    day: date
    state: State
    counter: int | None
    call: int
    """How often it was called."""
    outcome: Outcome | None
    forecast: Forecast | None
    """While it waits."""

    @property
    def position(self) -> int | None:
        """Its place in the queue, 1 being next; None when it does not wait."""
        return None if self.forecast is None else self.forecast.people_ahead + 1


def _order(row: Record) -> tuple[datetime, datetime, UUID]:
    return (moment(row, "effective_arrival"), moment(row, "queued_at"), row["visit"])


async def ticket_status(office: Office, visit: UUID) -> TicketStatus:
    """Where the ticket of ``visit`` stands. Raises UnknownVisit."""
    async with office.pool.acquire() as connection:
        row = await connection.fetchrow(SQL.ticket, visit)
        if row is None:
            raise UnknownVisit(visit=visit)
        state = State(row["state"])
        ahead = None
        if state is State.WAITING:
            # No place in the queue can be told of a ticket whose record is odd.
            for order in readable([row], _order):
                ahead = await forecast(connection, row["day"], office.clock(), order)
    return TicketStatus(
        visit=row["visit"],
        ticket=row["ticket"],
        service=row["service"],
        day=row["day"],
        state=state,
        counter=row["counter"],
        call=row["calls"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        forecast=ahead,
    )
