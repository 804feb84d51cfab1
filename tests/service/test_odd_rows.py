"""One odd row never takes the queue, the board or the day with it; it is named instead."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from http import HTTPStatus

import httpx
import pytest

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.service.formats import local_date
from libs.site.devices import DeviceKind
from libs.site.staff import Role
from saduak.provision.postgres import SiteDatabase
from tests.service.running import Ticketing
from tests.service.test_ticketing_api import open_office, states, take, until

ODD = statements("tests.ticketing", "sql/odd.sql")
TODAY = local_date(now())
UNSHOWABLE = ("infinity", "-infinity", "9999-12-31T23:59:59Z")
EVER = (*UNSHOWABLE, "0001-01-01T00:00:01Z")


@pytest.fixture
async def owner(site_database: SiteDatabase) -> AsyncGenerator[Pool]:
    """The schema's owner, with nothing left that holds odd moments back."""
    async with connections(site_database.owner("ticketing"), "tests", most=1) as pool:
        await pool.execute(ODD.unbind)
        yield pool


async def scenes(ticketing: Ticketing, staff: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """Everything that shows the queue, by its address; none of it fails."""
    board = await ticketing.machine(DeviceKind.BOARD)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    operator = await ticketing.operator()
    seen = {
        **{path: await staff.get(path) for path in ("/api/queue", "/console", "/day", "/api/days")},
        f"/api/days/{TODAY}/book": await staff.get(f"/api/days/{TODAY}/book"),
        **{path: await operator.get(path) for path in ("/metrics", "/health/ready")},
        **{path: await board.get(path) for path in ("/api/board", "/board")},
        "/kiosk": await kiosk.get("/kiosk"),
    }
    assert {path: one.status_code for path, one in seen.items()} == dict.fromkeys(seen, 200)
    await until(states(staff, "/api/queue/stream"), lambda state: True)
    await until(states(board, "/api/board/stream"), lambda state: True)
    return seen


@pytest.mark.parametrize("moment", EVER)
async def test_an_odd_ticket_is_named_and_all_others_are_shown(
    ticketing: Ticketing, owner: Pool, moment: str
) -> None:
    supervisor, clerk = await open_office(ticketing)
    odd, other = await take(clerk), await take(clerk)
    third = await take(clerk)
    await owner.execute(ODD.odd_booking, odd["visit"], moment)
    await owner.execute(ODD.odd_arrival, third["visit"], moment)
    await owner.execute(ODD.odd_notice)
    seen = await scenes(ticketing, supervisor)
    queue = seen["/api/queue"].json()
    # The year 1 can be shown; the others have no date in Bangkok.
    apart = {odd["ticket"], third["ticket"]} if moment in UNSHOWABLE else set[str]()
    named = {one["ticket"] for one in queue["odd"] if one["visit"] is not None}
    assert named == apart
    book = seen[f"/api/days/{TODAY}/book"].json()
    assert {one["ticket"] for one in book["odd"]} == apart
    assert len(book["steps"]) + len(book["odd"]) == 3
    everybody = {odd["ticket"], other["ticket"], third["ticket"]}
    assert {one["ticket"] for one in queue["waiting"]} == everybody - apart
    for one in queue["odd"]:
        assert one["ticket"] in one["text"]["th"]
        assert one["ticket"] in one["text"]["en"]
    assert seen["/api/board"].json()["waiting"] == 3
    phone = await ticketing.visitor()
    for ticket in (odd, other, third):
        status = await phone.get(f"/api/tickets/{ticket['token']}")
        assert status.json()["ticket"] == ticket["ticket"]
        assert (await phone.get(f"/t/{ticket['token']}")).status_code == 200

    called = [(await clerk.post("/api/counters/1/call-next")).json()]
    while called[-1] is not None:
        mine = {"visit": called[-1]["visit"]}
        assert (await clerk.post("/api/counters/1/start", json=mine)).status_code == 204
        await owner.execute(ODD.odd_call, called[-1]["visit"], moment)
        await owner.execute(ODD.odd_start, called[-1]["visit"], moment)
        await scenes(ticketing, supervisor)
        assert (await take(clerk))["ticket"]
        assert (await clerk.post("/api/counters/1/end", json=mine)).status_code == 204
        if len(called) == 3:
            break
        called.append((await clerk.post("/api/counters/1/call-next")).json())
    assert {one["ticket"] for one in called} >= {other["ticket"]}
    assert (await clerk.post("/api/counters/1/close")).status_code == 204
    closed = await supervisor.post(f"/api/days/{TODAY}/close")
    assert closed.status_code == HTTPStatus.OK
    assert (await supervisor.get("/day")).status_code == HTTPStatus.OK


async def test_a_scene_that_cannot_be_read_is_not_ready(ticketing: Ticketing, owner: Pool) -> None:
    _, clerk = await open_office(ticketing)
    assert (await clerk.get("/health/ready")).status_code == 200
    await owner.execute("ALTER TABLE announcement RENAME TO gone")
    floor = ticketing.edge.floor
    floor._looked_at = float("-inf")
    ready = await (await ticketing.operator()).get("/health/ready")
    assert ready.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    scene = ready.json()["checks"]["scene"]
    assert "announcement" in scene["detail"]
    await owner.execute("ALTER TABLE gone RENAME TO announcement")
    assert (await clerk.get("/health/ready")).status_code == 200


async def test_a_page_that_fails_is_not_ready_and_says_which(
    ticketing: Ticketing, owner: Pool
) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    await owner.execute("ALTER TABLE correction RENAME TO gone")
    await owner.execute("ALTER TABLE service_day RENAME COLUMN revision TO gone")
    assert (await supervisor.get("/api/days")).status_code == 500
    ready = await (await ticketing.operator()).get("/health/ready")
    assert ready.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "GET /api/days" in ready.json()["checks"]["answers"]["detail"]
    await owner.execute("ALTER TABLE service_day RENAME COLUMN gone TO revision")
    assert (await supervisor.get("/api/days")).status_code == 200
    assert (await supervisor.get("/api/days")).status_code == 200
    assert (await supervisor.get("/health/ready")).status_code == 200


async def test_a_ticket_of_a_retired_service_is_shown_by_its_code(
    ticketing: Ticketing, owner: Pool
) -> None:
    supervisor, clerk = await open_office(ticketing)
    tickets = [await take(clerk) for _ in range(2)]
    for ticket in tickets:
        await owner.execute(ODD.retire, ticket["visit"])
    seen = await scenes(ticketing, supervisor)
    assert {one["service"] for one in seen["/api/queue"].json()["waiting"]} == {"GONE"}
    assert "GONE" in seen["/day"].text
    phone = await ticketing.visitor()
    status = (await phone.get(f"/api/tickets/{tickets[0]['token']}")).json()
    assert status["service"]["name"] == {"th": "GONE", "en": "GONE"}
    assert "GONE" in (await phone.get(f"/t/{tickets[0]['token']}")).text
    called = (await clerk.post("/api/counters/1/call-next")).json()
    assert called["service"] == "GONE"
    assert (await clerk.get("/console")).status_code == 200
    mine = {"visit": called["visit"]}
    assert (await clerk.post("/api/counters/1/start", json=mine)).is_success
    assert (await clerk.post("/api/counters/1/end", json=mine)).is_success
    totals = (await supervisor.post(f"/api/days/{TODAY}/close")).json()
    assert [line["service"] for line in totals["services"]] == ["GONE"]
    assert "GONE" in (await supervisor.get(f"/day?day={TODAY}")).text


async def test_a_booking_of_another_day_is_refused_with_words(ticketing: Ticketing) -> None:
    _, clerk = await open_office(ticketing)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    noon = f"{TODAY}T12:00:00+07:00"
    wrong = {
        "0001-01-01T00:00:00Z": "out_of_calendar",
        "9999-12-31T23:59:59Z": "out_of_calendar",
        noon.replace(str(TODAY.year), str(TODAY.year + 543)): "buddhist_year",
        f"{TODAY + timedelta(days=1)}T12:00:00+07:00": "appointment_off_day",
        f"{TODAY - timedelta(days=1)}T23:59:59+07:00": "appointment_off_day",
        f"{TODAY}T17:00:00Z": "appointment_off_day",
    }
    for booked, code in wrong.items():
        asked = {"service": "ADV", "visitor_class": "appointment", "appointment": booked}
        for who in (kiosk, clerk):
            answer = await who.post("/api/tickets", json=asked)
            assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, booked
            assert answer.json()["code"] == code, booked
    ticket = await take(kiosk, visitor_class="appointment", appointment=noon)
    assert [one["ticket"] for one in (await clerk.get("/api/queue")).json()["waiting"]] == [
        ticket["ticket"]
    ]


async def test_a_correction_stays_within_the_days_reach(ticketing: Ticketing) -> None:
    supervisor, clerk = await open_office(ticketing)
    ticket = await take(clerk)
    await clerk.post("/api/counters/1/call-next")
    for what in ("start", "end"):
        await clerk.post(f"/api/counters/1/{what}", json={"visit": ticket["visit"]})
    path = f"/api/visits/{ticket['visit']}/corrections"
    after = TODAY + timedelta(days=2)
    for field in ("started_at", "ended_at"):
        for new, code in (
            ("9999-12-31T23:59:59.999999Z", "out_of_calendar"),
            ("0001-01-01T00:00:00Z", "out_of_calendar"),
            (f"{TODAY.year + 543}-01-01T00:00:00Z", "buddhist_year"),
            (f"{after}T00:00:00+07:00", "correction_out_of_reach"),
            (f"{TODAY - timedelta(days=1)}T23:59:59+07:00", "correction_out_of_reach"),
        ):
            asked = {"reason": "wrong_clock", "change": {"field": field, "new": new}}
            answer = await supervisor.post(path, json=asked)
            assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, new
            assert answer.json()["code"] == code, new
    late = f"{TODAY + timedelta(days=1)}T00:30:00+07:00"
    asked = {"reason": "forgotten_finish", "change": {"field": "ended_at", "new": late}}
    assert (await supervisor.post(path, json=asked)).status_code == HTTPStatus.NO_CONTENT
