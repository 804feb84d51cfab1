"""A day at the office over HTTP: kiosk, counter, supervisor, phone and board."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx

from libs.clock import now
from libs.database.statements import statements
from libs.service.formats import local_date
from libs.site.devices import DeviceKind
from libs.site.links import verify
from libs.site.staff import Role
from services.ticketing import usecases
from tests.service.running import PEER, Ticketing

SQL = statements("tests.service", "sql/service.sql")
TODAY = local_date(now())


async def open_office(ticketing: Ticketing) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """The supervisor has opened the day and a clerk counter 1; the two."""
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    clerk = await ticketing.staff(Role.CLERK)
    (await supervisor.post(f"/api/days/{TODAY}/open")).raise_for_status()
    (await clerk.post("/api/counters/1/open")).raise_for_status()
    return supervisor, clerk


async def take(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.post("/api/tickets", json={"service": "ADV", **asked})
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    return answer.json()


async def states(client: httpx.AsyncClient, path: str) -> AsyncGenerator[dict[str, Any]]:
    """The states that a stream sends."""
    async with client.stream("GET", path, timeout=60) as stream:
        assert stream.status_code == HTTPStatus.OK
        event = ""
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: ") and event == "state":
                yield json.loads(line.removeprefix("data: "))


async def until(
    stream: AsyncGenerator[dict[str, Any]], wanted: Callable[[dict[str, Any]], object]
) -> dict[str, Any]:
    async with asyncio.timeout(60):
        async for state in stream:
            if wanted(state):
                return state
    raise AssertionError("the stream ended")


async def test_a_day_from_the_kiosk_to_the_totals(ticketing: Ticketing) -> None:
    supervisor, clerk = await open_office(ticketing)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    services = (await kiosk.get("/api/services")).json()
    assert "ADV" in {service["code"] for service in services}

    first = await take(kiosk)
    second = await take(kiosk)
    urgent = await take(clerk, visitor_class="priority")
    assert (first["people_ahead"], second["people_ahead"]) == (0, 1)
    assert first["rating_url"] == f"{PEER}/r/{first['token']}"
    assert first["ticket_url"] == f"{ticketing.url}/t/{first['token']}"
    assert "<svg" in first["qr"]
    assert str(verify(first["token"], ticketing.edge.link_key).visit) == first["visit"]

    called = (await clerk.post("/api/counters/1/call-next")).json()
    assert called["visit"] == urgent["visit"]
    assert first["ticket"] in called["why"]["en"]
    assert called["why"]["th"].startswith("คิวที่ควรได้รับบริการก่อน")

    phone = await ticketing.visitor()
    status = (await phone.get(f"/api/tickets/{first['token']}")).json()
    assert (status["state"], status["position"]) == ("waiting", 1)
    mine = {"visit": urgent["visit"]}
    assert (await clerk.post("/api/counters/1/recall", json=mine)).json() == {"call": 2}
    assert (await clerk.post("/api/counters/1/start", json=mine)).status_code == 204
    assert (await clerk.post("/api/counters/1/end", json=mine)).status_code == 204

    chosen = {"visit": second["visit"], "reason": "frail"}
    assert (await clerk.post("/api/counters/1/call", json=chosen)).json()["out_of_order"] == "frail"
    no_show = await clerk.post("/api/counters/1/no-show", json={"visit": second["visit"]})
    assert no_show.status_code == 204
    left = {"outcome": "left"}
    assert (await clerk.post(f"/api/visits/{first['visit']}/withdraw", json=left)).is_success
    assert (await clerk.post("/api/counters/1/call-next")).json() is None
    assert (await clerk.post("/api/counters/1/close")).status_code == 204

    totals = (await supervisor.post(f"/api/days/{TODAY}/close")).json()
    assert totals["visits"] == 3
    [line] = totals["services"]
    assert {name: line[name] for name in ("served", "no_show", "left")} == {
        "served": 1,
        "no_show": 1,
        "left": 1,
    }
    correction = {
        "reason": "wrong_button",
        "change": {"field": "outcome", "new": "left"},
    }
    path = f"/api/visits/{second['visit']}/corrections"
    assert (await supervisor.post(path, json=correction)).status_code == 204
    [day] = (await supervisor.get("/api/days")).json()
    assert (day["open"], day["revision"]) == (False, 2)
    book = (await supervisor.get(f"/api/days/{TODAY}/book")).json()
    assert [step["outcome"] for step in book["steps"]] == ["left", "left", "served"]
    assert book["odd"] == []


async def test_a_refusal_says_what_where_and_how_to_mend_it(ticketing: Ticketing) -> None:
    _, clerk = await open_office(ticketing)
    answer = await clerk.post("/api/counters/1/open")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "counter_open_already"
    assert problem["where"] == "counter 1"
    assert all(problem[part][language] for part in ("what", "mend") for language in ("th", "en"))
    wrong = await clerk.post("/api/counters/1/call", json={"visit": "x", "reason": "y"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "body.visit" in wrong.json()["where"]
    metrics = (await (await ticketing.operator()).get("/metrics")).text
    assert 'saduak_ticketing_refusals_total{code="counter_open_already"} 1.0' in metrics


async def test_a_days_date_is_within_reach(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    answer = await supervisor.post(f"/api/days/{TODAY + timedelta(days=365)}/open")
    assert answer.json()["code"] == "day_out_of_reach"


async def test_roles_and_machines_open_their_own_doors_only(ticketing: Ticketing) -> None:
    supervisor, clerk = await open_office(ticketing)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    board = await ticketing.machine(DeviceKind.BOARD)
    stranger = await ticketing.visitor()
    assert (await clerk.post(f"/api/days/{TODAY}/close")).json()["code"] == "not_allowed"
    assert (await board.post("/api/tickets", json={"service": "ADV"})).status_code == 403
    assert (await stranger.post("/api/tickets", json={"service": "ADV"})).status_code == 403
    assert (await stranger.get("/api/board")).json()["code"] == "not_enrolled"
    assert (await kiosk.get("/api/board")).status_code == 403
    assert (await stranger.get("/api/queue")).status_code == 401
    assert (await kiosk.post("/api/counters/1/call-next")).status_code == 401
    assert (await supervisor.post("/api/devices", json={"kind": "board", "label": "a"})).is_error


async def test_a_counter_is_its_clerks(ticketing: Ticketing) -> None:
    supervisor, clerk = await open_office(ticketing)
    other = await ticketing.staff(Role.CLERK, "another")
    ticket = await take(clerk)
    for path, asked in (
        ("call-next", None),
        ("call", {"visit": ticket["visit"], "reason": "frail"}),
        ("recall", {"visit": ticket["visit"]}),
        ("start", {"visit": ticket["visit"]}),
        ("end", {"visit": ticket["visit"]}),
        ("no-show", {"visit": ticket["visit"]}),
        ("close", None),
    ):
        answer = await other.post(f"/api/counters/1/{path}", json=asked)
        assert answer.json()["code"] == "counter_of_another", path
        assert answer.status_code == HTTPStatus.CONFLICT
    assert (await other.post("/api/counters/2/call-next")).json()["code"] == "counter_not_open"
    assert (await clerk.post("/api/counters/1/call-next")).json()["visit"] == ticket["visit"]
    mine = {"visit": ticket["visit"]}
    assert (await supervisor.post("/api/counters/1/no-show", json=mine)).is_success
    assert (await supervisor.post("/api/counters/1/close")).is_success
    assert (await other.post("/api/counters/1/open")).is_success
    assert (await other.post("/api/counters/1/call-next")).json() is None


async def test_every_call_reaches_the_board_whoever_made_it(ticketing: Ticketing) -> None:
    _, clerk = await open_office(ticketing)
    board = await ticketing.machine(DeviceKind.BOARD)
    stream = states(board, "/api/board/stream")
    state = await until(stream, lambda state: True)
    assert state["announcements"] == []

    ticket = await take(clerk)
    await clerk.post("/api/counters/1/call-next")
    state = await until(stream, lambda state: state["announcements"])
    announced = state["announcements"][-1]
    assert (announced["ticket"], announced["counter"]) == (ticket["ticket"], 1)
    assert "service" not in json.dumps(state)

    # Not by this API: another process would do the same to the database.
    await usecases.recall(ticketing.edge.office, 1, called_visit(ticketing, ticket))
    state = await until(stream, lambda state: len(state["announcements"]) == 2)
    assert [call["call"] for call in state["announcements"]] == [1, 2]
    await stream.aclose()


async def test_a_call_that_was_over_at_once_is_still_announced(ticketing: Ticketing) -> None:
    _, clerk = await open_office(ticketing)
    board = await ticketing.machine(DeviceKind.BOARD)
    stream = states(board, "/api/board/stream")
    await until(stream, lambda state: True)
    tickets = [await take(clerk) for _ in range(3)]
    office = ticketing.edge.office
    for ticket in tickets:
        await usecases.call_next(office, 1)
        await usecases.no_show(office, 1, called_visit(ticketing, ticket))
    # The last call may be read just before it is over: then the next state is without it.
    state = await until(
        stream, lambda state: len(state["announcements"]) == 3 and state["calls"] == []
    )
    assert [call["ticket"] for call in state["announcements"]] == [
        ticket["ticket"] for ticket in tickets
    ]
    await stream.aclose()


def called_visit(ticketing: Ticketing, ticket: dict[str, Any]) -> Any:
    return verify(ticket["token"], ticketing.edge.link_key).visit


async def test_a_board_survives_the_loss_of_the_databases_lines(ticketing: Ticketing) -> None:
    _, clerk = await open_office(ticketing)
    ticket = await take(clerk)
    board = await ticketing.machine(DeviceKind.BOARD)
    stream = states(board, "/api/board/stream")
    await until(stream, lambda state: state["waiting"] == 1)
    await ticketing.pool.fetch(SQL.cut_my_lines)
    floor = ticketing.process.supervisor.status["floor"]
    async with asyncio.timeout(60):
        while floor.restarts == 0:
            await asyncio.sleep(0.05)
    await usecases.call_next(ticketing.edge.office, 1)
    state = await until(stream, lambda state: state["announcements"])
    assert state["calls"][0]["ticket"] == ticket["ticket"]
    await stream.aclose()


async def test_the_queue_stream_ends_with_the_session(ticketing: Ticketing) -> None:
    _, clerk = await open_office(ticketing)
    async with clerk.stream("GET", "/api/queue/stream", timeout=20) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: state"
        assert (await clerk.delete("/api/session")).status_code == 204
        supervisor = await ticketing.staff(Role.SUPERVISOR, "second")
        await take(supervisor)
        async with asyncio.timeout(60):
            rest = [line async for line in lines]
    assert "event: signed-out" in rest


async def test_an_altered_or_foreign_link_shows_no_ticket(ticketing: Ticketing) -> None:
    supervisor, _ = await open_office(ticketing)
    token = (await take(supervisor))["token"]
    altered = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for wrong in (altered, "x", "%00", "a" * 500):
        answer = await (await ticketing.visitor()).get(f"/api/tickets/{wrong}")
        assert answer.status_code == HTTPStatus.NOT_FOUND, wrong


async def test_the_contract_of_the_api_is_published(ticketing: Ticketing) -> None:
    contract = (await (await ticketing.operator()).get("/api/openapi.json")).json()
    assert "/api/counters/{counter}/call-next" in contract["paths"]
