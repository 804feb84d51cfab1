"""What was given is taken back by one command: a password, an account, a machine, their streams."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from libs.site.devices import DeviceKind
from libs.site.staff import Role
from libs.site.streams import CHECK_SECONDS, while_let_in
from saduak.provision.postgres import SiteDatabase
from services.feedback.cli import app as feedback
from services.ticketing.cli import app as ticketing_commands
from tests.service.running import PASSWORD, Ticketing
from tests.service.test_ticketing_api import states

WITHIN_SECONDS = 3 * CHECK_SECONDS
"""From a command to the end of what it took back, on a slow machine."""


class Operator:
    """Somebody at the machine's own prompt."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def does(self, *words: str, service: object = ticketing_commands) -> Result:
        # In a thread, since a command has an event loop of its own.
        return await asyncio.to_thread(CliRunner().invoke, service, [*words])  # pyright: ignore[reportArgumentType]

    async def said(self, *words: str) -> str:
        done = await self.does(*words)
        assert done.exit_code == 0, done.output
        return done.output

    def password(self, text: str) -> str:
        path = self._folder / "new-password"
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def operator(
    ticketing: Ticketing,
    site_database: SiteDatabase,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Operator:
    """At the machine of a running service."""
    assert ticketing.url
    login = site_database.app("ticketing")
    secret = tmp_path / "login"
    secret.write_text(login.password, encoding="utf-8")
    for name, value in {
        "HOST": login.host,
        "PORT": str(login.port),
        "NAME": login.name,
        "USER": login.user,
        "PASSWORD_FILE": str(secret),
    }.items():
        monkeypatch.setenv(f"SADUAK_DATABASE_{name}", value)
    return Operator(tmp_path)


async def ended(stream: AsyncGenerator[object]) -> float:
    """After how many seconds the stream has ended."""
    began = time.monotonic()
    async with asyncio.timeout(60):
        async for _ in stream:
            pass
    return time.monotonic() - began


async def test_a_stolen_board_is_out_in_one_command_with_its_stream(
    ticketing: Ticketing, operator: Operator
) -> None:
    stolen, other = (
        await ticketing.machine(DeviceKind.BOARD),
        await ticketing.machine(DeviceKind.BOARD),
    )
    shown, goes_on = states(stolen, "/api/board/stream"), states(other, "/api/board/stream")
    await anext(shown)
    await anext(goes_on)
    listed = await operator.said("device", "list")
    [number, _] = re.findall(r"^ *(\d+) board +board-1 +let in \d{4}-", listed, re.MULTILINE)
    assert "sent away" in await operator.said("device", "revoke", number)
    assert await ended(shown) < WITHIN_SECONDS
    assert (await stolen.get("/api/board")).json()["code"] == "not_enrolled"
    assert (await other.get("/api/board")).status_code == 200
    assert len(re.findall("sent away 2", await operator.said("device", "list"))) == 1
    again = await operator.does("device", "revoke", number)
    assert again.exit_code == 1
    assert "sent away already" in again.output
    await goes_on.aclose()


async def test_a_code_that_was_not_used_yet_is_taken_back(
    ticketing: Ticketing, operator: Operator
) -> None:
    code = (await operator.said("device", "add", "kiosk", "door-1")).strip()
    listed = await operator.said("device", "list")
    [number] = re.findall(r"^ *(\d+) kiosk +door-1 +invited .*not let in yet", listed, re.MULTILINE)
    await operator.said("device", "revoke", number)
    answer = await (await ticketing.visitor()).post("/api/devices/enrol", json={"code": code})
    assert answer.json()["code"] == "wrong_code"


@pytest.mark.parametrize("command", ["off", "sign-out", "password"])
async def test_an_account_and_its_streams_end_with_one_command(
    ticketing: Ticketing, operator: Operator, command: str
) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    queue = states(supervisor, "/api/queue/stream")
    board = states(supervisor, "/api/board/stream")
    await anext(queue)
    await anext(board)
    new = "another quiet river"
    words = ["--password-file", operator.password(new)] if command == "password" else []
    said = await operator.said("staff", command, "supervisor", *words)
    assert "1 session ended." in said
    assert await ended(queue) < WITHIN_SECONDS
    assert await ended(board) < WITHIN_SECONDS
    assert (await supervisor.get("/api/queue")).status_code == 401
    again = await ticketing.visitor()
    in_again = {
        secret: (
            await again.post("/api/session", json={"login": "supervisor", "password": secret})
        ).is_success
        for secret in (PASSWORD, new)
    }
    assert in_again == {PASSWORD: command == "sign-out", new: command == "password"}
    if command == "off":
        assert "switched off" in await operator.said("staff", "list")
        assert "may sign in again" in await operator.said("staff", "on", "supervisor")
        login = {"login": "supervisor", "password": PASSWORD}
        assert (await again.post("/api/session", json=login)).is_success


async def test_what_is_not_there_is_said_plainly(operator: Operator) -> None:
    easy = operator.password("password1234")
    for words, told in (
        (["staff", "off", "nobody"], "nobody has the login 'nobody'"),
        (["staff", "sign-out", "nobody"], "nobody has the login"),
        (["staff", "add", "nok", "--password-file", easy], "tried first"),
        (["staff", "add", "nok", "--password-file", "/nowhere"], "cannot read /nowhere"),
        (["device", "revoke", "7"], "no machine has the number 7"),
        (["device", "add", "kiosk", "Door 1"], "must hold 1 to 32"),
    ):
        done = await operator.does(*words)
        assert done.exit_code == 1, words
        assert told in done.output
        assert "Traceback" not in done.output


async def test_feedback_has_the_same_commands(operator: Operator) -> None:
    names = {"add", "list", "revoke"}
    done = await operator.does("device", "--help", service=feedback)
    assert all(name in done.output for name in names)
    assert "sign-out" in (await operator.does("staff", "--help", service=feedback)).output
    assert (await operator.does("audit", "--help", service=feedback)).exit_code == 0


async def test_a_stream_asks_again_and_again_and_passes_on_nothing_after_a_no() -> None:
    holding = [True]
    seen: list[int | None] = []

    async def numbers() -> AsyncGenerator[int]:
        yield 1
        holding[0] = False
        yield 2

    async def holds() -> bool:
        return holding[0]

    seen = [one async for one in while_let_in(numbers(), holds, 0.01)]
    assert seen == [1, None]

    async def silent() -> AsyncGenerator[int]:
        await asyncio.Event().wait()
        yield 1

    assert [one async for one in while_let_in(silent(), holds, 0.01)] == [None]
    holding[0] = True

    async def short() -> AsyncGenerator[int]:
        yield 1

    assert [one async for one in while_let_in(short(), holds, 0.01)] == [1]


async def test_a_signed_out_console_is_told(ticketing: Ticketing) -> None:
    clerk = await ticketing.staff(Role.CLERK)
    lines: list[str] = []
    async with clerk.stream("GET", "/api/queue/stream", timeout=60) as stream:
        async for line in stream.aiter_lines():
            if not lines:
                token = clerk.headers["X-CSRF-Token"]
                elsewhere = httpx.AsyncClient(base_url=ticketing.url, cookies=clerk.cookies)
                async with elsewhere:
                    gone = await elsewhere.delete("/api/session", headers={"X-CSRF-Token": token})
                assert gone.status_code == 204
            lines.append(line)
    assert "event: signed-out" in lines
