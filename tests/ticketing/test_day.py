"""A day at the office, from its opening to its manifest, and a correction afterwards."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from libs.events.codes import (
    Channel,
    CorrectionReason,
    Outcome,
    OutOfOrder,
    TimeQuality,
    VisitorClass,
)
from libs.events.visits import (
    DayClosed,
    OutcomeCorrection,
    VisitCalled,
    VisitCorrected,
    VisitEnded,
    VisitIssued,
)
from services.ticketing import errors
from services.ticketing.model.corrections import NewEnd, NewOutcome, NewService, NewStart
from services.ticketing.model.queue import Placed
from services.ticketing.model.visits import MOST_CALLS, State, TicketRequest
from services.ticketing.office import Office
from services.ticketing.reads import board, day_book, open_counters, ticket_status, waiting
from services.ticketing.usecases import (
    call,
    call_next,
    close_counter,
    close_day,
    correct,
    end,
    issue,
    no_show,
    open_counter,
    open_day,
    recall,
    start,
    withdraw,
)
from tests.ticketing.log import log
from tests.ticketing.offices import DAY, SetClock

CLERK = uuid4()
SUPERVISOR = uuid4()


def walk_in(service: str = "INF") -> TicketRequest:
    return TicketRequest(service, Channel.KIOSK)


async def test_a_visit_from_the_kiosk_to_the_manifest(office: Office, clock: SetClock) -> None:
    await open_day(office, DAY)
    await open_counter(office, 2, CLERK)
    ticket = await issue(office, walk_in())
    clock.move(minutes=4, seconds=30)
    called = await call_next(office, 2)
    assert called is not None
    assert called.place is not None
    assert (called.visit, called.ticket, called.place.placed) == (
        ticket.visit,
        ticket.ticket,
        Placed.BY_ARRIVAL,
    )
    assert [one.ticket for one in await board(office)] == [ticket.ticket]
    clock.move(seconds=20)
    await start(office, 2, ticket.visit)
    clock.move(minutes=6)
    await end(office, 2, ticket.visit)
    manifest = await close_day(office, DAY)

    assert [said.type for said in await log(office)] == [
        "day.opened.v1",
        "counter.opened.v1",
        "visit.issued.v1",
        "visit.called.v1",
        "visit.started.v1",
        "visit.ended.v1",
        "counter.closed.v1",
        "day.closed.v1",
    ]
    assert (await log(office))[-1].data == manifest
    assert (manifest.revision, manifest.visits) == (1, 1)
    [totals] = manifest.services
    assert (totals.service, totals.steps, totals.served) == ("INF", 1, 1)
    assert (totals.wait_ms, totals.service_ms, totals.implausible) == (270_000, 360_000, 0)


async def test_a_wish_that_comes_again_gets_the_same_ticket(
    office: Office, clock: SetClock
) -> None:
    await open_day(office, DAY)
    await issue(office, walk_in())
    wished = replace(walk_in(), wish=uuid4())
    first = await issue(office, wished)
    await issue(office, walk_in())
    clock.move(minutes=1)
    again = await issue(office, wished)
    assert again == first
    assert again.forecast.people_ahead == 1
    other = await issue(office, replace(walk_in(), wish=uuid4()))
    assert other.visit != first.visit
    issued = [said for said in await log(office) if said.type == "visit.issued.v1"]
    assert len(issued) == 4


async def test_numbers_count_up_in_each_series_of_a_day(office: Office) -> None:
    await open_day(office, DAY)
    tickets = [(await issue(office, walk_in(code))).ticket for code in ("INF", "ADV", "INF")]
    info = office.standards.services["INF"].series
    advice = office.standards.services["ADV"].series
    assert tickets == [f"{info}001", f"{advice}001", f"{info}002"]


async def test_priority_goes_first_and_the_call_says_why(office: Office, clock: SetClock) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    early = await issue(office, walk_in())
    clock.move(minutes=5)
    await issue(office, TicketRequest("INF", Channel.COUNTER, VisitorClass.PRIORITY))
    queue = await waiting(office)
    assert [place.placed for place in queue] == [Placed.BY_HEAD_START, Placed.BY_ARRIVAL]
    called = await call_next(office, 1)
    assert called is not None
    assert called.out_of_order is None
    assert called.place is not None
    assert called.place.placed is Placed.BY_HEAD_START
    assert called.place.passes == (early.ticket,)
    assert called.place.head_start_ms == office.standards.head_start(VisitorClass.PRIORITY, DAY)


async def test_a_chosen_visitor_needs_a_reason_which_the_event_bears(office: Office) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    await issue(office, walk_in())
    second = await issue(office, walk_in())
    called = await call(office, 1, second.visit, OutOfOrder.FRAIL)
    assert (called.out_of_order, called.position) == (OutOfOrder.FRAIL, 2)
    said = (await log(office))[-1].data
    assert said == VisitCalled(step=1, counter=1, call=1, out_of_order=OutOfOrder.FRAIL)


async def test_choosing_who_is_next_anyway_is_no_exception(office: Office) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    first = await issue(office, walk_in())
    assert (await call(office, 1, first.visit, OutOfOrder.OTHER)).out_of_order is None


async def test_recalls_have_a_limit_and_keep_the_first_call(
    office: Office, clock: SetClock
) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    ticket = await issue(office, walk_in())
    await call_next(office, 1)
    first_call = clock.moment
    for number in range(2, MOST_CALLS + 1):
        clock.move(minutes=1)
        assert await recall(office, 1, ticket.visit) == number
    with pytest.raises(errors.CallsUsedUp):
        await recall(office, 1, ticket.visit)
    await no_show(office, 1, ticket.visit)
    [record] = await day_book(office, DAY)
    assert (record.first_called_at, record.last_called_at) == (first_call, clock.moment)
    assert (record.outcome, record.calls) == (Outcome.NO_SHOW, MOST_CALLS)


async def test_a_busy_counter_calls_nobody_and_does_not_close(office: Office) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    await issue(office, walk_in())
    await issue(office, walk_in())
    await call_next(office, 1)
    before = await log(office)
    with pytest.raises(errors.CounterBusy):
        await call_next(office, 1)
    with pytest.raises(errors.CounterBusy):
        await close_counter(office, 1)
    assert await log(office) == before, "a refusal changes nothing and says nothing"


async def test_nobody_waiting_calls_nobody(office: Office) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    assert await call_next(office, 1) is None


async def test_what_is_not_in_its_state_is_refused(office: Office) -> None:
    with pytest.raises(errors.NoOpenDay):
        await issue(office, walk_in())
    await open_day(office, DAY)
    with pytest.raises(errors.CounterNotOpen):
        await call_next(office, 1)
    with pytest.raises(errors.UnknownCounter):
        await open_counter(office, 99, CLERK)
    await open_counter(office, 1, CLERK)
    with pytest.raises(errors.CounterOpenAlready):
        await open_counter(office, 1, CLERK)
    ticket = await issue(office, walk_in())
    with pytest.raises(errors.NotAtThisCounter):
        await start(office, 1, ticket.visit)
    await call_next(office, 1)
    with pytest.raises(errors.WrongState):
        await end(office, 1, ticket.visit)
    with pytest.raises(errors.OutcomeNotGiven):
        await end(office, 1, ticket.visit, Outcome.FORGOTTEN)
    await start(office, 1, ticket.visit)
    with pytest.raises(errors.WrongState):
        await withdraw(office, ticket.visit, Outcome.REMOVED)
    with pytest.raises(errors.WrongState):
        await no_show(office, 1, ticket.visit)
    await end(office, 1, ticket.visit)
    with pytest.raises(errors.WrongState):
        await end(office, 1, ticket.visit)
    with pytest.raises(errors.UnknownVisit):
        await start(office, 1, uuid4())
    with pytest.raises(errors.ServiceNotOffered):
        await issue(office, walk_in("XYZ"))
    with pytest.raises(errors.AppointmentMismatch):
        await issue(office, TicketRequest("INF", Channel.KIOSK, VisitorClass.APPOINTMENT))


async def test_a_day_opens_once_and_alone(office: Office) -> None:
    await open_day(office, DAY)
    with pytest.raises(errors.DayKnown):
        await open_day(office, DAY)
    with pytest.raises(errors.DayStillOpen):
        await open_day(office, DAY + timedelta(days=1))
    with pytest.raises(errors.UnknownDay):
        await close_day(office, DAY + timedelta(days=1))
    await close_day(office, DAY)
    with pytest.raises(errors.DayClosed):
        await close_day(office, DAY)
    with pytest.raises(errors.DayKnown):
        await open_day(office, DAY)
    await open_day(office, DAY + timedelta(days=1))


async def test_closing_ends_the_forgotten_and_never_silently(
    office: Office, clock: SetClock
) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    for service in ("INF", "ADV", "INF"):
        await issue(office, walk_in(service))
        clock.move(minutes=1)
    called = await call_next(office, 1)
    assert called is not None
    await start(office, 1, called.visit)
    gone = (await waiting(office))[-1].waiting.visit
    await withdraw(office, gone, Outcome.LEFT)
    manifest = await close_day(office, DAY)

    ends = [said for said in await log(office) if isinstance(said.data, VisitEnded)]
    assert [(said.data, said.subject == gone) for said in ends] == [
        (VisitEnded(step=1, outcome=Outcome.LEFT, time_quality=TimeQuality.ACTUAL), True),
        (VisitEnded(step=1, outcome=Outcome.FORGOTTEN, time_quality=TimeQuality.ESTIMATED), False),
        (VisitEnded(step=1, outcome=Outcome.FORGOTTEN, time_quality=TimeQuality.ESTIMATED), False),
    ]
    assert [(row.service, row.steps, row.forgotten, row.left) for row in manifest.services] == [
        ("ADV", 1, 1, 0),
        ("INF", 2, 1, 1),
    ]
    assert await open_counters(office) == ()


async def served_day(office: Office, clock: SetClock) -> TicketRequest:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    ticket = await issue(office, walk_in())
    clock.move(minutes=3)
    await call_next(office, 1)
    await start(office, 1, ticket.visit)
    clock.move(minutes=5)
    await end(office, 1, ticket.visit)
    await close_day(office, DAY)
    return walk_in()


async def test_a_correction_to_a_closed_day_sends_the_next_revision(
    office: Office, clock: SetClock
) -> None:
    await served_day(office, clock)
    [record] = await day_book(office, DAY)
    wrong_button = CorrectionReason.WRONG_BUTTON
    await correct(office, record.visit, 1, NewOutcome(Outcome.NO_SHOW), wrong_button, SUPERVISOR)

    corrected, closed = (await log(office))[-2:]
    assert corrected.data == VisitCorrected(
        step=1,
        correction=OutcomeCorrection(field="outcome", old=Outcome.SERVED, new=Outcome.NO_SHOW),
        reason=wrong_button,
    )
    assert isinstance(closed.data, DayClosed)
    assert closed.data.revision == 2
    [totals] = closed.data.services
    assert (totals.served, totals.no_show, totals.wait_ms, totals.service_ms) == (0, 1, 0, 0)


async def test_every_field_can_be_corrected_and_counts(office: Office, clock: SetClock) -> None:
    await served_day(office, clock)
    [record] = await day_book(office, DAY)
    assert record.started_at is not None
    assert record.ended_at is not None
    changes = (
        NewService("ADV"),
        NewStart(record.started_at + timedelta(minutes=1)),
        NewEnd(record.ended_at + timedelta(minutes=1, milliseconds=7)),
    )
    for change in changes:
        await correct(office, record.visit, 1, change, CorrectionReason.WRONG_CLOCK, SUPERVISOR)
    closed = (await log(office))[-1].data
    assert isinstance(closed, DayClosed)
    assert closed.revision == 4
    assert [(row.service, row.service_ms) for row in closed.services] == [("ADV", 300_007)]


async def test_corrections_that_cannot_be_are_refused(office: Office, clock: SetClock) -> None:
    await open_day(office, DAY)
    ticket = await issue(office, walk_in())
    wrong = CorrectionReason.WRONG_BUTTON
    served = NewOutcome(Outcome.SERVED)
    with pytest.raises(errors.NotEnded):
        await correct(office, ticket.visit, 1, served, wrong, SUPERVISOR)
    clock.move(minutes=1)
    await close_day(office, DAY)
    for change, refusal in (
        (served, errors.CorrectionImpossible),
        (NewStart(clock.moment), errors.CorrectionImpossible),
        (NewOutcome(Outcome.FORGOTTEN), errors.NothingToCorrect),
        (NewService("XYZ"), errors.ServiceNotOffered),
    ):
        with pytest.raises(refusal):
            await correct(office, ticket.visit, 1, change, wrong, SUPERVISOR)
    with pytest.raises(errors.UnknownVisit):
        await correct(office, uuid4(), 1, served, wrong, SUPERVISOR)
    last = (await log(office))[-1].data
    assert isinstance(last, DayClosed)
    assert last.revision == 1


async def test_the_ticket_shows_its_place_and_then_its_counter(
    office: Office, clock: SetClock
) -> None:
    await open_day(office, DAY)
    await open_counter(office, 3, CLERK)
    first = await issue(office, walk_in())
    second = await issue(office, walk_in())
    status = await ticket_status(office, second.visit)
    assert (status.state, status.position, status.counter) == (State.WAITING, 2, None)
    await call_next(office, 3)
    status = await ticket_status(office, first.visit)
    assert (status.state, status.position, status.counter) == (State.CALLED, None, 3)
    assert (await ticket_status(office, second.visit)).position == 1
    [counter] = await open_counters(office)
    assert counter.visitor is not None
    assert counter.visitor.ticket == first.ticket
    with pytest.raises(errors.UnknownVisit):
        await ticket_status(office, uuid4())


async def test_an_estimate_is_shown_once_enough_is_known_and_stands_in_the_event(
    office: Office, clock: SetClock
) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    for _ in range(8):
        ticket = await issue(office, walk_in())
        await call_next(office, 1)
        await start(office, 1, ticket.visit)
        clock.move(minutes=5)
        await end(office, 1, ticket.visit)
    await issue(office, walk_in())
    ticket = await issue(office, walk_in())
    assert ticket.forecast.people_ahead == 1
    assert ticket.forecast.estimate is not None
    assert ticket.forecast.estimate.likely_ms == 300_000
    said = (await log(office))[-1].data
    assert isinstance(said, VisitIssued)
    assert said.estimate is not None
    assert said.estimate.likely_ms == 300_000
