"""A wish that is said again after a lost answer: which ticket it may still get."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from libs.events.codes import Channel, Outcome, VisitorClass
from services.ticketing import errors
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office
from services.ticketing.usecases import (
    call_next,
    close_day,
    issue,
    no_show,
    open_counter,
    open_day,
    start,
    withdraw,
)
from tests.ticketing.log import log
from tests.ticketing.offices import DAY, SetClock


def wished(service: str = "INF") -> TicketRequest:
    return TicketRequest(service, Channel.KIOSK, wish=uuid4())


async def refused(office: Office, request: TicketRequest) -> None:
    """The wish is spent, and nothing is said."""
    before = await log(office)
    with pytest.raises(errors.WishSpent):
        await issue(office, request)
    assert await log(office) == before


async def test_a_ticket_that_no_longer_waits_is_not_given_again(
    office: Office, clock: SetClock
) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, uuid4())
    request = wished()
    first = await issue(office, request)
    assert (await issue(office, request)).visit == first.visit
    await call_next(office, 1)
    await refused(office, request)  # called: the number is on the board, and nobody knows whose
    await no_show(office, 1, first.visit)
    await refused(office, request)  # called in vain
    fresh = await issue(office, replace(request, wish=uuid4()))
    assert fresh.ticket != first.ticket

    served = wished()
    ticket = await issue(office, served)
    await withdraw(office, fresh.visit, Outcome.LEFT)
    await call_next(office, 1)
    await start(office, 1, ticket.visit)
    await refused(office, served)

    gone = wished()
    ticket = await issue(office, gone)
    await withdraw(office, ticket.visit, Outcome.REMOVED)
    await refused(office, gone)


async def test_a_wish_is_good_for_one_request_only(office: Office, clock: SetClock) -> None:
    await open_day(office, DAY)
    request = wished()
    booked = replace(
        wished(),
        visitor_class=VisitorClass.APPOINTMENT,
        appointment=clock.moment + timedelta(hours=1),
    )
    tickets = [await issue(office, one) for one in (request, booked)]
    for other in (
        replace(request, service="ADV"),
        replace(request, visitor_class=VisitorClass.PRIORITY),
        replace(request, channel=Channel.COUNTER),
        replace(booked, appointment=clock.moment + timedelta(hours=2)),
    ):
        await refused(office, other)
    again = [await issue(office, one) for one in (request, booked)]
    assert [one.visit for one in again] == [one.visit for one in tickets]


async def test_a_wish_ends_with_its_day(office: Office, clock: SetClock) -> None:
    await open_day(office, DAY)
    request = wished()
    await issue(office, request)
    await close_day(office, DAY)
    with pytest.raises(errors.NoOpenDay):
        await issue(office, request)
    clock.move(days=1)
    await open_day(office, DAY + timedelta(days=1))
    await refused(office, request)
