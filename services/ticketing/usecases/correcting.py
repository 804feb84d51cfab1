"""A supervisor corrects a step that has ended, with a reason; never silently."""

from datetime import date
from uuid import UUID

from libs.database.statements import statements
from libs.events.codes import CorrectionReason, Outcome
from libs.events.visits import VisitCorrected
from libs.site.audit import SYSTEM, Action, By, record
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.model.corrections import Change, EndedStep, NewService, corrected
from services.ticketing.model.visits import State
from services.ticketing.office import Office
from services.ticketing.usecases.days import revise_day

SQL = statements("services.ticketing", "sql/visits.sql")


async def correct(
    office: Office,
    visit: UUID,
    step: int,
    change: Change,
    reason: CorrectionReason,
    supervisor: UUID,
    by: By = SYSTEM,
) -> None:
    """Correct one field of an ended step. Of a closed day, the manifest's next revision follows
    in the same transaction.

    Raises UnknownVisit, NotEnded, NothingToCorrect, CorrectionImpossible, ServiceNotOffered,
    CorrectionOutOfReach, OutcomeNotGiven.
    """
    if isinstance(change, NewService) and change.service not in office.place.services:
        raise errors.ServiceNotOffered(service=change.service, site=office.site)
    day: date | None = await office.pool.fetchval(SQL.day_of_visit, visit)
    if day is None:
        raise errors.UnknownVisit(visit=visit)
    async with office.outbox.transaction() as tx:
        # Rare enough to have the day alone even while it is open: no lock to upgrade.
        await tx.close_day(day)
        after, correction = corrected(await _ended_step(tx, visit, step), change, day)
        await tx.connection.execute(
            SQL.correct,
            visit,
            step,
            after.service,
            after.outcome.value,
            after.started_at,
            after.ended_at,
        )
        now = office.clock()
        await tx.connection.execute(
            SQL.keep_correction,
            visit,
            step,
            correction.field,
            None if correction.old is None else str(correction.old),
            str(correction.new),
            reason.value,
            supervisor,
            now,
        )
        tx.emit(
            VisitCorrected(step=step, correction=correction, reason=reason),
            subject=visit,
            time=now,
            service_day=day,
            origin=office.origin,
        )
        await revise_day(tx, office, day)
        what = f"step {step}, {correction.field}: {reason.value}"
        await record(tx.connection, now, by, Action.VISIT_CORRECTED, str(visit), what)


async def _ended_step(tx: Transaction, visit: UUID, step: int) -> EndedStep:
    row = await tx.connection.fetchrow(SQL.lock_step, visit, step)
    if row is None:
        raise errors.UnknownVisit(visit=visit)
    if row["state"] != State.ENDED.value:
        raise errors.NotEnded(visit=visit)
    return EndedStep(
        called=row["calls"] > 0,
        service=row["service"],
        outcome=Outcome(row["outcome"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )
