"""A clerk opens and closes a counter."""

from datetime import date
from uuid import UUID

from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.visits import CounterClosed, CounterOpened
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.office import Office, take_part, take_part_on_its_date
from services.ticketing.usecases.days import close_forgotten

SQL = statements("services.ticketing", "sql/counters.sql")


async def open_counter(office: Office, counter: int, clerk: UUID, desk: UUID | None = None) -> None:
    """Open ``counter`` for ``clerk``, a member of staff, at ``desk``; who it is and where stays at
    the site. A day of an earlier date, whose closing was forgotten, is closed first.

    Raises UnknownCounter, CounterOpenAlready, ClerkHasCounter, NoOpenDay.
    """
    if not 1 <= counter <= office.place.counters:
        raise errors.UnknownCounter(counter=counter, counters=office.place.counters)
    await close_forgotten(office)
    async with office.outbox.transaction() as tx:
        day = await take_part_on_its_date(tx, office)
        await tx.connection.execute(SQL.have_clerk_alone, clerk)
        other: int | None = await tx.connection.fetchval(SQL.counter_of_clerk, clerk)
        if other is not None and other != counter:
            raise errors.ClerkHasCounter(counter=other)
        now = office.clock()
        if await tx.connection.fetchval(SQL.open_counter, day, counter, clerk, now, desk) is None:
            raise errors.CounterOpenAlready(counter=counter)
        tx.emit(
            CounterOpened(counter=counter),
            subject=None,
            time=now,
            service_day=day,
            origin=office.origin,
        )


async def take_over(office: Office, counter: int, clerk: UUID, desk: UUID) -> None:
    """Go on at ``desk`` with ``counter``, which ``clerk`` has opened at another.

    Raises CounterNotOpen where the clerk has not opened it.
    """
    if not await office.pool.fetch(SQL.take_over, counter, clerk, desk):
        raise errors.CounterNotOpen(counter=counter)


async def close_counter(office: Office, counter: int) -> None:
    """Close ``counter``. Raises CounterNotOpen, CounterBusy while it has a visitor, NoOpenDay."""
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        session = await free_counter(tx, day, counter)
        now = office.clock()
        await tx.connection.execute(SQL.close_counter, session, now)
        tx.emit(
            CounterClosed(counter=counter),
            subject=None,
            time=now,
            service_day=day,
            origin=office.origin,
        )


async def free_counter(tx: Transaction, day: date, counter: int) -> int:
    """Have the open ``counter`` alone until the commit; its session. It has no visitor.

    Raises CounterNotOpen, CounterBusy.
    """
    connection: Connection = tx.connection
    session: int | None = await connection.fetchval(SQL.lock_counter, day, counter)
    if session is None:
        raise errors.CounterNotOpen(counter=counter)
    ticket: str | None = await connection.fetchval(SQL.ticket_at_counter, counter)
    if ticket is not None:
        raise errors.CounterBusy(counter=counter, ticket=ticket)
    return session
