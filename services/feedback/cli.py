"""``saduak feedback``: migrations, the process, and the tablets that may take answers."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from libs.service.database import DatabaseUnavailable, connections
from libs.service.http import ListenError
from libs.service.migrations import upgrade
from libs.service.settings import DatabaseSettings, SettingsError, SiteSettings, load
from libs.site.devices import DeviceError, DeviceKind, Devices
from libs.standards import StandardsError
from services.feedback import server

app = typer.Typer(help="A site's ratings and complaints.", no_args_is_help=True)
device = typer.Typer(help="The tablets that may take answers.", no_args_is_help=True)
app.add_typer(device, name="device")

MISTAKES = (
    SettingsError,
    DatabaseUnavailable,
    ListenError,
    StandardsError,
    DeviceError,
    server.UnknownSite,
)


def _fail(error: Exception) -> typer.Exit:
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
    return typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database schema up to date, as its owner."""
    try:
        settings = load(DatabaseSettings)
        asyncio.run(upgrade(settings.database, server.SCHEMA, server.VERSIONS))
    except MISTAKES as error:
        raise _fail(error) from None
    typer.echo("The schema feedback is up to date.")


@app.command()
def run() -> None:
    """Serve pages and API, follow ticketing, send events, until told to stop."""
    try:
        ended_well = asyncio.run(server.serve(load(SiteSettings)))
    except MISTAKES as error:
        raise _fail(error) from None
    raise typer.Exit(0 if ended_well else 1)


@device.command("add")
def add_device(
    label: Annotated[str, typer.Argument(help="Where it stands: tablet-3.")],
) -> None:
    """Print a code that lets one tablet in, once, within 30 minutes, at /enrol."""

    async def invite() -> str:
        async with connections(load(DatabaseSettings).database, server.SCHEMA, most=1) as pool:
            return await Devices(pool).invite(DeviceKind.TABLET, label)

    try:
        typer.echo(asyncio.run(invite()))
    except MISTAKES as error:
        raise _fail(error) from None
