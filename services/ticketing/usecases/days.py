"""A service day begins and ends; its end sends the manifest that the nation must agree with."""

from datetime import date

import asyncpg

from libs.events.codes import Origin, Outcome, TimeQuality
from libs.events.visits import CounterClosed, DayClosed, DayOpened, ServiceTotals, VisitEnded
from libs.site.audit import SYSTEM, Action, By, record
from libs.stream.outbox import Connection, Transaction
from libs.stream.sql import statements
from services.ticketing import errors
from services.ticketing.office import Office
from services.ticketing.reads.days import working_day

SQL = statements("services.ticketing", "sql/days.sql")


async def open_day(office: Office, day: date, by: By = SYSTEM) -> None:
    """Open ``day``, an explicit local date, for visitors.

    Raises DayKnown where it was opened before, DayStillOpen while another one is open.
    """
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
    await tx.connection.execute(SQL.close_day, day, now)
    manifest = await _manifest(tx.connection, day, revision=1)
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
