"""What the pages and the API of ticketing are handed with each request."""

from dataclasses import dataclass
from typing import Annotated, cast
from uuid import UUID

import segno
from fastapi import Depends, Request

from libs.service.formats import local_date
from libs.service.pages import Pages
from libs.site.guards import Doors
from libs.site.links import VisitLink, sign
from libs.site.paces import Buckets
from libs.site.sessions import Session
from libs.site.tokens import digest
from services.ticketing.office import Office
from services.ticketing.reads import TicketStatus
from services.ticketing.usecases.issuing import Ticket
from services.ticketing.web.live import Floor
from services.ticketing.web.response_models import (
    Both,
    EstimateShown,
    ServiceShown,
    StatusShown,
    TicketShown,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """The office, and what its pages need besides."""

    office: Office
    doors: Doors
    pages: Pages
    floor: Floor
    tickets: Buckets
    """How fast each kiosk may take tickets."""
    link_key: bytes
    public_url: str | None
    """Where visitors reach this service, for the link to a ticket's own page."""
    peer_url: str | None
    """Where visitors rate their visit."""

    def service(self, code: str) -> ServiceShown:
        return ServiceShown.of(self.office.standards.service(code))

    def services(self) -> tuple[ServiceShown, ...]:
        """What the office offers today, in the order of its list."""
        today = local_date(self.office.clock())
        return tuple(self.service(code) for code in self.office.offered(today))

    def names(self) -> dict[str, Both]:
        """What each service of the standards is called, also where it is not offered any more."""
        return {code: self.service(code).name for code in self.office.standards.services}

    def ticket(self, ticket: Ticket) -> TicketShown:
        """A ticket as it is handed out: with its links, signed."""
        token = sign(VisitLink(ticket.visit, ticket.service, ticket.day), self.link_key)
        url = f"{self.public_url}/t/{token}" if self.public_url else None
        return TicketShown(
            visit=ticket.visit,
            ticket=ticket.ticket,
            service=self.service(ticket.service),
            day=ticket.day,
            issued_at=ticket.issued_at,
            people_ahead=ticket.forecast.people_ahead,
            estimate=EstimateShown.of(ticket.forecast.estimate),
            token=token,
            ticket_url=url,
            rating_url=self.rating_url(token),
            qr=qr(url) if url else None,
        )

    def status(self, status: TicketStatus, token: str) -> StatusShown:
        """Where a ticket stands, as its visitor is told."""
        forecast = status.forecast
        return StatusShown(
            ticket=status.ticket,
            service=self.service(status.service),
            day=status.day,
            state=status.state,
            position=status.position,
            people_ahead=forecast.people_ahead if forecast else None,
            estimate=EstimateShown.of(forecast.estimate) if forecast else None,
            counter=status.counter,
            call=status.call,
            outcome=status.outcome,
            rating_url=self.rating_url(token),
        )

    def rating_url(self, token: str) -> str | None:
        return f"{self.peer_url}/r/{token}" if self.peer_url else None


def qr(address: str) -> str:
    """``address`` as an SVG to scan, without scripts or styles."""
    code = segno.make_qr(address, error="m")
    return code.svg_inline(scale=4, border=2, omitsize=True, svgclass=None, lineclass=None)


def desk_of(session: Session) -> UUID:
    """The desk that somebody works at: the browser they signed in with. It tells two desks of one
    login apart, and says nothing of the session's token."""
    return UUID(bytes=digest(session.token)[:16])


def edge_of(request: Request) -> Edge:
    """The edge of the application that ``request`` came to."""
    return cast(Edge, request.app.state.edge)


TheEdge = Annotated[Edge, Depends(edge_of)]
