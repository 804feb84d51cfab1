"""Many at once: no number twice, no visitor to two counters, no visit beside the totals."""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta
from uuid import uuid4

from libs.database.statements import statements
from libs.events.codes import Channel, Outcome
from libs.events.durations import between
from libs.events.visits import DayClosed, VisitCalled, VisitEnded, VisitIssued, VisitStarted
from saduak.provision.postgres import SiteDatabase
from services.ticketing import errors
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office
from services.ticketing.usecases import (
    call_next,
    close_day,
    end,
    issue,
    no_show,
    open_counter,
    open_day,
    start,
)
from tests.ticketing.log import Said, log
from tests.ticketing.offices import DAY, MORNING, clock_of, with_counters

SQL = statements("tests.ticketing", "sql/queue.sql")
CLERK = uuid4()
CALLS = 5000
CLERKS_A_PROCESS = 4


async def test_tickets_taken_at_once_get_each_number_once(office: Office) -> None:
    await open_day(office, DAY)

    async def kiosk() -> list[str]:
        return [
            (await issue(office, TicketRequest("INF", Channel.KIOSK))).ticket for _ in range(20)
        ]

    tickets = [
        ticket for some in await asyncio.gather(*(kiosk() for _ in range(16))) for ticket in some
    ]
    assert len(set(tickets)) == len(tickets) == 320
    numbers = [row["number"] for row in await office.pool.fetch(SQL.series_numbers, DAY)]
    assert numbers == list(range(1, 321))


async def test_one_wish_said_at_once_from_everywhere_gets_one_ticket(office: Office) -> None:
    await open_day(office, DAY)
    wished = TicketRequest("INF", Channel.KIOSK, wish=uuid4())
    tickets = await asyncio.gather(*(issue(office, wished) for _ in range(16)))
    assert len({ticket.visit for ticket in tickets}) == 1
    assert [said.type for said in await log(office)].count("visit.issued.v1") == 1


async def caller(database: SiteDatabase, counters: list[int]) -> asyncio.subprocess.Process:
    """Another process of the service, ready to call to ``counters``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.ticketing.caller",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    task = {
        "database": asdict(database.app("ticketing")),
        "counters": counters,
        "calls": CALLS // 2,
    }
    process.stdin.write(json.dumps(task).encode() + b"\n")
    assert await process.stdout.readline() == b"ready\n"
    return process


async def test_two_processes_calling_5000_times_never_call_one_visitor_twice(
    office: Office, site_database: SiteDatabase
) -> None:
    counters = list(range(1, 2 * CLERKS_A_PROCESS + 1))
    many = replace(office, standards=with_counters(office.standards, len(counters)))
    await open_day(many, DAY)
    for counter in counters:
        await open_counter(many, counter, uuid4())
    await office.pool.execute(SQL.fill_visits, DAY, CALLS, MORNING)
    await office.pool.execute(SQL.fill_steps, DAY)

    processes = [
        await caller(site_database, counters[:CLERKS_A_PROCESS]),
        await caller(site_database, counters[CLERKS_A_PROCESS:]),
    ]
    outputs = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    called = [set(out.decode().split()) for out, _ in outputs]
    assert not called[0] & called[1]
    assert min(len(some) for some in called) > 0
    assert sum(len(some) for some in called) == CALLS
    calls = Counter(row["calls"] for row in await office.pool.fetch(SQL.calls_by_visit))
    assert calls == {1: CALLS}
    [log_size] = await office.pool.fetch(SQL.holes)
    assert log_size["events"] == log_size["last"]


async def test_one_visitor_and_sixteen_counters(office: Office) -> None:
    many = replace(office, standards=with_counters(office.standards, 16))
    await open_day(many, DAY)
    for counter in range(1, 17):
        await open_counter(many, counter, uuid4())
    for _ in range(5):
        await issue(many, TicketRequest("INF", Channel.KIOSK))
        calls = await asyncio.gather(*(call_next(many, counter) for counter in range(1, 17)))
        [called] = [call for call in calls if call is not None]
        await no_show(many, called.counter, called.visit)


async def test_one_counter_pressed_twice_has_one_visitor(office: Office) -> None:
    await open_day(office, DAY)
    await open_counter(office, 1, CLERK)
    for _ in range(4):
        await issue(office, TicketRequest("INF", Channel.KIOSK))
    pressed = await asyncio.gather(
        *(call_next(office, 1) for _ in range(4)), return_exceptions=True
    )
    assert Counter(type(one).__name__ for one in pressed) == {"Called": 1, "CounterBusy": 3}


async def clerk(office: Office, counter: int) -> int:
    """Issue, call, serve and end until the day closes; how many visits ended."""
    ended = 0
    try:
        while True:
            await issue(office, TicketRequest(("INF", "ADV", "MED")[ended % 3], Channel.KIOSK))
            called = await call_next(office, counter)
            if called is None:
                continue
            await start(office, counter, called.visit)
            await end(
                office, counter, called.visit, (Outcome.SERVED, Outcome.REMOVED)[ended % 7 == 6]
            )
            ended += 1
    except errors.NoOpenDay:
        return ended


def counted(events: list[Said]) -> dict[str, Counter[str]]:
    """The day's totals a second way: folded from the events before the manifest."""
    issued = {said.subject: said for said in events if isinstance(said.data, VisitIssued)}
    called = {said.subject: said.time for said in events if isinstance(said.data, VisitCalled)}
    started = {said.subject: said.time for said in events if isinstance(said.data, VisitStarted)}
    totals: dict[str, Counter[str]] = {}
    for said in events:
        if not isinstance(said.data, VisitEnded):
            continue
        ticket = issued[said.subject]
        assert isinstance(ticket.data, VisitIssued)
        total = totals.setdefault(ticket.data.service, Counter())
        total["steps"] += 1
        total[said.data.outcome.value] += 1
        if said.data.outcome is Outcome.SERVED:
            total["wait_ms"] += between(ticket.time, called[said.subject])
            total["service_ms"] += between(started[said.subject], said.time)
    return totals


async def test_closing_against_eight_busy_clerks_misses_no_visit(office: Office) -> None:
    eight = with_counters(office.standards, 8)
    for number in range(3):
        day = DAY + timedelta(days=number)
        busy = replace(office, standards=eight, clock=clock_of(day))
        await open_day(busy, day)
        for counter in range(1, 9):
            await open_counter(busy, counter, uuid4())
        clerks = [asyncio.create_task(clerk(busy, counter)) for counter in range(1, 9)]
        while await busy.pool.fetchval(SQL.events_of_day, day) < 400:
            await asyncio.sleep(0)
        manifest = await asyncio.wait_for(close_day(busy, day), 30)
        assert sum(await asyncio.gather(*clerks)) > 20

        events = [said for said in await log(busy) if said.service_day == day]
        assert isinstance(events[-1].data, DayClosed), "an event came after the manifest"
        assert events[-1].data == manifest
        totals = counted(events[:-1])
        for row in manifest.services:
            said = totals.pop(row.service)
            assert row.model_dump(exclude={"service", "implausible"}) == {
                name: said[name] for name in row.model_dump(exclude={"service", "implausible"})
            }
        assert not totals
        assert manifest.visits == sum(isinstance(said.data, VisitIssued) for said in events)
