"""The visitor comes to the counter, is served and goes; or does not come, or gives up."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.database.statements import statements
from libs.events.codes import Outcome, TimeQuality
from libs.events.visits import VisitEnded, VisitStarted
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.model.visits import State, may_end
from services.ticketing.office import Office, take_part

SQL = statements("services.ticketing", "sql/visits.sql")


@dataclass(frozen=True, slots=True)
class ActiveStep:
    """A visit's step that has not ended, locked."""

    visit: UUID
    step: int
    state: State
    counter: int | None
    calls: int


async def start(office: Office, counter: int, visit: UUID) -> None:
    """The called visitor came to ``counter``: service begins.

    Raises NoOpenDay, UnknownVisit, NotAtThisCounter, WrongState.
    """
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        step = await lock_at_counter(tx, day, counter, visit)
        if step.state is not State.CALLED:
            raise errors.WrongState(state=step.state, visit=visit)
        now = office.clock()
        await tx.connection.execute(SQL.start, visit, step.step, now)
        tx.emit(
            VisitStarted(step=step.step, counter=counter),
            subject=visit,
            time=now,
            service_day=day,
            origin=office.origin,
        )


async def end(office: Office, counter: int, visit: UUID, outcome: Outcome = Outcome.SERVED) -> None:
    """The visit that is at ``counter`` ends: served, or removed, or the visitor left.

    Raises NoOpenDay, UnknownVisit, NotAtThisCounter, WrongState, OutcomeNotGiven.
    """
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        await _end(tx, office, day, await lock_at_counter(tx, day, counter, visit), outcome)


async def no_show(office: Office, counter: int, visit: UUID) -> None:
    """The visitor called to ``counter`` did not come. Raises as :func:`end` does."""
    await end(office, counter, visit, Outcome.NO_SHOW)


async def withdraw(office: Office, visit: UUID, outcome: Outcome) -> None:
    """A visit ends away from any counter: the visitor ``left``, or staff ``removed`` it.

    Raises NoOpenDay, UnknownVisit, WrongState (also once service has begun), OutcomeNotGiven.
    """
    async with office.outbox.transaction() as tx:
        day = await take_part(tx)
        step = await lock_visit(tx, day, visit)
        if step.state is State.SERVING:
            raise errors.WrongState(state=step.state, visit=visit)
        await _end(tx, office, day, step, outcome)


async def _end(
    tx: Transaction, office: Office, day: date, step: ActiveStep, outcome: Outcome
) -> None:
    if outcome is Outcome.FORGOTTEN:
        raise errors.OutcomeNotGiven(outcome=outcome)
    if not may_end(step.state, outcome):
        raise errors.WrongState(state=step.state, visit=step.visit)
    now = office.clock()
    await tx.connection.execute(SQL.end, step.visit, step.step, now, outcome.value)
    tx.emit(
        VisitEnded(step=step.step, outcome=outcome, time_quality=TimeQuality.ACTUAL),
        subject=step.visit,
        time=now,
        service_day=day,
        origin=office.origin,
    )


async def lock_visit(tx: Transaction, day: date, visit: UUID) -> ActiveStep:
    """Have the active step of ``visit`` alone until the commit.

    Raises UnknownVisit where the visit is not of ``day``, WrongState where it has ended.
    """
    row = await tx.connection.fetchrow(SQL.lock_active_step, visit, day)
    if row is None:
        if await tx.connection.fetchval(SQL.day_of_visit, visit) == day:
            raise errors.WrongState(state=State.ENDED, visit=visit)
        raise errors.UnknownVisit(visit=visit)
    return ActiveStep(row["visit"], row["step"], State(row["state"]), row["counter"], row["calls"])


async def lock_at_counter(tx: Transaction, day: date, counter: int, visit: UUID) -> ActiveStep:
    """As :func:`lock_visit`, of a visit that was called to ``counter``.

    Raises NotAtThisCounter besides.
    """
    step = await lock_visit(tx, day, visit)
    if step.counter != counter:
        raise errors.NotAtThisCounter(counter=counter, visit=visit)
    return step
