"""A day that nobody closed, and a day that was closed by mistake."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from libs.events.codes import (
    Channel,
    CorrectionReason,
    Origin,
    Outcome,
    TimeQuality,
    VisitorClass,
)
from libs.events.visits import DayClosed, VisitEnded
from services.ticketing import errors
from services.ticketing.model.corrections import NewOutcome
from services.ticketing.model.service_day import is_over
from services.ticketing.model.visits import State, TicketRequest
from services.ticketing.office import Office
from services.ticketing.reads import board, day_book, day_of, open_counters, waiting, working_day
from services.ticketing.usecases import (
    call_next,
    close_day,
    correct,
    end,
    issue,
    open_counter,
    open_day,
    reopen_day,
    start,
    withdraw,
)
from services.ticketing.usecases.days import begin_day, finish_day
from tests.ticketing.log import log
from tests.ticketing.offices import DAY, MORNING, SetClock, clock_of

NEXT = DAY + timedelta(days=1)
WALK_IN = TicketRequest("INF", Channel.KIOSK)


def test_a_day_is_over_from_its_midnight_in_bangkok_on() -> None:
    last = MORNING + timedelta(hours=15, minutes=29, seconds=59)  # 23:59:59
    assert not is_over(DAY, last)
    assert is_over(DAY, last + timedelta(seconds=1))
    assert not is_over(NEXT, last)


async def forget_to_close(office: Office, clock: SetClock) -> None:
    """One visitor is served, one is at the counter, one waits; then everybody goes home."""
    await open_day(office, DAY)
    await open_counter(office, 1, uuid4())
    for _ in range(3):
        await issue(office, WALK_IN)
    called = await call_next(office, 1)
    assert called is not None
    await start(office, 1, called.visit)
    clock.move(minutes=5)
    await end(office, 1, called.visit)
    await call_next(office, 1)
    clock.move(days=1)


async def check_closed(office: Office) -> None:
    """The forgotten day is closed with its totals, and nothing of it fell into another."""
    day = await day_of(office, DAY)
    assert day is not None
    assert (day.open, day.revision) == (False, 1)
    book = await day_book(office, DAY)
    assert [(one.outcome, one.time_quality) for one in book] == [
        (Outcome.SERVED, TimeQuality.ACTUAL),
        (Outcome.FORGOTTEN, TimeQuality.ESTIMATED),
        (Outcome.FORGOTTEN, TimeQuality.ESTIMATED),
    ]
    said = await log(office)
    of_day = [one for one in said if one.service_day == DAY]
    assert isinstance(of_day[-1].data, DayClosed)
    assert (of_day[-1].data.visits, of_day[-1].data.services[0].forgotten) == (3, 2)
    ends = [one.data for one in of_day if isinstance(one.data, VisitEnded)]
    assert [one.outcome for one in ends] == ["served", "forgotten", "forgotten"]


async def test_the_first_ticket_of_a_new_date_closes_the_day_before(
    office: Office, clock: SetClock
) -> None:
    await forget_to_close(office, clock)
    with pytest.raises(errors.NoOpenDay):  # the new day is opened by a person
        await issue(office, WALK_IN)
    await check_closed(office)
    await open_day(office, NEXT)
    ticket = await issue(office, WALK_IN)
    assert (ticket.day, ticket.ticket[1:]) == (NEXT, "001")


@pytest.mark.parametrize("act", ["open a counter", "open the day"])
async def test_so_does_whatever_else_begins_a_new_date(
    office: Office, clock: SetClock, act: str
) -> None:
    await forget_to_close(office, clock)
    if act == "open a counter":
        with pytest.raises(errors.NoOpenDay):
            await open_counter(office, 2, uuid4())
    else:
        await open_day(office, NEXT)
        assert await working_day(office) == NEXT
    await check_closed(office)


async def test_many_first_tickets_close_the_day_once(office: Office, clock: SetClock) -> None:
    await forget_to_close(office, clock)
    tries = await asyncio.gather(
        *(issue(office, WALK_IN) for _ in range(12)), return_exceptions=True
    )
    assert {type(one) for one in tries} == {errors.NoOpenDay}
    await check_closed(office)


async def test_midnight_between_the_look_and_the_ticket(office: Office) -> None:
    """The day was not over when it was looked at, and is when the ticket would be issued."""
    await open_day(office, DAY)
    moments = [MORNING, MORNING + timedelta(days=1)]
    ticking = replace(office, clock=lambda: moments.pop(0) if len(moments) > 1 else moments[0])
    with pytest.raises(errors.NoOpenDay):
        await issue(ticking, WALK_IN)
    assert "visit.issued.v1" not in {one.type for one in await log(office)}


async def test_who_is_late_is_still_served_after_midnight(office: Office, clock: SetClock) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, uuid4())
    await issue(office, WALK_IN)
    clock.move(hours=16)  # 00:30
    called = await call_next(office, 1)
    assert called is not None
    await start(office, 1, called.visit)
    await end(office, 1, called.visit)
    assert (await close_day(office, DAY)).services[0].served == 1


async def test_a_day_closed_by_mistake_goes_on_as_it_was(office: Office, clock: SetClock) -> None:
    await open_day(office, DAY)
    clerk, other = uuid4(), uuid4()
    await open_counter(office, 1, clerk)
    await open_counter(office, 2, other)
    visits = [(await issue(office, WALK_IN)).visit for _ in range(5)]
    await call_next(office, 1)
    await start(office, 1, visits[0])
    await call_next(office, 2)
    await withdraw(office, visits[4], Outcome.LEFT)
    clock.move(minutes=1)
    before = await standing(office)
    await close_day(office, DAY)
    clock.move(minutes=1)
    wrong = CorrectionReason.WRONG_BUTTON
    await correct(office, visits[3], 1, NewOutcome(Outcome.LEFT), wrong, uuid4())

    clock.move(minutes=1)
    await reopen_day(office, DAY)
    day = await day_of(office, DAY)
    assert day is not None
    assert (day.open, day.revision) == (True, 2)
    expected = {**before, visits[3]: (State.ENDED, None)}
    assert await standing(office) == expected, "who was corrected meanwhile is left alone"
    assert [(one.counter, one.clerk) for one in await open_counters(office)] == [
        (1, clerk),
        (2, other),
    ]
    assert len(await board(office)) == 2
    assert [one.waiting.visit for one in await waiting(office)] == [visits[2]]
    new = await issue(office, WALK_IN)
    assert new.ticket[1:] == "006"
    await end(office, 1, visits[0])
    manifest = await close_day(office, DAY)
    assert (manifest.revision, manifest.visits) == (3, 6)
    [totals] = manifest.services
    assert (totals.served, totals.left, totals.forgotten) == (1, 2, 3)
    types = [one.type for one in await log(office)]
    again = types.index("day.opened.v1", 1)
    assert types[again : again + 6] == [
        "day.opened.v1",
        "counter.opened.v1",
        "counter.opened.v1",
        "visit.reopened.v1",
        "visit.reopened.v1",
        "visit.reopened.v1",
    ]


async def standing(office: Office) -> dict[object, tuple[State, int | None]]:
    """Where each visit of the day stands, and at which counter."""
    return {one.visit: (one.state, one.counter) for one in await day_book(office, DAY)}


async def test_a_day_is_reopened_on_its_own_date_only(office: Office, clock: SetClock) -> None:
    with pytest.raises(errors.UnknownDay):
        await reopen_day(office, DAY)
    await open_day(office, DAY)
    with pytest.raises(errors.DayStillOpen):
        await reopen_day(office, DAY)
    await close_day(office, DAY)
    with pytest.raises(errors.DayKnown):
        await open_day(office, DAY)
    clock.move(days=1)
    before = await log(office)
    with pytest.raises(errors.DayNotReopened):
        await reopen_day(office, DAY)
    await open_day(office, NEXT)
    with pytest.raises(errors.DayStillOpen):
        await reopen_day(office, DAY)
    assert [one.type for one in (await log(office))[len(before) :]] == ["day.opened.v1"]


async def test_an_imported_day_is_not_reopened(office: Office, clock: SetClock) -> None:
    past = replace(office, origin=Origin.IMPORT)
    async with past.outbox.transaction() as tx:
        await tx.lock_day_exclusive(DAY)
        await begin_day(tx, past, DAY)
        await finish_day(tx, past, DAY)
    with pytest.raises(errors.DayNotReopened):
        await reopen_day(office, DAY)


async def test_a_day_goes_on_while_others_press_too(office: Office) -> None:
    """Two supervisors reopen, a clerk issues at once: one reopening, and no ticket is lost."""
    busy = replace(office, clock=clock_of(DAY))
    await open_day(busy, DAY)
    await issue(busy, replace(WALK_IN, visitor_class=VisitorClass.PRIORITY))
    await close_day(busy, DAY)
    tries = await asyncio.gather(*(reopen_day(busy, DAY) for _ in range(4)), return_exceptions=True)
    assert sorted(str(type(one).__name__) for one in tries) == [
        "DayStillOpen",
        "DayStillOpen",
        "DayStillOpen",
        "NoneType",
    ]
    assert len(await waiting(busy)) == 1
