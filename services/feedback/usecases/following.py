"""Follows ticketing's log: visits become offers, service days become feedback days.

**Offers are facts.** A visit that ends as served is an offer: its visitor was asked. What a
supervisor corrects afterwards changes the visit and not the past: the offer stands, with the
service the visitor was asked about, also where the visit's service or outcome is corrected, and a
visit that becomes served by a correction makes none, since nobody was asked. Imported visits make
none either: there was no visitor to ask.

**Which day counts what.** The envelope's ``serviceday`` is the day whose manifest counts the
event. An offer counts on the service day of the visit's end. An answer counts on the open
feedback day, whatever day the visit was on. Given while no day is open, in the evening or at the
weekend, it is kept and *held*: it gets its number and its event when the next day opens, and
that day's manifest counts it. So every event of the stream lies on a day that ticketing opened,
which will close and be complete; naming a day beforehand would leave one that never opens (a
Saturday, a flood) incomplete for ever.

**When a manifest is sent.** Ticketing's ``day.closed`` closes the feedback day with revision 1.
A later revision of it says that a visit was corrected, which changes no offer and no answer of
that day: another manifest follows only if the day's own totals differ from its last one's, as
they do if a visit of a closed day ended as served after all. An imported day gets an empty
manifest, and no answer ever counts on it.

**A day that goes on.** A second ``day.opened`` of a day says that its closing was a mistake: the
feedback day is open again, and answers that were held since count on it. Visits that the closing
ended as forgotten are kept until a later day opens, since they may go on and be served.

One follower runs at a time (its cursor's row is its lock), and it alone makes offers and closes
days. So it takes a day's exclusive lock without having shared it, and only answers wait for it.
"""

from collections.abc import Sequence
from uuid import UUID

from libs.database.statements import statements
from libs.events.codes import Channel, Origin, Outcome
from libs.events.responses import FeedbackDayClosed, FeedbackOffered, ResponseTotals
from libs.events.restoration import DayResolved, ResolutionReason
from libs.events.visits import (
    DayClosed,
    DayOpened,
    VisitCalled,
    VisitEnded,
    VisitIssued,
    VisitStarted,
)
from libs.stream.follower import Logged
from libs.stream.outbox import Transaction
from services.feedback.model.waiting_band import waiting_band
from services.feedback.usecases.given_event import tell

SQL = statements("services.feedback", "sql/following.sql")
HEALING = statements("libs.stream", "sql/healing.sql")


async def follow(transaction: Transaction, events: Sequence[Logged]) -> None:
    """Take over ``events`` of ticketing's log, in their order."""
    for event in events:
        if isinstance(event.payload, DayClosed):
            await _close_day(transaction, event)
        elif event.origin is not Origin.IMPORT:
            await _follow_live(transaction, event)


async def _follow_live(transaction: Transaction, event: Logged) -> None:
    connection = transaction.connection
    match event.payload:
        case DayOpened():
            await _open_day(transaction, event)
        case VisitIssued(step=step, service=service, channel=channel):
            await connection.execute(
                SQL.begin_visit,
                event.subject,
                event.service_day,
                step,
                service,
                event.time,
                channel is Channel.COUNTER,
            )
        case VisitCalled(step=step, counter=counter):
            await connection.execute(SQL.note_call, event.subject, step, event.time, counter)
        case VisitStarted(step=step, counter=counter):
            await connection.execute(SQL.note_start, event.subject, step, counter)
        case VisitEnded(outcome=Outcome.FORGOTTEN):
            pass  # the day may go on, and the visit with it
        case VisitEnded(outcome=outcome):
            await _end_visit(transaction, event, outcome)
        case DayResolved(reason=reason):
            await _resolve_day(transaction, event, reason)
        case _:
            pass


async def _end_visit(transaction: Transaction, event: Logged, outcome: Outcome) -> None:
    visit = await transaction.connection.fetchrow(SQL.end_visit, event.subject)
    if visit is None or outcome is not Outcome.SERVED:
        return
    await transaction.connection.execute(
        SQL.offer,
        event.subject,
        event.service_day,
        event.origin,
        visit["step"],
        visit["service"],
        waiting_band(visit["entered_at"], visit["first_called_at"]),
        visit["counter"],
        event.time,
        visit["staff_issued"],
    )
    _emit(
        transaction,
        event,
        FeedbackOffered(step=visit["step"], service=visit["service"]),
        event.subject,
    )


async def _resolve_day(transaction: Transaction, event: Logged, reason: ResolutionReason) -> None:
    """Where a restore lost answers of the day too, they were looked into with the visits."""
    lost = await transaction.connection.fetch(
        HEALING.resolve_day, event.service_day, event.time, reason.value
    )
    if lost:
        _emit(transaction, event, DayResolved(reason=reason), None)


async def _open_day(transaction: Transaction, event: Logged) -> None:
    connection = transaction.connection
    await connection.execute(SQL.forget_open_visits, event.service_day)
    if await connection.fetchval(SQL.open_day, event.service_day, event.origin):
        await _count_held(transaction, event)


async def _count_held(transaction: Transaction, event: Logged) -> None:
    for row in await transaction.connection.fetch(SQL.count_held, event.service_day):
        tell(transaction, row)


async def _close_day(transaction: Transaction, event: Logged) -> None:
    day = event.service_day
    await transaction.close_day(day)
    connection = transaction.connection
    was_open = await connection.fetchval(SQL.close_day, day, event.origin)
    if was_open and event.origin is not Origin.IMPORT:
        await _count_held(transaction, event)
    last = await connection.fetchrow(SQL.newest_manifest, day)
    manifest = FeedbackDayClosed(
        revision=last["revision"] + 1 if last else 1,
        services=tuple(
            ResponseTotals.model_validate(dict(row))
            for row in await connection.fetch(SQL.totals, day)
        ),
    )
    totals = manifest.model_dump_json(include={"services"})
    if last is None or last["totals"] != totals:
        await connection.execute(SQL.keep_manifest, day, manifest.revision, totals)
        _emit(transaction, event, manifest, None)


def _emit(
    transaction: Transaction,
    event: Logged,
    payload: FeedbackOffered | FeedbackDayClosed | DayResolved,
    subject: UUID | None,
) -> None:
    """What follows from an event has its time, its day and its origin."""
    transaction.emit(
        payload,
        subject=subject,
        time=event.time,
        service_day=event.service_day,
        origin=event.origin,
    )
