"""Days of which the office lost records in a restore, and that wait for a person."""

from dataclasses import dataclass
from datetime import date, datetime

from libs.database.statements import statements
from libs.database.types import Connection
from services.ticketing.office import Office

SQL = statements("services.ticketing", "sql/reads.sql")


@dataclass(frozen=True, slots=True)
class DoubtfulDay:
    """A service day that a supervisor must look into."""

    day: date
    lost: int
    """Events of the queue and of the ratings that the centre has and the office lost."""
    noticed_at: datetime


async def doubtful_days(office: Office) -> list[DoubtfulDay]:
    """The days that wait, oldest first, of this service and of feedback's where it is here."""
    async with office.pool.acquire() as connection:
        return await doubts_on(connection)


async def doubts_on(connection: Connection) -> list[DoubtfulDay]:
    """The same, within a transaction."""
    both = await connection.fetchval(SQL.feedback_is_here)
    rows = await connection.fetch(SQL.doubtful_days if both else SQL.own_doubtful_days)
    return [DoubtfulDay(row["day"], row["lost"], row["noticed_at"]) for row in rows]
