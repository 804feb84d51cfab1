"""The API for the counters: who waits, and what a clerk does."""

from collections.abc import AsyncGenerator
from functools import partial
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.sse import EventSourceResponse, ServerSentEvent

from libs.events.codes import CounterNumber
from libs.site.guards import Clerk, SignedIn
from libs.site.sessions import Session
from libs.site.staff import Role
from libs.site.streams import while_let_in
from services.ticketing import errors, reads, usecases
from services.ticketing.web.api_visitors import sent
from services.ticketing.web.context import Edge, TheEdge, desk_of
from services.ticketing.web.live import while_it_lasts
from services.ticketing.web.request_models import ChosenVisit, Ending, OneVisit, Withdrawal
from services.ticketing.web.response_models import CalledShown, QueueShown, Shown

router = APIRouter(prefix="/api", tags=["counters"])
Counter = Annotated[CounterNumber, Path()]


async def own_counter(counter: Counter, edge: TheEdge, clerk: Clerk, session: SignedIn) -> int:
    """The counter, which nobody else has opened, and the same login at no other desk; a supervisor
    may act at anybody else's.

    Raises CounterOfAnother, CounterAtAnotherDesk.
    """
    holder = await reads.holder_of(edge.office, counter)
    if holder is None:
        return counter
    if holder.clerk != clerk.id:
        if not clerk.role.covers(Role.SUPERVISOR):
            raise errors.CounterOfAnother(counter=counter)
    elif holder.desk not in (None, desk_of(session)):
        raise errors.CounterAtAnotherDesk(counter=counter)
    return counter


OwnCounter = Annotated[int, Depends(own_counter)]


class Recalled(Shown):
    """Which call of the visitor it was."""

    call: int


@router.get("/queue")
async def queue(edge: TheEdge, _clerk: Clerk) -> QueueShown:
    """Who waits, next first, each place explained; and the open counters."""
    return (await edge.floor.look()).queue.at(edge.office.clock())


@router.get("/queue/stream", response_class=EventSourceResponse)
async def queue_stream(edge: TheEdge, session: SignedIn) -> AsyncGenerator[ServerSentEvent]:
    """The queue at once, then at every change; ends when the session does."""
    async for event in while_it_lasts(_watched(edge, session)):
        yield event


async def _watched(edge: Edge, session: Session) -> AsyncGenerator[ServerSentEvent]:
    queue = edge.floor.watch(lambda scene: scene.queue)
    async for change in while_let_in(queue, partial(edge.doors.holds, session)):
        if change is None:
            yield ServerSentEvent(event="signed-out", data={})
        else:
            yield sent(change, edge.office.clock())


@router.post("/counters/{counter}/open", status_code=HTTPStatus.NO_CONTENT)
async def open_counter(counter: Counter, edge: TheEdge, clerk: Clerk, session: SignedIn) -> None:
    """Open a counter for whoever is signed in, at this desk. One clerk has one counter."""
    await usecases.open_counter(edge.office, counter, clerk.id, desk_of(session))


@router.post("/counters/{counter}/take-over", status_code=HTTPStatus.NO_CONTENT)
async def take_over(counter: Counter, edge: TheEdge, clerk: Clerk, session: SignedIn) -> None:
    """Go on here with the counter that the same login has opened at another desk."""
    await usecases.take_over(edge.office, counter, clerk.id, desk_of(session))


@router.post("/counters/{counter}/close", status_code=HTTPStatus.NO_CONTENT)
async def close_counter(counter: OwnCounter, edge: TheEdge) -> None:
    await usecases.close_counter(edge.office, counter)


@router.post("/counters/{counter}/call-next")
async def call_next(counter: OwnCounter, edge: TheEdge) -> CalledShown | None:
    """Call whoever is next by the queue's rule, and say why; null when nobody waits."""
    called = await usecases.call_next(edge.office, counter)
    return None if called is None else CalledShown.of(called)


@router.post("/counters/{counter}/call")
async def call(counter: OwnCounter, asked: ChosenVisit, edge: TheEdge) -> CalledShown:
    """Call a chosen visitor before those who were there first, for a reason."""
    return CalledShown.of(await usecases.call(edge.office, counter, asked.visit, asked.reason))


@router.post("/counters/{counter}/recall")
async def recall(counter: OwnCounter, asked: OneVisit, edge: TheEdge) -> Recalled:
    """Call the same visitor again."""
    return Recalled(call=await usecases.recall(edge.office, counter, asked.visit))


@router.post("/counters/{counter}/start", status_code=HTTPStatus.NO_CONTENT)
async def start(counter: OwnCounter, asked: OneVisit, edge: TheEdge) -> None:
    """The visitor came: service begins."""
    await usecases.start(edge.office, counter, asked.visit)


@router.post("/counters/{counter}/end", status_code=HTTPStatus.NO_CONTENT)
async def end(counter: OwnCounter, asked: Ending, edge: TheEdge) -> None:
    """The visit ends, with its outcome."""
    await usecases.end(edge.office, counter, asked.visit, asked.outcome)


@router.post("/counters/{counter}/no-show", status_code=HTTPStatus.NO_CONTENT)
async def no_show(counter: OwnCounter, asked: OneVisit, edge: TheEdge) -> None:
    """The visitor who was called did not come."""
    await usecases.no_show(edge.office, counter, asked.visit)


@router.post("/visits/{visit}/withdraw", status_code=HTTPStatus.NO_CONTENT)
async def withdraw(visit: UUID, asked: Withdrawal, edge: TheEdge, _clerk: Clerk) -> None:
    """A waiting visitor left, or the ticket was a mistake."""
    await usecases.withdraw(edge.office, visit, asked.outcome)
