"""The audit log of the office, a day at a time: what was done here and in feedback."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from asyncpg import Record

from libs.database.statements import statements
from libs.events.bounds import PAST
from libs.events.codes import Stream
from libs.service.formats import BANGKOK, local_date
from libs.site.audit import Action
from services.ticketing.office import Office

SQL = statements("services.ticketing", "sql/audit.sql")

MOST_ACTS = 200
"""On one page of a day."""


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the log."""

    at: datetime
    service: Stream
    """Whose log it is in."""
    actor: str
    address: str | None
    action: str
    """One of :class:`~libs.site.audit.Action`, or what a later release wrote."""
    subject: str | None
    detail: str | None
    ticket: str | None
    """Of the visit that was corrected, and the day of that visit."""
    day: date | None


@dataclass(frozen=True, slots=True)
class DayOfActs:
    """What was done on one day, in Bangkok."""

    day: date
    acts: tuple[Act, ...]
    """The newest first."""
    more: bool
    """Whether older ones of the day follow on the next page."""
    before: date | None
    """The nearest day before with such acts; None where it is out of the calendar."""
    after: date | None


async def day_of_acts(
    office: Office, day: date, actions: Collection[Action] | None = None, page: int = 1
) -> DayOfActs:
    """The acts of ``day``, of some ``actions`` or of all; page 1 has the newest."""
    start = datetime.combine(day, datetime.min.time(), BANGKOK)
    span = (start, start + timedelta(days=1))
    named = None if actions is None else [action.value for action in actions]
    async with (
        office.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        both = await connection.fetchval(SQL.feedback_is_read)
        acts, neighbours = (
            (SQL.acts_of_both, SQL.neighbours_of_both)
            if both
            else (SQL.own_acts, SQL.own_neighbours)
        )
        rows = await connection.fetch(acts, *span, named, MOST_ACTS + 1, MOST_ACTS * (page - 1))
        [beside] = await connection.fetch(neighbours, *span, named)
    return DayOfActs(
        day=day,
        acts=tuple(_act(row) for row in rows[:MOST_ACTS]),
        more=len(rows) > MOST_ACTS,
        before=_date_of(beside["before"]),
        after=_date_of(beside["after"]),
    )


def _act(row: Record) -> Act:
    return Act(
        at=row["at"],
        service=Stream(row["service"]),
        actor=row["actor"],
        address=row["address"],
        action=row["action"],
        subject=row["subject"],
        detail=row["detail"],
        ticket=row["ticket"],
        day=row["day"],
    )


def _date_of(moment: datetime | None) -> date | None:
    """The day of an entry; None of one that nobody can ask for: a dead clock wrote it."""
    if moment is None or not PAST.holds(moment.date()):
        return None
    return local_date(moment)
