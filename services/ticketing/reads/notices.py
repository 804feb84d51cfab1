"""What the centre wants the staff to read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.database.statements import statements
from services.ticketing.office import Office
from services.ticketing.reads.apart import Readable, readable

SQL = statements("services.ticketing", "sql/notices.sql")

MOST = 5
"""Notices at a time: more would push the queue off the screen."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that holds."""

    id: UUID
    text_th: str
    text_en: str
    given_at: datetime
    until: datetime


async def notices(office: Office) -> Readable[Notice]:
    """The notices that hold now, the newest first, :data:`MOST` at most."""
    return readable(
        await office.pool.fetch(SQL.in_force, office.clock(), MOST), lambda row: Notice(*row)
    )
