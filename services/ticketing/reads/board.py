"""What the waiting room's board shows."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from libs.database.statements import statements
from services.ticketing.office import Office
from services.ticketing.reads.apart import Readable, moment, readable
from services.ticketing.reads.days import working_day

SQL = statements("services.ticketing", "sql/reads.sql")


@dataclass(frozen=True, slots=True)
class BoardCall:
    """A number that a counter has called or is serving. (ticket, call) is one announcement."""

    ticket: str
    counter: int
    call: int
    called_at: datetime
    """When it was called last."""
    serving: bool


async def board(office: Office) -> Readable[BoardCall]:
    """What is called now, the newest call first; empty with no open day."""
    day = await working_day(office)
    if day is None:
        return Readable(())
    return readable(await office.pool.fetch(SQL.board, day), _call)


def _call(row: Record) -> BoardCall:
    return BoardCall(
        ticket=row["ticket"],
        counter=row["counter"],
        call=row["calls"],
        called_at=moment(row, "last_called_at"),
        serving=row["state"] == "serving",
    )
