"""A counter calls: the next visitor, a chosen one with a reason, or the same one again."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.database.statements import statements
from libs.events.codes import OutOfOrder
from libs.events.visits import VisitCalled
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.model.queue import Place
from services.ticketing.model.visits import MOST_CALLS, State
from services.ticketing.office import Office, take_part
from services.ticketing.reads.queue import place_of
from services.ticketing.usecases.counters import free_counter
from services.ticketing.usecases.serving import lock_at_counter, lock_visit

SQL = statements("services.ticketing", "sql/visits.sql")


@dataclass(frozen=True, slots=True)
class Called:
    """Who was called, to where, and why this one."""

    visit: UUID
    step: int
    ticket: str
    service: str
    counter: int
    call: int
    out_of_order: OutOfOrder | None
    place: Place | None
    """Where the visitor stood: whom the call passed, and by what right. None where the record of
    the ticket is odd, so that its place can't be explained."""
    position: int
    """1: the visitor was next."""


async def call_next(office: Office, counter: int) -> Called | None:
    """Call to ``counter`` whoever is next by the queue's rule; None when nobody waits.

    Raises NoOpenDay, CounterNotOpen, CounterBusy.
    """
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        await free_counter(tx, day, counter)
        step = await tx.connection.fetchrow(SQL.next_waiting, day)
        if step is None:
            return None
        # Only now, under the lock: nobody is called before the moment of the ticket's issue.
        now = office.clock()
        await tx.connection.execute(SQL.call, step["visit"], step["step"], counter, now)
        first_call = FirstCall(step["visit"], step["step"], counter, None, position=1)
        return await _called(tx, office, day, now, first_call)


async def call(office: Office, counter: int, visit: UUID, reason: OutOfOrder) -> Called:
    """Call to ``counter`` the waiting ``visit``, chosen by the clerk for ``reason``.

    Where it was next anyway, the event bears no reason: nobody was passed over.
    Raises NoOpenDay, CounterNotOpen, CounterBusy, UnknownVisit, WrongState.
    """
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        await free_counter(tx, day, counter)
        step = await lock_visit(tx, day, visit)
        if step.state is not State.WAITING:
            raise errors.WrongState(state=step.state, visit=visit)
        ahead: int = await tx.connection.fetchval(SQL.count_ahead, visit, step.step)
        now = office.clock()
        await tx.connection.execute(SQL.call, visit, step.step, counter, now)
        given = reason if ahead else None
        first_call = FirstCall(visit, step.step, counter, given, position=ahead + 1)
        return await _called(tx, office, day, now, first_call)


async def recall(office: Office, counter: int, visit: UUID) -> int:
    """Call ``visit`` to ``counter`` again; which call it was.

    Raises NoOpenDay, UnknownVisit, NotAtThisCounter, WrongState, CallsUsedUp.
    """
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        step = await lock_at_counter(tx, day, counter, visit)
        if step.state is not State.CALLED:
            raise errors.WrongState(state=step.state, visit=visit)
        if step.calls >= MOST_CALLS:
            raise errors.CallsUsedUp(calls=step.calls, visit=visit)
        now = office.clock()
        calls: int = await tx.connection.fetchval(SQL.recall, visit, step.step, now)
        event = tx.emit(
            VisitCalled(step=step.step, counter=counter, call=calls, out_of_order=None),
            subject=visit,
            time=now,
            service_day=day,
            origin=office.origin,
        )
        await tx.connection.execute(SQL.announce, event, visit, counter, calls)
    return calls


@dataclass(frozen=True, slots=True)
class FirstCall:
    """The first call of a step, as it stands in the rows."""

    visit: UUID
    step: int
    counter: int
    out_of_order: OutOfOrder | None
    position: int
    """The visitor's place in the queue when called."""


async def _called(
    tx: Transaction, office: Office, day: date, now: datetime, first: FirstCall
) -> Called:
    """Say a first call, and where its visitor stood."""
    event = tx.emit(
        VisitCalled(
            step=first.step, counter=first.counter, call=1, out_of_order=first.out_of_order
        ),
        subject=first.visit,
        time=now,
        service_day=day,
        origin=office.origin,
    )
    await tx.connection.execute(SQL.announce, event, first.visit, first.counter, 1)
    place = await place_of(tx.connection, day, first.visit, first.step, first.position)
    [of_step] = await tx.connection.fetch(SQL.ticket_of_step, first.visit, first.step)
    return Called(
        visit=first.visit,
        step=first.step,
        ticket=of_step["ticket"],
        service=of_step["service"],
        counter=first.counter,
        call=1,
        out_of_order=first.out_of_order,
        place=place,
        position=first.position,
    )
