"""A visitor takes a ticket."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import uuid_utils.compat
from asyncpg import Record

from libs.database.statements import statements
from libs.events.codes import VisitorClass
from libs.events.visits import VisitIssued, WaitEstimate
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.model.queue import effective_arrival
from services.ticketing.model.service_day import lies_on
from services.ticketing.model.visits import State, TicketRequest
from services.ticketing.office import Office, take_part_on_its_date
from services.ticketing.reads.forecast import Forecast, forecast
from services.ticketing.usecases.days import close_forgotten

SQL = statements("services.ticketing", "sql/visits.sql")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the visitor is given."""

    visit: UUID
    ticket: str
    service: str
    day: date
    issued_at: datetime
    forecast: Forecast


async def issue(office: Office, request: TicketRequest) -> Ticket:
    """Issue a ticket: the visit begins, and its step 1 waits.

    No ticket falls into a day of an earlier date: such a day is closed first, and staff open the
    new one.
    The same wish again gets the ticket it got before, forecast anew, while that ticket waits.
    Raises ServiceNotOffered, AppointmentMismatch, AppointmentOffDay, NoOpenDay, SeriesFull,
    WishSpent.
    """
    _check(request)
    await close_forgotten(office)
    async with office.outbox.transaction() as tx:
        day = await take_part_on_its_date(tx, office)
        granted = await _granted_before(tx, office, day, request)
        if granted is not None:
            return granted
        if request.service not in office.offered(day):
            raise errors.ServiceNotOffered(service=request.service, site=office.site)
        if request.appointment is not None and not lies_on(day, request.appointment):
            raise errors.AppointmentOffDay(appointment=request.appointment.isoformat(), day=day)
        now = office.clock()
        head_start = office.standards.head_start(request.visitor_class, day)
        placed_at = effective_arrival(now, request.appointment, head_start)
        visit = uuid_utils.compat.uuid7()
        ahead = await forecast(tx.connection, day, now, (placed_at, now, visit))
        number = await _next_number(tx, office, day, request.service)
        ticket: str = await tx.connection.fetchval(
            SQL.issue,
            visit,
            day,
            office.standards.services[request.service].series,
            number,
            request.channel.value,
            request.visitor_class.value,
            request.appointment,
            office.origin.value,
            now,
            ahead.estimate and ahead.estimate.likely_ms,
            ahead.estimate and ahead.estimate.pessimistic_ms,
            request.feedback_link,
            request.service,
            placed_at,
            request.wish,
        )
        tx.emit(
            _issued(request, ticket, ahead),
            subject=visit,
            time=now,
            service_day=day,
            origin=office.origin,
        )
    return Ticket(visit, ticket, request.service, day, now, ahead)


def _check(request: TicketRequest) -> None:
    booked = request.visitor_class is VisitorClass.APPOINTMENT
    if booked != (request.appointment is not None):
        raise errors.AppointmentMismatch(visitor_class=request.visitor_class)


async def _granted_before(
    tx: Transaction, office: Office, day: date, request: TicketRequest
) -> Ticket | None:
    """The ticket that the request's wish got already; where it got none, nobody else grants the
    wish meanwhile.

    Raises WishSpent where that ticket no longer stands for what is asked now.
    """
    if request.wish is None:
        return None
    await tx.connection.execute(SQL.have_wish_alone, request.wish)
    row = await tx.connection.fetchrow(SQL.granted_before, request.wish)
    if row is None:
        return None
    if not _still_stands(row, day, request):
        raise errors.WishSpent(wish=request.wish)
    order = (row["effective_arrival"], row["issued_at"], row["id"])
    ahead = await forecast(tx.connection, row["day"], office.clock(), order)
    return Ticket(row["id"], row["ticket"], row["service"], row["day"], row["issued_at"], ahead)


def _still_stands(row: Record, day: date, request: TicketRequest) -> bool:
    """Whether the ticket in ``row`` waits on ``day`` and was issued for the same request.

    A ticket that was called meanwhile is dead: its number may have been called in vain, and
    whoever asks now may be another visitor.
    """
    issued_for = (row["service"], row["channel"], row["visitor_class"], row["appointment"])
    asked = (request.service, request.channel, request.visitor_class, request.appointment)
    return row["day"] == day and row["state"] == State.WAITING and issued_for == asked


async def _next_number(tx: Transaction, office: Office, day: date, service: str) -> int:
    series = office.standards.services[service].series
    number: int | None = await tx.connection.fetchval(SQL.next_number, day, series)
    if number is None:
        raise errors.SeriesFull(series=series, day=day)
    return number


def _issued(request: TicketRequest, ticket: str, ahead: Forecast) -> VisitIssued:
    return VisitIssued(
        step=1,
        ticket=ticket,
        service=request.service,
        channel=request.channel,
        visitor_class=request.visitor_class,
        appointment=request.appointment,
        estimate=ahead.estimate
        and WaitEstimate(
            likely_ms=ahead.estimate.likely_ms, pessimistic_ms=ahead.estimate.pessimistic_ms
        ),
        feedback_link=request.feedback_link,
    )
