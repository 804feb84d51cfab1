"""``saduak feedback``: the process, its schema, and the tablets that may take answers."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from libs.service.database import DatabaseUnavailable, connections
from libs.service.migrations import upgrade
from libs.service.settings import DatabaseSettings, SettingsError, load
from libs.service.text import printable
from libs.site.devices import DeviceError, DeviceKind, Devices

SCHEMA = "feedback"
VERSIONS = Path(__file__).parent / "migrations" / "versions"
LONGEST_LINE = 400
"""Characters of an error's line."""
T = TypeVar("T")

app = typer.Typer(help="A site's ratings and complaints.", no_args_is_help=True)
device = typer.Typer(help="The office's machines.", no_args_is_help=True)
app.add_typer(device, name="device")


def _run(work: Coroutine[object, object, T]) -> T:
    """What an operator can mend is said in a line or two, and ends with status 1."""
    try:
        return asyncio.run(work)
    except (DatabaseUnavailable, DeviceError, OSError, SettingsError) as error:
        for line in str(error).splitlines():
            typer.echo(printable(line, LONGEST_LINE), err=True)
        raise typer.Exit(1) from None


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


@device.command("add")
def device_add(
    kind: Annotated[DeviceKind, typer.Argument(help="What the machine is there for: tablet.")],
    label: Annotated[str, typer.Argument(help="Where it stands: counter-3.")],
) -> None:
    """Print the code that lets one machine in, once, within 30 minutes, at /enrol."""

    async def invite() -> str:
        database = load(DatabaseSettings).database
        async with connections(database, "feedback-device", most=1) as pool:
            return await Devices(pool).invite(kind, label)

    typer.echo(_run(invite()))
