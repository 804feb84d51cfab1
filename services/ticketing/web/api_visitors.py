"""The API for visitors: a ticket at the kiosk, where it stands, and the waiting room's board."""

from collections.abc import AsyncGenerator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from libs.database.troubles import trouble_of
from libs.events.codes import Channel
from libs.service.language import say
from libs.service.problems import Problem
from libs.site.devices import Device, DeviceKind
from libs.site.guards import machine
from libs.site.links import BadLink, verify
from libs.site.sessions import Session
from libs.site.streams import while_let_in
from services.ticketing import reads, usecases
from services.ticketing.model.visits import TicketRequest
from services.ticketing.web.context import Edge, TheEdge
from services.ticketing.web.live import Beat, Seen, while_it_lasts
from services.ticketing.web.request_models import NewTicket
from services.ticketing.web.response_models import (
    BoardShown,
    OfficeShown,
    ServiceShown,
    StatusShown,
    TicketShown,
    Timed,
)

router = APIRouter(prefix="/api", tags=["visitors"])

Kiosk = Annotated[Device | Session, Depends(machine(DeviceKind.KIOSK))]
Board = Annotated[Device | Session, Depends(machine(DeviceKind.BOARD))]

AnyTimed = TypeVar("AnyTimed", bound=Timed)

NO_TICKET = Problem(
    HTTPStatus.NOT_FOUND,
    "no_ticket",
    say("This link belongs to no ticket of this office."),
    say("Scan the code on your ticket again, or ask at the information point."),
)


def _too_fast(seconds: int) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_fast",
        say("One moment, please: many tickets are being taken here."),
        say("Please wait: the ticket comes by itself."),
        again_after=seconds,
    )


@router.get("/services")
async def services(edge: TheEdge) -> tuple[ServiceShown, ...]:
    """What the office offers."""
    return edge.services()


@router.get("/office")
async def office(edge: TheEdge, _by: Kiosk) -> OfficeShown:
    """Whether tickets are given now. A kiosk asks this again and again."""
    return OfficeShown.of(await reads.working_day(edge.office), edge.office.clock())


@router.post("/tickets", status_code=HTTPStatus.CREATED)
async def issue(asked: NewTicket, edge: TheEdge, by: Kiosk) -> TicketShown:
    """Issue a ticket: at an enrolled kiosk, or by staff for a visitor.

    A kiosk that asks too fast is told after how many seconds to ask again (429, ``Retry-After``);
    the same ``wish`` then gets one ticket, however often it was asked for.
    """
    if isinstance(by, Device):
        wait = edge.tickets.take(by.id)
        if wait is not None:
            raise _too_fast(wait)
    request = TicketRequest(
        service=asked.service,
        channel=Channel.KIOSK if isinstance(by, Device) else Channel.COUNTER,
        visitor_class=asked.visitor_class,
        appointment=asked.appointment,
        feedback_link=edge.peer_url is not None,
        wish=asked.wish,
    )
    return edge.ticket(await usecases.issue(edge.office, request))


@router.get("/tickets/{token}")
async def status(token: str, edge: TheEdge) -> StatusShown:
    """Where the ticket of a signed link stands."""
    return await ticket_of(edge, token)


@router.get("/board")
async def board(edge: TheEdge, _by: Board) -> BoardShown:
    """What the board shows now: the fallback of a board whose stream is cut."""
    return (await edge.floor.look()).board.at(edge.office.clock())


@router.get("/board/stream", response_class=EventSourceResponse)
async def board_stream(edge: TheEdge, by: Board) -> AsyncGenerator[ServerSentEvent]:
    """The board at once, then at every change; a beat every 15 seconds between. Ends when the
    machine is sent away, or who signed in is."""

    async def holds() -> bool:
        try:
            return await edge.doors.holds(by)
        except Exception as error:
            if trouble_of(error) is None:
                raise
            return True  # while the database is away nobody can say; the board tells it is old

    shown = edge.floor.watch(lambda scene: scene.board)
    async for change in while_it_lasts(while_let_in(shown, holds)):
        if change is not None:
            yield sent(change, edge.office.clock())


def sent(change: Seen[AnyTimed] | Beat, moment: datetime) -> ServerSentEvent:
    """A change of the scene, or a beat, as a stream carries it at ``moment``."""
    if isinstance(change, Beat):
        beat = {"fresh": change.fresh, "now": moment.isoformat()}
        return ServerSentEvent(event="beat", data=beat)
    return ServerSentEvent(event="state", id=str(change.version), data=change.part.at(moment))


async def ticket_of(edge: Edge, token: str) -> StatusShown:
    """Where the ticket that ``token`` was signed for stands; a problem for any other token."""
    try:
        link = verify(token, edge.link_key)
    except BadLink:
        raise NO_TICKET from None
    return edge.status(await reads.ticket_status(edge.office, link.visit), token)
