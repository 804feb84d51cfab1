"""A clerk opens and closes a counter."""

from datetime import date
from uuid import UUID

from libs.events.visits import CounterClosed, CounterOpened
from libs.stream.outbox import Connection, Transaction
from libs.stream.sql import statements
from services.ticketing import errors
from services.ticketing.office import Office, take_part

SQL = statements("services.ticketing", "sql/counters.sql")


async def open_counter(office: Office, counter: int, clerk: UUID) -> None:
    """Open ``counter`` for ``clerk``, a member of staff; who it is stays at the site.

    Raises UnknownCounter, CounterOpenAlready, NoOpenDay.
    """
    if not 1 <= counter <= office.place.counters:
        raise errors.UnknownCounter(counter=counter, counters=office.place.counters)
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        now = office.clock()
        if await tx.connection.fetchval(SQL.open_counter, day, counter, clerk, now) is None:
            raise errors.CounterOpenAlready(counter=counter)
        tx.emit(
            CounterOpened(counter=counter),
            subject=None,
            time=now,
            service_day=day,
            origin=office.origin,
        )


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
