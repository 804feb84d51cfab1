"""What the office's log says, read back as events."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.database.statements import statements
from libs.events.catalogue import RELEASED
from libs.events.payloads import Payload
from services.ticketing.office import Office

SQL = statements("tests.ticketing", "sql/log.sql")


@dataclass(frozen=True, slots=True)
class Said:
    """One event of the outbox."""

    sequence: int
    type: str
    subject: UUID | None
    time: datetime
    service_day: date
    origin: str
    data: Payload


async def log(office: Office) -> list[Said]:
    """The whole outbox, in its order."""
    return [
        Said(
            sequence=row["sequence"],
            type=row["type"],
            subject=row["subject"],
            time=row["time"],
            service_day=row["service_day"],
            origin=row["origin"],
            data=RELEASED[row["type"]].model_validate_json(row["data"]),
        )
        for row in await office.pool.fetch(SQL.log)
    ]
