"""The pages: kiosk, a ticket's own, counter console, waiting-room board, the day."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from libs.events.codes import CorrectionReason, Outcome, OutOfOrder
from libs.events.restoration import ResolutionReason
from libs.service.formats import local_date
from libs.service.times import AskedDay
from libs.site.devices import DeviceKind
from libs.site.guards import NOT_ALLOWED, Doors, SignedIn
from libs.site.sessions import Session
from libs.site.staff import Role
from services.ticketing import reads
from services.ticketing.usecases.day_totals import totals_of
from services.ticketing.web.api_visitors import ticket_of
from services.ticketing.web.context import Edge, TheEdge, desk_of
from services.ticketing.web.response_models import NoticeShown, OddShown, OfficeShown, forgotten_day

router = APIRouter(include_in_schema=False)
NEWEST_DAYS = 14


@router.get("/")
async def root() -> Response:
    """Staff begin at the console; machines are sent to their own page when they are let in."""
    return RedirectResponse("/console", 303)


@router.get("/kiosk")
async def kiosk(request: Request, edge: TheEdge) -> Response:
    """Choose a language and a service, take a ticket."""
    if not await _may_show(request, edge.doors, DeviceKind.KIOSK):
        return RedirectResponse("/enrol", 303)
    session = await edge.doors.session(request)
    response = edge.pages.render(
        request,
        "kiosk.html",
        {
            "services": edge.services(),
            "csrf": session.csrf if session else "",
            "office": OfficeShown.of(await reads.working_day(edge.office), edge.office.clock()),
        },
    )
    edge.doors.renew_device(request, response)
    return response


@router.get("/board")
async def board(request: Request, edge: TheEdge) -> Response:
    """Which number goes to which counter."""
    if not await _may_show(request, edge.doors, DeviceKind.BOARD):
        return RedirectResponse("/enrol", 303)
    response = edge.pages.render(request, "board.html", {})
    edge.doors.renew_device(request, response)
    return response


@router.get("/t/{token}")
async def ticket(request: Request, token: str, edge: TheEdge) -> Response:
    """A ticket's own page, on the visitor's phone."""
    status = await ticket_of(edge, token)
    return edge.pages.render(request, "ticket.html", {"status": status, "token": token})


@router.get("/console")
async def console(request: Request, edge: TheEdge, session: SignedIn) -> Response:
    """The counter's console."""
    return edge.pages.render(
        request,
        "console.html",
        {
            **await about(edge, session),
            "desk": str(desk_of(session)),
            "counters": range(1, edge.office.place.counters + 1),
            "services": edge.services(),
            "names": edge.names(),
            "reasons": list(OutOfOrder),
        },
    )


@router.get("/day")
async def day(
    request: Request,
    edge: TheEdge,
    session: SignedIn,
    of: Annotated[AskedDay | None, Query(alias="day")] = None,
) -> Response:
    """The supervisor's page of a service day: open, close, totals, corrections."""
    if not session.staff.role.covers(Role.SUPERVISOR):
        raise NOT_ALLOWED
    office = edge.office
    known = await reads.days(office, NEWEST_DAYS)
    working = await reads.working_day(office)
    today = local_date(office.clock())
    chosen = of or working or today
    book = await reads.day_book(office, chosen)
    return edge.pages.render(
        request,
        "day.html",
        {
            **await about(edge, session),
            "days": known,
            "working": working,
            "forgotten": forgotten_day(working, office.clock()),
            "today": today,
            "chosen": chosen,
            "state": await reads.day_of(office, chosen),
            "book": book,
            "totals": totals_of(book),
            "odd": [OddShown.of(one) for one in book.odd],
            "services": edge.services(),
            "names": edge.names(),
            "reasons": list(CorrectionReason),
            "doubtful": await reads.doubtful_days(office),
            "findings": list(ResolutionReason),
            "outcomes": [one for one in Outcome if one is not Outcome.FORGOTTEN],
        },
    )


async def about(edge: Edge, session: Session) -> dict[str, object]:
    """What every staff page knows: who is signed in, by which edition the office works, and what
    the centre wants to be read."""
    staff, office = session.staff, edge.office
    return {
        "edition": office.standards.edition(local_date(office.clock())),
        "staff": staff,
        "csrf": session.csrf,
        "supervises": staff.role.covers(Role.SUPERVISOR),
        "notices": NoticeShown.of_each(await reads.notices(office)),
    }


async def _may_show(request: Request, doors: Doors, kind: DeviceKind) -> bool:
    device = await doors.device(request)
    if device is not None and device.kind is kind:
        return True
    return await doors.session(request) is not None
