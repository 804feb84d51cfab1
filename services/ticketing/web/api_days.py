"""The API for the service day: opening, closing with its totals, and corrections."""

from datetime import date, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from libs.events.codes import Channel, Origin, Outcome, TimeQuality, VisitorClass
from libs.events.visits import DayClosed
from libs.service.formats import local_date
from libs.service.language import say
from libs.service.problems import Problem
from libs.service.times import AskedDay
from libs.site.guards import Acting, Clerk, Supervisor
from services.ticketing import reads, usecases
from services.ticketing.model.visits import State, StepRecord
from services.ticketing.web.context import TheEdge
from services.ticketing.web.request_models import NewCorrection, Resolution
from services.ticketing.web.response_models import OddShown, Shown

router = APIRouter(prefix="/api", tags=["days"])
LATEST = timedelta(days=1)
"""An office may open its day in the evening before. A day of the past would be closed by its first
ticket."""
NEWEST = 30


class DayShown(Shown):
    """A service day."""

    day: date
    open: bool
    origin: Origin
    revision: int
    opened_at: datetime
    closed_at: datetime | None


class StepShown(Shown):
    """A line of the day book."""

    visit: UUID
    step: int
    ticket: str
    service: str
    channel: Channel
    visitor_class: VisitorClass
    state: State
    queued_at: datetime
    counter: int | None
    calls: int
    first_called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    time_quality: TimeQuality | None


class DayBookShown(Shown):
    """The day book: every step in order of arrival, and the tickets that can't be shown."""

    steps: tuple[StepShown, ...]
    odd: tuple[OddShown, ...]


@router.get("/days")
async def days(edge: TheEdge, _clerk: Clerk) -> tuple[DayShown, ...]:
    """The newest service days, newest first."""
    return tuple(
        DayShown(
            day=one.day,
            open=one.open,
            origin=one.origin,
            revision=one.revision,
            opened_at=one.opened_at,
            closed_at=one.closed_at,
        )
        for one in await reads.days(edge.office, NEWEST)
    )


@router.get("/days/{day}/book")
async def day_book(day: AskedDay, edge: TheEdge, _supervisor: Supervisor) -> DayBookShown:
    """Every step of a day, in order of arrival."""
    book = await reads.day_book(edge.office, day)
    return DayBookShown(
        steps=tuple(_line(one) for one in book), odd=tuple(OddShown.of(one) for one in book.odd)
    )


@router.post("/days/{day}/open", status_code=HTTPStatus.NO_CONTENT)
async def open_day(day: AskedDay, edge: TheEdge, _supervisor: Supervisor, by: Acting) -> None:
    """Open a service day for visitors; an earlier one that nobody closed is closed first."""
    today = local_date(edge.office.clock())
    if not today <= day <= today + LATEST:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "day_out_of_reach",
            say("This day is too far from today to be opened."),
            say("Check the date and its year; open today's service day."),
            str(day),
        )
    await usecases.open_day(edge.office, day, by)


@router.post("/days/{day}/close")
async def close_day(day: AskedDay, edge: TheEdge, _supervisor: Supervisor, by: Acting) -> DayClosed:
    """Close a service day; its control totals, as they go to the nation."""
    return await usecases.close_day(edge.office, day, by)


@router.post("/days/{day}/reopen", status_code=HTTPStatus.NO_CONTENT)
async def reopen_day(day: AskedDay, edge: TheEdge, _supervisor: Supervisor, by: Acting) -> None:
    """Go on with today's service day, which was closed by mistake."""
    await usecases.reopen_day(edge.office, day, by)


@router.post("/days/{day}/resolve", status_code=HTTPStatus.NO_CONTENT)
async def resolve_day(
    day: AskedDay, asked: Resolution, edge: TheEdge, _supervisor: Supervisor, by: Acting
) -> None:
    """Say that a day of which a restore lost records was looked into."""
    await usecases.resolve_day(edge.office, day, asked.reason, by)


@router.post("/visits/{visit}/corrections", status_code=HTTPStatus.NO_CONTENT)
async def correct(
    visit: UUID, asked: NewCorrection, edge: TheEdge, supervisor: Supervisor, by: Acting
) -> None:
    """Correct a step that has ended, for a reason; a closed day gets its next revision."""
    await usecases.correct(
        edge.office, visit, asked.step, asked.change.change(), asked.reason, supervisor.id, by
    )


def _line(step: StepRecord) -> StepShown:
    return StepShown(
        visit=step.visit,
        step=step.step,
        ticket=step.ticket,
        service=step.service,
        channel=step.channel,
        visitor_class=step.visitor_class,
        state=step.state,
        queued_at=step.queued_at,
        counter=step.counter,
        calls=step.calls,
        first_called_at=step.first_called_at,
        started_at=step.started_at,
        ended_at=step.ended_at,
        outcome=step.outcome,
        time_quality=step.time_quality,
    )
