"""Reads: whom to ask, how it stands with a visitor who was asked, what waits."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from libs.database.statements import statements
from services.feedback.office import FeedbackOffice

SQL = statements("services.feedback", "sql/asking.sql")

LINK_DAYS = 14
"""How many days after the visit its link still takes an answer. A working value."""
TABLET_WINDOW = timedelta(minutes=10)
"""How long the tablet at a counter asks for the visit that ended there."""


class Standing(StrEnum):
    """How it stands with the link of a visit."""

    ASKED = "asked"
    ANSWERED = "answered"
    TOO_EARLY = "too_early"
    """The visit is still under way, or its end is on its way here."""
    NOT_ASKED = "not_asked"
    """The visit ended otherwise than served."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Offer:
    """A visit whose visitor was asked."""

    visit: UUID
    service: str
    service_day: date


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits here."""

    held: int
    """Answers that wait for a service day to open."""
    behind: int
    """Events of ticketing's log that are not followed yet."""


async def standing(office: FeedbackOffice, visit: UUID, service_day: date, today: date) -> Standing:
    """How it stands on ``today`` with a visit whose link was found genuine."""
    if today > service_day + timedelta(days=LINK_DAYS):
        return Standing.EXPIRED
    (row,) = await office.outbox.pool.fetch(SQL.standing, visit, service_day)
    if row["answered"] is not None:
        return Standing.ANSWERED if row["answered"] else Standing.ASKED
    if row["under_way"] or not row["day_closed"]:
        return Standing.TOO_EARLY
    return Standing.NOT_ASKED


async def newest_at_counter(office: FeedbackOffice, counter: int) -> Offer | None:
    """The visit that the tablet at ``counter`` asks about now; None for the idle screen."""
    since = office.clock() - TABLET_WINDOW
    row = await office.outbox.pool.fetchrow(SQL.newest_at_counter, counter, since)
    return Offer(row["visit"], row["service"], row["service_day"]) if row else None


async def served_at_counter(office: FeedbackOffice, visit: UUID, counter: int) -> bool:
    """Whether a visit was served at ``counter``: a tablet takes answers to no other."""
    return bool(await office.outbox.pool.fetchval(SQL.served_at_counter, visit, counter))


async def backlog(office: FeedbackOffice) -> Backlog:
    """What waits at this moment."""
    (row,) = await office.outbox.pool.fetch(SQL.measures)
    return Backlog(row["held"], row["behind"])
