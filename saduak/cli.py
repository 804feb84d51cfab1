"""The command line's root. Each room is imported only when it is asked for, so that an office's
machine needs to hold its own services only."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import typer


@dataclass(frozen=True, slots=True)
class Room:
    """A group of commands: where its Typer application is, and what it is about."""

    name: str
    module: str
    about: str


ROOMS = (
    Room("ticketing", "services.ticketing.cli", "A site's visits: kiosk, counters, board."),
    Room("feedback", "services.feedback.cli", "A site's ratings and complaints."),
    Room("reporting", "services.reporting.cli", "The nation's figures and scorecards."),
    Room("standards", "saduak.standards_cli", "The standard as data: check it."),
    Room("contract", "saduak.contract_cli", "The events: schemas and their compatibility."),
    Room("office", "saduak.office_cli", "A site's own machine: its secrets and its database."),
    Room("provision", "saduak.provision.cli", "A country's set-up: secrets, brokers, databases."),
    Room("dashboards", "saduak.dashboards.cli", "Grafana's dashboards: write or check the files."),
    Room("local", "saduak.local.cli", "The embedded country on this machine."),
    Room("demo", "saduak.demo.cli", "Working days played through the embedded country."),
)


def root(arguments: Sequence[str]) -> typer.Typer:
    """The application with the room that ``arguments`` name, and all others as names only."""
    app = typer.Typer(
        help="Saduak: queues, citizen feedback and national service-standard metrics.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,  # they hold passwords
    )
    for room in ROOMS:
        if room.name in arguments[:1]:
            app.add_typer(_load(room), name=room.name)
        else:
            app.command(room.name, help=room.about)(_not_asked_for)
    return app


def _load(room: Room) -> typer.Typer:
    try:
        found: object = import_module(room.module).app
    except ModuleNotFoundError as error:
        typer.echo(
            f"saduak {room.name} is not installed here: {error}. "
            f'Install it with pip install "saduak[{room.name}]".',
            err=True,
        )
        raise SystemExit(1) from None
    if not isinstance(found, typer.Typer):
        raise TypeError(f"{room.module}.app is no Typer application")
    return found


def _not_asked_for() -> None:
    """Stands in the list of commands for a room that this call does not use."""


def main() -> None:
    root(sys.argv[1:])()
