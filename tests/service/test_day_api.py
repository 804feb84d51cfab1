"""What goes wrong in a day by honest hands, over HTTP."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.clock import now
from libs.events.codes import Channel, Language
from libs.service.formats import full_date, local_date, long_date
from libs.site.devices import DeviceKind
from libs.site.staff import Role
from libs.stream.outbox import Outbox
from services.ticketing import reads, usecases
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office
from tests.service.running import PASSWORD, SITE, Ticketing

TODAY = local_date(now())
YESTERDAY = TODAY - timedelta(days=1)


async def forget_yesterday(ticketing: Ticketing) -> None:
    """Yesterday was worked and never closed; one visitor still waits in it."""
    standards = ticketing.edge.office.standards
    office = Office(SITE, Outbox(ticketing.pool), standards, lambda: now() - timedelta(days=1))
    await usecases.open_day(office, YESTERDAY)
    await usecases.issue(office, TicketRequest("ADV", Channel.KIOSK))


def code_of(answer: httpx.Response) -> str:
    return answer.json()["code"]


async def first_state(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    async with client.stream("GET", path, timeout=60) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


async def test_a_forgotten_closing_is_told_everywhere_and_swallows_no_ticket(
    ticketing: Ticketing,
) -> None:
    await forget_yesterday(ticketing)
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    board = await ticketing.machine(DeviceKind.BOARD)
    said = {"th": long_date(YESTERDAY, Language.THAI), "en": long_date(YESTERDAY, Language.ENGLISH)}
    assert (await kiosk.get("/api/office")).json() == {"open": False, "forgotten": said}
    assert (await board.get("/api/board")).json()["forgotten"] == said
    assert (await supervisor.get("/api/queue")).json()["forgotten"] == said

    answer = await kiosk.post("/api/tickets", json={"service": "ADV"})
    assert (answer.status_code, code_of(answer)) == (HTTPStatus.CONFLICT, "no_open_day")
    [day] = (await supervisor.get("/api/days")).json()
    assert (day["day"], day["open"], day["revision"]) == (str(YESTERDAY), False, 1)
    [step] = (await supervisor.get(f"/api/days/{YESTERDAY}/book")).json()["steps"]
    assert (step["outcome"], step["time_quality"]) == ("forgotten", "estimated")

    (await supervisor.post(f"/api/days/{TODAY}/open")).raise_for_status()
    ticket = (await kiosk.post("/api/tickets", json={"service": "ADV"})).json()
    assert ticket["day"] == str(TODAY)
    assert (await kiosk.get("/api/office")).json() == {"open": True, "forgotten": None}


async def test_opening_today_closes_what_was_forgotten(ticketing: Ticketing) -> None:
    await forget_yesterday(ticketing)
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    (await supervisor.post(f"/api/days/{TODAY}/open")).raise_for_status()
    days = (await supervisor.get("/api/days")).json()
    assert [(one["day"], one["open"]) for one in days] == [
        (str(TODAY), True),
        (str(YESTERDAY), False),
    ]
    answer = await supervisor.post(f"/api/days/{YESTERDAY}/reopen")
    assert code_of(answer) == "day_still_open"


async def test_a_day_closed_by_mistake_is_reopened_by_a_supervisor(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    clerk = await ticketing.staff(Role.CLERK)
    (await supervisor.post(f"/api/days/{TODAY}/open")).raise_for_status()
    (await clerk.post("/api/counters/1/open")).raise_for_status()
    ticket = (await clerk.post("/api/tickets", json={"service": "ADV"})).json()
    (await clerk.post("/api/counters/1/call-next")).raise_for_status()
    (await supervisor.post(f"/api/days/{TODAY}/close")).raise_for_status()
    assert code_of(await clerk.post(f"/api/days/{TODAY}/reopen")) == "not_allowed"
    (await supervisor.post(f"/api/days/{TODAY}/reopen")).raise_for_status()
    # The counter is the clerk's as before, at the same desk.
    started = await clerk.post("/api/counters/1/start", json={"visit": ticket["visit"]})
    assert started.status_code == HTTPStatus.NO_CONTENT
    ended = await clerk.post("/api/counters/1/end", json={"visit": ticket["visit"]})
    assert ended.status_code == HTTPStatus.NO_CONTENT
    totals = (await supervisor.post(f"/api/days/{TODAY}/close")).json()
    assert (totals["revision"], totals["services"][0]["served"]) == (2, 1)


@pytest.mark.parametrize("days", [-31, -1, 2, 365])
async def test_only_today_and_tomorrow_are_opened_by_hand(ticketing: Ticketing, days: int) -> None:
    """A day of the past would be closed by its first ticket."""
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    answer = await supervisor.post(f"/api/days/{TODAY + timedelta(days=days)}/open")
    assert (answer.status_code, code_of(answer)) == (422, "day_out_of_reach")


async def test_what_is_shown_live_says_what_time_it_is(ticketing: Ticketing) -> None:
    clerk = await ticketing.staff(Role.CLERK)
    for path in ("/api/board", "/api/queue", "/api/board/stream", "/api/queue/stream"):
        if path.endswith("stream"):
            state = await first_state(clerk, path)
        else:
            state = (await clerk.get(path)).json()
        assert abs(datetime.fromisoformat(state["now"]) - now()) < timedelta(minutes=1), path
        english = full_date(TODAY, Language.ENGLISH)
        assert state["today"] == str(TODAY) or state["today"]["en"] == english


async def test_one_clerk_has_one_counter(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    clerk = await ticketing.staff(Role.CLERK)
    (await supervisor.post(f"/api/days/{TODAY}/open")).raise_for_status()
    (await clerk.post("/api/counters/1/open")).raise_for_status()
    answer = await clerk.post("/api/counters/2/open")
    assert (code_of(answer), answer.json()["where"]) == ("clerk_has_counter", "counter 1")
    (await supervisor.post("/api/counters/2/open")).raise_for_status()
    assert code_of(await supervisor.post("/api/counters/3/open")) == "clerk_has_counter"
    (await clerk.post("/api/counters/1/close")).raise_for_status()
    (await clerk.post("/api/counters/3/open")).raise_for_status()


async def test_one_login_at_two_desks_is_told_apart(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    first = await ticketing.staff(Role.CLERK)
    second = await ticketing.visitor()
    credentials = {"login": str(Role.CLERK), "password": PASSWORD}
    answer = await second.post("/api/session", json=credentials)
    second.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf"]
    (await supervisor.post(f"/api/days/{TODAY}/open")).raise_for_status()
    (await first.post("/api/counters/1/open")).raise_for_status()
    await first.post("/api/tickets", json={"service": "ADV"})
    for path in ("call-next", "close"):
        refused = await second.post(f"/api/counters/1/{path}")
        assert code_of(refused) == "counter_at_another_desk", path
    assert code_of(await second.post("/api/counters/2/open")) == "clerk_has_counter"
    assert code_of(await second.post("/api/counters/2/take-over")) == "counter_not_open"
    assert code_of(await supervisor.post("/api/counters/1/take-over")) == "counter_not_open"

    (await second.post("/api/counters/1/take-over")).raise_for_status()
    assert code_of(await first.post("/api/counters/1/call-next")) == "counter_at_another_desk"
    assert (await second.post("/api/counters/1/call-next")).json()["ticket"]
    [counter] = (await first.get("/api/queue")).json()["counters"]
    [holder] = await reads.open_counters(ticketing.edge.office)
    assert counter["desk"] == str(holder.desk)
    # A supervisor may still act for anybody.
    assert (await supervisor.get("/api/queue")).json()["counters"][0]["visitor"]["ticket"]


async def test_a_wish_whose_ticket_is_dead_is_refused(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    (await supervisor.post(f"/api/days/{TODAY}/open")).raise_for_status()
    (await supervisor.post("/api/counters/1/open")).raise_for_status()
    asked = {"service": "ADV", "wish": str(uuid4())}
    ticket = (await kiosk.post("/api/tickets", json=asked)).json()
    again = await kiosk.post("/api/tickets", json=asked)
    assert (again.status_code, again.json()["ticket"]) == (201, ticket["ticket"])
    other = await kiosk.post("/api/tickets", json={**asked, "service": "INF"})
    assert (other.status_code, code_of(other)) == (409, "wish_spent")
    (await supervisor.post("/api/counters/1/call-next")).raise_for_status()
    dead = await kiosk.post("/api/tickets", json=asked)
    assert (dead.status_code, code_of(dead)) == (409, "wish_spent")
