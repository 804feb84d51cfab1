"""Signing in: roles, CSRF, throttling, sessions that end; machines let in once."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from argon2 import PasswordHasher
from starlette.requests import Request
from starlette.responses import Response

from libs.clock import now
from libs.database.statements import statements
from libs.site import passwords, routes
from libs.site.attempts import (
    ENROLMENT,
    KNOWN_BROWSER,
    MEMORY,
    STRANGERS,
    AttemptsBusy,
    TooManyAttempts,
    Turns,
    from_address,
)
from libs.site.devices import CODE_LIFE, DeviceKind, Devices, WrongCode
from libs.site.sessions import (
    LONGEST_IDLE,
    LONGEST_SESSION,
    Sessions,
    WrongCredentials,
)
from libs.site.staff import SQL as STAFF
from libs.site.staff import Role, StaffError, add_staff, set_active, set_password
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
    await guess(sessions, "malee", "10.0.0.1", STRANGERS.both)
    with pytest.raises(TooManyAttempts):
        await sessions.sign_in("malee", PASSWORD, "10.0.0.1")
    # Who guesses elsewhere does not lock the clerk's own counter out.
    assert await sessions.sign_in("malee", PASSWORD, "10.0.0.2")
    clock.moment += MEMORY + timedelta(seconds=1)
    assert await sessions.sign_in("malee", PASSWORD, "10.0.0.1")


async def test_many_logins_from_one_address_are_slowed_down(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    """Of one address; an IPv6 network is one. An office that mistypes stays far below."""
    for place, other in (("10.0.0.9", "10.0.0.8"), ("2001:db8::9", "2001:db8:0:1::9")):
        for number in range(STRANGERS.by_address - 1):
            await sessions.attempts.note(f"guess-{number}", from_address(place))
        assert await sessions.sign_in("malee", PASSWORD, place)
        near = place.replace("::9", "::8")
        await sessions.attempts.note("one-more", from_address(near))
        with pytest.raises(TooManyAttempts):
            await sessions.sign_in("malee", PASSWORD, near)
        assert await sessions.sign_in("malee", PASSWORD, other)


async def test_no_number_of_guesses_at_one_moment_gets_past_the_limit(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    """Also where another process takes some of them."""
    other = Sessions(ticketing.pool, sessions._clock)
    tried = await asyncio.gather(
        *(
            one.sign_in("malee", "not the password", "10.0.0.1")
            for _ in range(50)
            for one in (sessions, other)
        ),
        return_exceptions=True,
    )
    checked = [one for one in tried if isinstance(one, WrongCredentials)]
    assert len(checked) == STRANGERS.both
    assert len([one for one in tried if isinstance(one, TooManyAttempts)]) == 100 - len(checked)


async def test_attempts_are_counted_one_after_the_other(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    """Those of many processes at once: none counts before another's is noted."""
    async with AsyncExitStack() as lines:  # all of them open, so that none waits to be connected
        for _ in range(6):
            await lines.enter_async_context(ticketing.pool.acquire())
    guesses = (sessions.attempts.note("malee", from_address("10.0.0.1")) for _ in range(60))
    noted = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(one, int) for one in noted) == STRANGERS.both
    assert sum(isinstance(one, TooManyAttempts) for one in noted) == 60 - STRANGERS.both


async def test_those_who_share_a_login_come_in_at_once(sessions: Sessions) -> None:
    """An attempt that is still being checked is no failure."""
    crowd = (sessions.sign_in("malee", PASSWORD, "10.0.0.1") for _ in range(3 * STRANGERS.both))
    assert len(await asyncio.gather(*crowd)) == 3 * STRANGERS.both


async def test_strangers_lock_nobody_out_who_was_in_before(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    """Who guesses comes from many addresses, from the clerk's own among them."""
    mine = await ticketing.visitor()
    login = {"login": "malee", "password": PASSWORD}
    assert (await mine.post("/api/session", json=login)).is_success
    for number in range((STRANGERS.by_login or 0) - 5):
        await sessions.attempts.note("malee", from_address(f"10.9.9.{number}"))
    stranger = await ticketing.visitor()
    wrong = login | {"password": "not the password"}
    for _ in range(5):
        assert (await stranger.post("/api/session", json=wrong)).status_code == 401
    assert (await stranger.post("/api/session", json=login)).status_code == 429
    mine.cookies.delete("saduak-ticketing-pjo-50-staff")
    assert (await mine.post("/api/session", json=login)).is_success
    form = await mine.post("/sign-in", data={**login, "next": "/console"})
    assert form.headers["location"] == "/console"


async def test_at_a_known_browser_guessing_is_slowed_down_too(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    stolen = await ticketing.visitor()
    login = {"login": "malee", "password": PASSWORD}
    await stolen.post("/api/session", json=login)
    wrong = login | {"password": "not the password"}
    answers = [
        (await stolen.post("/api/session", json=wrong)).status_code
        for _ in range(KNOWN_BROWSER.both + 2)
    ]
    assert answers == [401] * KNOWN_BROWSER.both + [429] * 2
    # The login itself is as free as before, elsewhere.
    assert (await (await ticketing.visitor()).post("/api/session", json=login)).is_success


async def test_more_attempts_than_an_office_has_people_wait_for_no_turn() -> None:
    turns, open_the_door = Turns(most=2), asyncio.Event()

    async def attempt() -> None:
        async with turns.turn():
            await open_the_door.wait()

    two = [asyncio.ensure_future(attempt()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(AttemptsBusy):
        await attempt()
    open_the_door.set()
    await asyncio.gather(*two)
    await attempt()


async def test_who_is_switched_off_during_the_check_does_not_come_in(
    ticketing: Ticketing, sessions: Sessions, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = passwords.fits

    async def slowly(kept: str, password: str) -> bool:
        right = await check(kept, password)
        await set_active(ticketing.pool, "malee", active=False, at=clock.moment)
        return right

    monkeypatch.setattr(passwords, "fits", slowly)
    with pytest.raises(WrongCredentials):
        await sessions.sign_in("malee", PASSWORD, "a")


async def test_a_hash_of_an_earlier_release_opens_and_is_made_anew(
    ticketing: Ticketing, sessions: Sessions
) -> None:
    earlier = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=2).hash(PASSWORD)
    await ticketing.pool.execute(STAFF.set_password, "malee", earlier)
    assert await sessions.sign_in("malee", PASSWORD, "a")
    [row] = await ticketing.pool.fetch(STAFF.staff_to_sign_in, "malee")
    assert "m=19456,t=2,p=1" in row["password_hash"]
    assert await sessions.sign_in("malee", PASSWORD, "a")


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
        ("malee", "password2569"),
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
    for _ in range(ENROLMENT.both):
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
    cookies = answer.headers.get_list("set-cookie")
    assert [one.partition("=")[0] for one in cookies] == [
        "saduak-ticketing-pjo-50-staff",
        "saduak-ticketing-pjo-50-browser",
    ]
    for cookie in map(str.lower, cookies):
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
    marked = Response()
    doors.remember(Request({"type": "http", "headers": []}), marked, "malee")
    assert marked.headers["set-cookie"].startswith("__Host-saduak-ticketing-pjo-50-browser=")


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
