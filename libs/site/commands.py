"""The commands by which an operator gives and takes back: people, machines, and the log of both.

Each site service has them over its own schema. What is taken back ends within seconds, with the
pages and streams that are open, since each of those asks anew whether it may go on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from libs.clock import now
from libs.database.pool import DatabaseUnavailable, connections
from libs.database.types import Pool
from libs.service.formats import BANGKOK
from libs.service.settings import DatabaseSettings, SettingsError, load, read_secret
from libs.service.text import printable
from libs.site import staff as people
from libs.site.audit import Action, entries
from libs.site.devices import DeviceError, DeviceKind, DeviceLine, Devices
from libs.site.staff import Role, StaffError

LONGEST_LINE = 400
"""Characters of an error's line."""
MOST_DAYS = 3660
T = TypeVar("T")

Login = Annotated[str, typer.Argument(help="A login that names the work, not the person.")]
PasswordFile = Annotated[
    Path | None, typer.Option(help="Holds the password; absent: it is asked for.")
]


def complain(error: Exception) -> typer.Exit:
    """Say what went wrong in a line or two, and end with status 1.

    Names of files and values in it are anybody's, and the screen is the operator's.
    """
    for line in str(error).splitlines():
        typer.echo(printable(line, LONGEST_LINE), err=True)
    return typer.Exit(1)


def on_database(work: Callable[[Pool], Awaitable[T]]) -> T:
    """Do ``work`` on the database that the environment names; what an operator can mend is said."""

    async def run() -> T:
        async with connections(load(DatabaseSettings).database, "saduak-staff", most=1) as pool:
            return await work(pool)

    try:
        return asyncio.run(run())
    except (DatabaseUnavailable, DeviceError, OSError, SettingsError, StaffError) as error:
        raise complain(error) from None


def staff_commands() -> typer.Typer:
    """``staff``: who signs in."""
    app = typer.Typer(help="The people who sign in.", no_args_is_help=True)

    @app.command("add")
    def add(  # pyright: ignore[reportUnusedFunction]
        login: Login,
        role: Annotated[Role, typer.Option(help="What they may do.")] = Role.CLERK,
        password_file: PasswordFile = None,
    ) -> None:
        """Make an account for somebody who signs in."""
        password = _password(password_file)
        on_database(lambda pool: people.add_staff(pool, login, password, role, now()))
        typer.echo(f"{login} may sign in as {role}.")

    @app.command("list")
    def every() -> None:  # pyright: ignore[reportUnusedFunction]
        """Every account, its role, and whether it may sign in."""
        for account in on_database(people.all_staff):
            state = "may sign in" if account.active else "switched off"
            typer.echo(f"{account.staff.login:32} {account.staff.role:10} {state}")

    @app.command("password")
    def password(login: Login, password_file: PasswordFile = None) -> None:  # pyright: ignore[reportUnusedFunction]
        """Give somebody a new password. Ends the sessions that the old one opened."""
        new = _password(password_file)
        ended = on_database(lambda pool: people.set_password(pool, login, new, now()))
        typer.echo(f"{login} has a new password. {_ended(ended)}")

    @app.command("off")
    def off(login: Login) -> None:  # pyright: ignore[reportUnusedFunction]
        """Switch an account off. Ends its sessions."""
        ended = on_database(lambda pool: people.set_active(pool, login, False, now()))
        typer.echo(f"{login} may sign in no longer. {_ended(ended)}")

    @app.command("on")
    def on(login: Login) -> None:  # pyright: ignore[reportUnusedFunction]
        """Switch an account on again."""
        on_database(lambda pool: people.set_active(pool, login, True, now()))
        typer.echo(f"{login} may sign in again.")

    @app.command("sign-out")
    def sign_out(login: Login) -> None:  # pyright: ignore[reportUnusedFunction]
        """End somebody's sessions on all machines; they may sign in again."""
        ended = on_database(lambda pool: people.end_sessions(pool, login, now()))
        typer.echo(f"{login}: {_ended(ended)}")

    return app


def device_commands(where: str) -> typer.Typer:
    """``device``: the office's machines. ``where`` is an example of a label."""
    app = typer.Typer(help="The office's machines.", no_args_is_help=True)

    @app.command("add")
    def add(  # pyright: ignore[reportUnusedFunction]
        kind: Annotated[DeviceKind, typer.Argument(help="What the machine is there for.")],
        label: Annotated[str, typer.Argument(help=f"Where it stands: {where}.")],
    ) -> None:
        """Print the code that lets one machine in, once, within 30 minutes, at /enrol."""
        typer.echo(on_database(lambda pool: Devices(pool).invite(kind, label)))

    @app.command("list")
    def every() -> None:  # pyright: ignore[reportUnusedFunction]
        """Every machine that was ever invited, with its number."""
        for line in on_database(lambda pool: Devices(pool).all()):
            device = line.device
            typer.echo(f"{device.id:5} {device.kind:7} {device.label:32} {_how(line)}")

    @app.command("revoke")
    def revoke(  # pyright: ignore[reportUnusedFunction]
        number: Annotated[
            int, typer.Argument(help="Its number in the list.", min=1, max=2**63 - 1)
        ],
    ) -> None:
        """Send a machine away: it was stolen, or is used no more. Also a code that was not used."""
        label = on_database(lambda pool: Devices(pool).revoke(number))
        typer.echo(f"{label} ({number}) was sent away; what it shows ends within seconds.")

    return app


def audit_command(
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=MOST_DAYS)] = 7,
    actor: Annotated[str | None, typer.Option(help="Only what this login or machine did.")] = None,
    action: Annotated[Action | None, typer.Option(help="Only this.")] = None,
) -> None:
    """The audit log, newest first: when, who, from which address, what. At most 1000 lines."""
    since = now() - timedelta(days=days)
    for one in on_database(lambda pool: entries(pool, since, actor=actor, action=action)):
        words = (_moment(one.at), one.by.actor, one.by.address or "-", one.action)
        rest = [part for part in (one.subject, one.detail) if part is not None]
        typer.echo(printable("  ".join([*words, *rest]), LONGEST_LINE))


def _password(file: Path | None) -> str:
    if file is None:
        return typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        return read_secret(file)
    except SettingsError as error:
        raise complain(error) from None


def _ended(sessions: int) -> str:
    return {0: "No session was open.", 1: "1 session ended."}.get(
        sessions, f"{sessions} sessions ended."
    )


def _how(line: DeviceLine) -> str:
    if line.revoked_at is not None:
        return f"sent away {_moment(line.revoked_at)}"
    if line.enrolled_at is not None:
        return f"let in {_moment(line.enrolled_at)}"
    return f"invited {_moment(line.invited_at)}, not let in yet"


def _moment(at: datetime) -> str:
    """In Bangkok, to the second, so that lines can be sorted and compared."""
    return f"{at.astimezone(BANGKOK):%Y-%m-%d %H:%M:%S}"
