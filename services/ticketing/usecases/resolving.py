"""A supervisor has looked into a day of which a restore lost records."""

from datetime import date

from libs.database.statements import statements
from libs.events.restoration import DayResolved, ResolutionReason
from libs.site.audit import SYSTEM, Action, By, record
from services.ticketing import errors
from services.ticketing.office import Office
from services.ticketing.reads.restored_days import doubts_on

SQL = statements("libs.stream", "sql/healing.sql")


async def resolve_day(office: Office, day: date, reason: ResolutionReason, by: By = SYSTEM) -> None:
    """Say that ``day`` stands as the centre has it. Feedback follows.

    Raises NothingToResolve.
    """
    async with office.outbox.transaction() as tx:
        await tx.close_day(day)
        if day not in {one.day for one in await doubts_on(tx.connection)}:
            raise errors.NothingToResolve(day=day)
        now = office.clock()
        await tx.connection.execute(SQL.resolve_day, day, now, reason.value)
        tx.emit(
            DayResolved(reason=reason),
            subject=None,
            time=now,
            service_day=day,
            origin=office.origin,
        )
        await record(tx.connection, now, by, Action.DAY_RESOLVED, str(day), reason.value)
