"""The audit log: with each act or not at all, with addresses, read by a command."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta

import asyncpg
import httpx
import pytest

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.service.formats import local_date
from libs.site.audit import Action, Entry, entries
from libs.site.devices import DeviceKind
from libs.site.staff import Role, end_sessions, set_active, set_password
from saduak.provision.postgres import SiteDatabase
from tests.service.running import PASSWORD, Ticketing
from tests.service.test_taken_back import Operator, operator
from tests.service.test_ticketing_api import open_office, take

__all__ = ["operator"]
SQL = statements("tests.service", "sql/service.sql")
TODAY = local_date(now())
HERE = "127.0.0.1"


@pytest.fixture
async def owner(site_database: SiteDatabase) -> AsyncGenerator[Pool]:
    async with connections(site_database.owner("ticketing"), "tests", most=1) as pool:
        yield pool


async def log(ticketing: Ticketing) -> list[Entry]:
    """The newest first."""
    return list(await entries(ticketing.pool, now() - timedelta(hours=1)))


Act = Callable[[Ticketing, httpx.AsyncClient, str], Awaitable[object]]


async def a_new_account(_: Ticketing, admin: httpx.AsyncClient, _visit: str) -> object:
    account = {"login": "nok", "password": PASSWORD, "role": "clerk"}
    return await admin.post("/api/staff", json=account)


async def a_new_machine(_: Ticketing, admin: httpx.AsyncClient, _visit: str) -> object:
    return await admin.post("/api/devices", json={"kind": "board", "label": "hall-1"})


async def a_correction(_: Ticketing, admin: httpx.AsyncClient, visit: str) -> object:
    change = {"field": "outcome", "new": "no_show"}
    body = {"reason": "wrong_button", "change": change}
    return await admin.post(f"/api/visits/{visit}/corrections", json=body)


async def a_closing(_: Ticketing, admin: httpx.AsyncClient, _visit: str) -> object:
    return await admin.post(f"/api/days/{TODAY}/close")


async def an_opening(_: Ticketing, admin: httpx.AsyncClient, _visit: str) -> object:
    return await admin.post(f"/api/days/{TODAY + timedelta(days=1)}/open")


async def a_sign_in(ticketing: Ticketing, _: httpx.AsyncClient, _visit: str) -> object:
    login = {"login": "admin", "password": PASSWORD}
    return await (await ticketing.visitor()).post("/api/session", json=login)


async def a_sign_out(_: Ticketing, admin: httpx.AsyncClient, _visit: str) -> object:
    return await admin.delete("/api/session")


async def an_enrolment(ticketing: Ticketing, _: httpx.AsyncClient, _visit: str) -> object:
    body = {"code": ticketing.edge.doors.service and CODES[-1]}
    return await (await ticketing.visitor()).post("/api/devices/enrol", json=body)


async def a_new_password(ticketing: Ticketing, _: httpx.AsyncClient, _visit: str) -> object:
    return await set_password(ticketing.pool, "clerk", "another quiet river", now())


async def a_switching_off(ticketing: Ticketing, _: httpx.AsyncClient, _visit: str) -> object:
    return await set_active(ticketing.pool, "clerk", False, now())


async def an_end_of_sessions(ticketing: Ticketing, _: httpx.AsyncClient, _visit: str) -> object:
    return await end_sessions(ticketing.pool, "clerk", now())


async def a_revocation(ticketing: Ticketing, _: httpx.AsyncClient, _visit: str) -> object:
    return await ticketing.edge.doors.devices.revoke(1)


CODES: list[str] = []
ACTS: tuple[tuple[Act, Action], ...] = (
    (a_new_account, Action.STAFF_ADDED),
    (a_new_machine, Action.DEVICE_INVITED),
    (a_correction, Action.VISIT_CORRECTED),
    (a_closing, Action.DAY_CLOSED),
    (a_sign_in, Action.SIGNED_IN),
    (a_sign_out, Action.SIGNED_OUT),
    (an_enrolment, Action.DEVICE_ENROLLED),
    (a_new_password, Action.PASSWORD_SET),
    (a_switching_off, Action.STAFF_ACTIVE),
    (an_end_of_sessions, Action.SESSIONS_ENDED),
    (a_revocation, Action.DEVICE_REVOKED),
)


async def test_no_act_is_there_without_its_entry_and_no_entry_without_its_act(
    ticketing: Ticketing, owner: Pool
) -> None:
    """Each act while the log takes nothing: then nothing else has changed either."""
    admin = await ticketing.staff(Role.ADMIN)
    _, clerk = await open_office(ticketing)
    visit = await served(clerk)
    CODES.append(await ticketing.edge.doors.devices.invite(DeviceKind.KIOSK, "door-1"))
    await owner.execute(SQL.log_takes_nothing)
    before = await everything(owner)
    for act, action in ACTS:
        assert await fails(act(ticketing, admin, visit)), action
        assert await everything(owner) == before, action
    await owner.execute(SQL.log_takes_all)
    for act, action in ACTS:
        if action is Action.SIGNED_OUT:
            continue
        seen = len(await log(ticketing))
        await act(ticketing, admin, visit)
        new = (await log(ticketing))[: len(await log(ticketing)) - seen]
        assert [one.action for one in new] == [action]
    assert not await fails(an_opening(ticketing, admin, visit))
    written = {one.action: one for one in reversed(await log(ticketing))}
    opened, closed = written[Action.DAY_OPENED], written[Action.DAY_CLOSED]
    assert (opened.by.actor, opened.by.address) == ("admin", HERE)
    assert (closed.subject, closed.by.actor) == (str(TODAY), "admin")


async def fails(act: Awaitable[object]) -> bool:
    """Whether the act failed: at the edge by an answer, below it by the database's error."""
    try:
        answer = await act
    except asyncpg.CheckViolationError:
        return True
    return isinstance(answer, httpx.Response) and answer.status_code == 500


async def served(clerk: httpx.AsyncClient) -> str:
    visit = (await take(clerk))["visit"]
    await clerk.post("/api/counters/1/call-next")
    for step in ("start", "end"):
        (await clerk.post(f"/api/counters/1/{step}", json={"visit": visit})).raise_for_status()
    return visit


async def everything(owner: Pool) -> list[object]:
    """Every row that an act changes; not the attempts, which are noted before it."""
    return [row["kept"] for row in await owner.fetch(SQL.changed_by_acts)]


async def test_what_is_refused_to_somebody_known_is_written_down_once_a_minute(
    ticketing: Ticketing,
) -> None:
    clerk = await ticketing.staff(Role.CLERK)
    kiosk = await ticketing.machine(DeviceKind.KIOSK)
    foreign = {"Origin": "https://elsewhere.example"}
    for _ in range(3):
        await clerk.post(f"/api/days/{TODAY}/open")
        await clerk.get("/day")
        await clerk.post("/api/counters/1/open", headers={"X-CSRF-Token": "x"})
        await clerk.post("/api/counters/1/open", headers=foreign)
        await kiosk.post("/api/tickets", json={"service": "ADV"}, headers=foreign)
        await kiosk.get("/api/board")
        await (await ticketing.visitor()).post(f"/api/days/{TODAY}/open")
    refused = [one for one in await log(ticketing) if one.action == Action.REFUSED]
    assert sorted((one.by.actor, one.subject, one.detail) for one in refused) == [
        ("clerk", "GET /day", "not_allowed"),
        ("clerk", "POST /api/counters/{counter}/open", "csrf"),
        ("clerk", "POST /api/counters/{counter}/open", "foreign_origin"),
        ("clerk", "POST /api/days/{day}/open", "not_allowed"),
        ("kiosk-1", "GET /api/board", "not_enrolled"),
        ("kiosk-1", "POST /api/tickets", "foreign_origin"),
    ]
    assert {one.by.address for one in refused} == {HERE}


async def test_wrong_passwords_and_codes_are_written_down_with_their_address(
    ticketing: Ticketing,
) -> None:
    await ticketing.staff(Role.CLERK)
    stranger = await ticketing.visitor()
    for login in ("clerk", "my own password"):
        await stranger.post("/api/session", json={"login": login, "password": "not this one"})
    await stranger.post("/api/devices/enrol", json={"code": "AAAA-AAAA"})
    wrong = [one for one in await log(ticketing) if one.by.actor == "system"]
    assert [(one.action, one.subject, one.by.address) for one in wrong[:3]] == [
        ("enrolment_refused", None, HERE),
        ("sign_in_refused", "unknown login", HERE),
        ("sign_in_refused", "clerk", HERE),
    ]
    assert "my own password" not in str(wrong)


async def test_a_command_reads_the_log(ticketing: Ticketing, operator: Operator) -> None:
    admin = await ticketing.staff(Role.ADMIN)
    await admin.post("/api/devices", json={"kind": "board", "label": "hall-1"})
    await operator.said("device", "add", "kiosk", "door-1")
    lines = (await operator.said("audit")).splitlines()
    assert lines[0].split("  ")[1:] == ["system", "-", "device_invited", "door-1", "kiosk"]
    assert lines[1].split("  ")[1:] == ["admin", HERE, "device_invited", "hall-1", "board"]
    assert lines[0].startswith(f"{TODAY} ")
    only = (await operator.said("audit", "--actor", "admin", "--action", "signed_in")).splitlines()
    assert [line.split("  ")[1:] for line in only] == [["admin", HERE, "signed_in"]]
    assert (await operator.does("audit", "--days", "0")).exit_code == 2


async def test_an_address_that_a_client_makes_up_is_not_believed(ticketing: Ticketing) -> None:
    stranger = await ticketing.visitor()
    made_up = {"X-Forwarded-For": "10.1.2.3"}
    await stranger.post(
        "/api/session", json={"login": "x", "password": "not this one"}, headers=made_up
    )
    assert (await log(ticketing))[0].by.address == HERE
