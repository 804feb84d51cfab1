"""``saduak feedback``: the process, its schema, and the tablets that may take answers."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import typer

from libs.database.migrations import upgrade
from libs.database.pool import DatabaseUnavailable
from libs.service.settings import DatabaseSettings, SettingsError, load
from libs.site.commands import audit_command, complain, device_commands, staff_commands

SCHEMA = "feedback"
VERSIONS = Path(__file__).parent / "migrations" / "versions"
T = TypeVar("T")

app = typer.Typer(help="A site's ratings and complaints.", no_args_is_help=True)
app.add_typer(staff_commands(), name="staff")
app.add_typer(device_commands("counter-3"), name="device")
app.command("audit")(audit_command)


def _run(work: Coroutine[object, object, T]) -> T:
    """What an operator can mend is said in a line or two, and ends with status 1."""
    try:
        return asyncio.run(work)
    except (DatabaseUnavailable, OSError, SettingsError) as error:
        raise complain(error) from None


@app.command()
def migrate() -> None:
    """Bring the schema to this version. Runs as the schema's owner."""

    async def bring() -> None:
        await upgrade(load(DatabaseSettings).database, SCHEMA, VERSIONS)

    _run(bring())


@app.command()
def run() -> None:
    """Serve the site's ratings until told to stop."""
    from services.feedback.server import serve  # noqa: PLC0415  a migration needs no pages

    serve()
