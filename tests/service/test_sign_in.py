"""Signing in: roles, CSRF, throttling, sessions that end; machines let in once."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from starlette.responses import Response

from libs.site import routes
from libs.site.devices import CODE_LIFE, DeviceKind, Devices, WrongCode
from libs.site.sessions import (
    LONGEST_IDLE,
    LONGEST_SESSION,
    MEMORY,
    MOST_BOTH,
    MOST_BY_ADDRESS,
    Sessions,
    TooManyAttempts,
    WrongCredentials,
)
from libs.site.staff import Role, StaffError, add_staff, set_active, set_password
from libs.stream.clock import now
from libs.stream.sql import statements
from tests.service.running import PASSWORD, Ticketing

SQL = statements("tests.service", "sql/service.sql")


class Moving:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = now()

    def __call__(self) -> object:
        return self.moment


@pytest.fixture
def clock() -> Moving:
    return Moving()


@pytest.fixture
async def sessions(ticketing: Ticketing, clock: Moving) -> Sessions:
    await add_staff(ticketing.pool, "malee", PASSWORD, Role.CLERK, clock.moment)
    return Sessions(ticketing.pool, lambda: clock.moment)


async def guess(sessions: Sessions, login: str, address: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            await sessions.sign_in(login, "not the password", address)


async def test_the_database_holds_neither_password_nor_token(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    session = await sessions.sign_in("malee", PASSWORD, "10.0.0.1")
    rows = await ticketing.pool.fetch(SQL.kept_of_sign_in)
    everything = " ".join(row["kept"] for row in rows)
    assert "$argon2id$" in everything
    assert PASSWORD not in everything
    assert session.token not in everything
    assert session.token not in repr(session)


async def test_guessing_is_slowed_down_and_forgiven_later(
    sessions: Sessions, clock: Moving
) -> None:
    await guess(sessions, "malee", "10.0.0.1", MOST_BOTH)
    with pytest.raises(TooManyAttempts):
        await sessions.sign_in("malee", PASSWORD, "10.0.0.1")
    # Who guesses elsewhere does not lock the clerk's own counter out.
    assert await sessions.sign_in("malee", PASSWORD, "10.0.0.2")
    clock.moment += MEMORY + timedelta(seconds=1)
    assert await sessions.sign_in("malee", PASSWORD, "10.0.0.1")


async def test_many_logins_from_one_address_are_slowed_down(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    for number in range(MOST_BY_ADDRESS):
        await sessions.note_failure(f"guess-{number}", "10.0.0.9")
    with pytest.raises(TooManyAttempts):
        await sessions.sign_in("malee", PASSWORD, "10.0.0.9")


async def test_a_session_ends_by_idleness_and_by_age(sessions: Sessions, clock: Moving) -> None:
    idle = await sessions.sign_in("malee", PASSWORD, "a")
    clock.moment += LONGEST_IDLE + timedelta(seconds=1)
    assert await sessions.session(idle.token) is None
    used = await sessions.sign_in("malee", PASSWORD, "a")
    began = clock.moment
    while clock.moment - began < LONGEST_SESSION - LONGEST_IDLE:
        clock.moment += LONGEST_IDLE - timedelta(minutes=1)
        assert await sessions.session(used.token)
    clock.moment = began + LONGEST_SESSION + timedelta(seconds=1)
    assert await sessions.session(used.token) is None


async def test_a_stream_that_stays_open_keeps_nobody_signed_in(
    sessions: Sessions, clock: Moving
) -> None:
    session = await sessions.sign_in("malee", PASSWORD, "a")
    clock.moment += LONGEST_IDLE - timedelta(seconds=1)
    assert await sessions.holds(session)
    clock.moment += timedelta(seconds=2)
    assert not await sessions.holds(session)


async def test_a_new_password_and_a_leave_end_sessions(
    ticketing: Ticketing, sessions: Sessions, clock: Moving
) -> None:
    first = await sessions.sign_in("malee", PASSWORD, "a")
    await set_password(ticketing.pool, "malee", "another quiet river", clock.moment)
    assert await sessions.session(first.token) is None
    second = await sessions.sign_in("malee", "another quiet river", "a")
    await set_active(ticketing.pool, "malee", active=False, at=clock.moment)
    assert await sessions.session(second.token) is None
    with pytest.raises(WrongCredentials):
        await sessions.sign_in("malee", "another quiet river", "a")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("Malee", PASSWORD),
        ("m", PASSWORD),
        ("ma lee", PASSWORD),
        ("malee", "short"),
        ("malee", "malee1234567"),
        ("malee", "aaaaaaaaaaaa"),
        ("malee", "x" * 129),
    ],
)
async def test_weak_passwords_and_odd_logins_are_refused(
    ticketing: Ticketing, login: str, password: str
) -> None:
    with pytest.raises(StaffError):
        await add_staff(ticketing.pool, login, password, Role.CLERK, now())


async def test_a_code_lets_one_machine_in_once(ticketing: Ticketing, clock: Moving) -> None:
    devices = Devices(ticketing.pool, lambda: clock.moment)
    code = await devices.invite(DeviceKind.BOARD, "hall-1")
    device, token = await devices.enrol(code.lower().replace("-", " "))
    assert (device.kind, device.label) == (DeviceKind.BOARD, "hall-1")
    assert await devices.device(token) == device
    with pytest.raises(WrongCode):
        await devices.enrol(code)
    late = await devices.invite(DeviceKind.KIOSK, "door-1")
    clock.moment += CODE_LIFE + timedelta(seconds=1)
    with pytest.raises(WrongCode):
        await devices.enrol(late)
    await devices.revoke(device.id)
    assert await devices.device(token) is None


async def test_wrong_codes_are_slowed_down(ticketing: Ticketing) -> None:
    stranger = await ticketing.visitor()
    for _ in range(MOST_BOTH):
        answer = await stranger.post("/api/devices/enrol", json={"code": "AAAA-AAAA"})
        assert answer.json()["code"] == "wrong_code"
    code = await Devices(ticketing.pool).invite(DeviceKind.KIOSK, "door-1")
    answer = await stranger.post("/api/devices/enrol", json={"code": code})
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS


async def test_a_change_needs_the_csrf_token(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    token = supervisor.headers.pop("X-CSRF-Token")
    for wrong in ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": token[:-1] + "x"}):
        answer = await supervisor.post("/api/counters/1/open", headers=wrong)
        assert answer.json()["code"] == "csrf"
    assert (await supervisor.get("/api/queue")).is_success
    right = await supervisor.post("/api/counters/1/open", headers={"X-CSRF-Token": token})
    assert right.json()["code"] == "no_open_day"


async def test_a_foreign_page_changes_nothing(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    foreign = {"Origin": "https://elsewhere.example"}
    for answer in (
        await supervisor.post("/api/counters/1/open", headers=foreign),
        await kiosk.post("/api/tickets", json={"service": "ADV"}, headers=foreign),
        await kiosk.post(
            "/api/tickets", json={"service": "ADV"}, headers={"Sec-Fetch-Site": "cross-site"}
        ),
        await (await ticketing.visitor()).post(
            "/api/session", json={"login": "supervisor", "password": PASSWORD}, headers=foreign
        ),
    ):
        assert answer.json()["code"] == "foreign_origin"
    own = await kiosk.post(
        "/api/tickets", json={"service": "ADV"}, headers={"Origin": ticketing.url}
    )
    assert own.json()["code"] == "no_open_day"


async def test_signing_in_and_out_by_form(ticketing: Ticketing) -> None:
    await add_staff(ticketing.pool, "malee", PASSWORD, Role.CLERK, now())
    client = await ticketing.visitor()
    form = {"login": " Malee ", "password": PASSWORD, "next": "/day"}
    answer = await client.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/day")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # this service has no https address
    assert (await client.get("/api/session")).json()["role"] == "clerk"
    assert (await client.post("/sign-out", data={"csrf": "wrong"})).status_code == 403
    csrf = (await client.get("/api/session")).json()["csrf"]
    assert (await client.post("/sign-out", data={"csrf": csrf})).status_code == 303
    assert (await client.get("/api/session")).status_code == 401


async def test_behind_https_cookies_are_bound_to_the_host(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    doors = replace(ticketing.edge.doors, secure=True)
    response = Response()
    doors.let_in(response, await sessions.sign_in("malee", PASSWORD, "a"))
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-saduak-ticketing-pjo-50-staff=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("path", ["//elsewhere", "https://elsewhere", "/\\elsewhere", "\n/x", ""])
def test_sign_in_leads_to_own_pages_only(path: str) -> None:
    assert routes.own_path(path, "/console") == "/console"


def test_sign_in_leads_back() -> None:
    assert routes.own_path("/day?day=2026-03-02", "/console") == "/day?day=2026-03-02"


async def test_an_admin_makes_accounts_and_codes(ticketing: Ticketing) -> None:
    admin = await ticketing.staff(Role.ADMIN)
    account = {"login": "nok", "password": PASSWORD, "role": "clerk"}
    assert (await admin.post("/api/staff", json=account)).status_code == 201
    assert (await admin.post("/api/staff", json=account)).status_code == 422
    machine = {"kind": "tablet", "label": "desk-2"}
    assert len((await admin.post("/api/devices", json=machine)).json()["code"]) == 9
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    assert (await supervisor.post("/api/devices", json=machine)).json()["code"] == "not_allowed"
    actions = await ticketing.pool.fetch(SQL.audited)
    assert ("admin", "staff_added") in [(row["actor"], row["action"]) for row in actions]
