"""A service day begins and ends; its end sends the manifest that the nation must agree with.

A day whose closing was forgotten is closed before anything of another date can fall into it: by
the first ticket, the first counter or the opening of a later date. A day that was closed by
mistake goes on, on its own date: what its closing ended stands where it stood, and the next
closing sends the manifest's next revision.
"""

from datetime import date

import asyncpg

from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.codes import Origin, Outcome, TimeQuality
from libs.events.visits import (
    CounterClosed,
    CounterOpened,
    DayClosed,
    DayOpened,
    ServiceTotals,
    VisitEnded,
    VisitReopened,
)
from libs.site.audit import SYSTEM, Action, By, record
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.model.service_day import is_over, lies_on
from services.ticketing.office import Office
from services.ticketing.reads.days import working_day

SQL = statements("services.ticketing", "sql/days.sql")


async def open_day(office: Office, day: date, by: By = SYSTEM) -> None:
    """Open ``day``, an explicit local date, for visitors; an earlier one whose closing was
    forgotten is closed first.

    Raises DayKnown where it was opened before, DayStillOpen while another one is open.
    """
    earlier = await working_day(office)
    if earlier is not None and earlier < day:
        await close_forgotten(office)
    try:
        async with office.outbox.transaction() as tx:
            await tx.close_day(day)
            still_open: date | None = await tx.connection.fetchval(SQL.working_day)
            if still_open is not None and still_open != day:
                raise errors.DayStillOpen(day=still_open)
            await begin_day(tx, office, day)
            await record(tx.connection, office.clock(), by, Action.DAY_OPENED, str(day))
    except asyncpg.UniqueViolationError:
        # Another day was opened at the same moment: one_working_day let only one pass.
        raise errors.DayStillOpen(day=await working_day(office)) from None


async def begin_day(tx: Transaction, office: Office, day: date) -> None:
    """Open ``day`` within ``tx``, which has the day alone. Raises DayKnown."""
    now = office.clock()
    if await tx.connection.fetchval(SQL.open_day, day, office.origin.value, now) is None:
        raise errors.DayKnown(day=day)
    tx.emit(DayOpened(), subject=None, time=now, service_day=day, origin=office.origin)


async def close_day(office: Office, day: date, by: By = SYSTEM) -> DayClosed:
    """Close ``day``: end forgotten visits, close counters, and send the control totals.

    Raises UnknownDay, DayClosed where it is closed already, and ImportUnderWay where it is being
    imported: then the import closes it.
    """
    async with office.outbox.transaction() as tx:
        await tx.close_day(day)
        state = await tx.connection.fetchrow(SQL.state_of_day, day)
        if state is None:
            raise errors.UnknownDay(day=day)
        if state["state"] == "closed":
            raise errors.DayClosed(day=day)
        if state["origin"] == Origin.IMPORT.value:
            raise errors.ImportUnderWay
        totals = await finish_day(tx, office, day)
        await record(tx.connection, office.clock(), by, Action.DAY_CLOSED, str(day))
        return totals


async def close_forgotten(office: Office) -> date | None:
    """Close the open day if its date is over; which day that was, None where there is none.

    A transaction of its own, before that of whoever asks: a day that is shared can't be closed in
    the same transaction.
    """
    day = await working_day(office)
    if day is None or not is_over(day, office.clock()):
        return None
    async with office.outbox.transaction() as tx:
        await tx.close_day(day)
        state = await tx.connection.fetchrow(SQL.state_of_day, day)
        if state is None or state["state"] == "closed":
            return None  # somebody else closed it while we waited for the lock
        await finish_day(tx, office, day)
        await record(tx.connection, office.clock(), SYSTEM, Action.DAY_CLOSED, str(day))
    return day


async def reopen_day(office: Office, day: date, by: By = SYSTEM) -> None:
    """Go on with ``day``, which was closed by mistake, on its own date.

    Visits that the closing ended as forgotten and counters that it closed are as they were. Raises
    UnknownDay, DayStillOpen where this or another day is open, and DayNotReopened on any other
    date or for an imported day.
    """
    async with office.outbox.transaction() as tx:
        await tx.close_day(day)
        state = await tx.connection.fetchrow(SQL.state_of_day, day)
        if state is None:
            raise errors.UnknownDay(day=day)
        still_open: date | None = await tx.connection.fetchval(SQL.working_day)
        if still_open is not None:
            raise errors.DayStillOpen(day=still_open)
        now = office.clock()
        if state["origin"] == Origin.IMPORT.value or not lies_on(day, now):
            raise errors.DayNotReopened(day=day)
        await tx.connection.execute(SQL.reopen_day, day)
        tx.emit(DayOpened(), subject=None, time=now, service_day=day, origin=office.origin)
        for row in await tx.connection.fetch(SQL.reopen_counters, day, state["closed_at"]):
            tx.emit(
                CounterOpened(counter=row["counter"]),
                subject=None,
                time=now,
                service_day=day,
                origin=office.origin,
            )
        for row in await tx.connection.fetch(SQL.reopen_forgotten, day, state["closed_at"]):
            tx.emit(
                VisitReopened(step=row["step"]),
                subject=row["visit"],
                time=now,
                service_day=day,
                origin=office.origin,
            )
        await record(tx.connection, now, by, Action.DAY_REOPENED, str(day))


async def finish_day(tx: Transaction, office: Office, day: date) -> DayClosed:
    """Close the open ``day`` within ``tx``, which has the day alone."""
    now = office.clock()
    for forgotten in await tx.connection.fetch(SQL.end_forgotten, day, now):
        tx.emit(
            VisitEnded(
                step=forgotten["step"],
                outcome=Outcome.FORGOTTEN,
                time_quality=TimeQuality.ESTIMATED,
            ),
            subject=forgotten["visit"],
            time=now,
            service_day=day,
            origin=office.origin,
        )
    for closed in await tx.connection.fetch(SQL.close_counters, day, now):
        tx.emit(
            CounterClosed(counter=closed["counter"]),
            subject=None,
            time=now,
            service_day=day,
            origin=office.origin,
        )
    revision: int = await tx.connection.fetchval(SQL.close_day, day, now)
    manifest = await _manifest(tx.connection, day, revision)
    tx.emit(manifest, subject=None, time=now, service_day=day, origin=office.origin)
    return manifest


async def revise_day(tx: Transaction, office: Office, day: date) -> None:
    """Send the next revision of a closed ``day``'s manifest, after the change in the same ``tx``,
    which has the day alone. A day that is still open needs none."""
    revised = await tx.connection.fetchrow(SQL.revise_day, day)
    if revised is None:
        return
    manifest = await _manifest(tx.connection, day, revision=revised["revision"])
    # The manifest speaks for the day: an imported day stays imported, whoever corrects it.
    origin = Origin(revised["origin"])
    tx.emit(manifest, subject=None, time=office.clock(), service_day=day, origin=origin)


async def _manifest(connection: Connection, day: date, revision: int) -> DayClosed:
    totals = await connection.fetch(SQL.service_totals, day)
    return DayClosed(
        revision=revision,
        visits=await connection.fetchval(SQL.count_visits, day),
        services=tuple(ServiceTotals(**dict(row)) for row in totals),
    )
