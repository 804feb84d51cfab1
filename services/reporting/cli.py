"""``saduak reporting``: migrations, the process, and an operator's tools."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from libs.service.database import DatabaseUnavailable, connections
from libs.service.settings import DatabaseSettings, SettingsError, load
from libs.standards import StandardsError
from libs.standards import load as load_standards
from libs.stream.outbox import Pool
from services.reporting import operator_figures, terminal
from services.reporting import quarantine as quarantined
from services.reporting import rebuild as rebuilding
from services.reporting import reconcile as reconciling
from services.reporting.memory import expect_many_objects
from services.reporting.periods import Period
from services.reporting.settings import JudgingSettings, ReportingSettings
from services.reporting.yardsticks import Yardsticks

app = typer.Typer(help="The nation's figures and scorecards.", no_args_is_help=True)
app.add_typer(terminal.app)

MISTAKES = (SettingsError, DatabaseUnavailable, StandardsError, ValueError)
VERSIONS = Path(__file__).parent / "migrations" / "versions"
R = TypeVar("R")

First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First service day.")]
Last = Annotated[
    datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last service day, with it.")
]


class Format(StrEnum):
    JSON = "json"
    TABLE = "table"


def _fail(error: Exception) -> typer.Exit:
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
    return typer.Exit(2)


@app.command()
def migrate() -> None:
    """Bring the database schema up to date, as its owner."""
    from libs.service.migrations import upgrade  # noqa: PLC0415  an operator's question needs none

    try:
        settings = load(DatabaseSettings)
        asyncio.run(upgrade(settings.database, "reporting", VERSIONS))
    except MISTAKES as error:
        raise _fail(error) from None
    typer.echo("The schema reporting is up to date.")


@app.command()
def run() -> None:
    """Take in the sites' events and serve pages and API, until told to stop."""
    from libs.service.http import ListenError  # noqa: PLC0415  an operator's question needs no pages
    from services.reporting.server import serve  # noqa: PLC0415

    try:
        ended_well = uvloop.run(serve(load(ReportingSettings)))
    except (*MISTAKES, ListenError) as error:
        raise _fail(error) from None
    raise typer.Exit(0 if ended_well else 1)


@app.command()
def rebuild(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing: name every row that differs.")
    ] = False,
) -> None:
    """Make all figures anew from the stored events. Ingest waits meanwhile."""
    try:
        settings = load(JudgingSettings)
        yardsticks = Yardsticks(load_standards(settings.standards))
        if check:
            _check(settings, yardsticks)
            return
        events = _with_pool(settings, lambda pool: rebuilding.rebuild(pool, yardsticks, _say_read))
    except MISTAKES as error:
        raise _fail(error) from None
    typer.echo(f"Rebuilt from {events} events.")


def _check(settings: JudgingSettings, yardsticks: Yardsticks) -> None:
    read: list[int] = []

    def report(site: str, events: int) -> None:
        read.append(events)
        _say_read(site, events)

    found = _with_pool(settings, lambda pool: rebuilding.check(pool, yardsticks, report))
    for difference in found:
        typer.echo(f"difference: {difference}")
    typer.echo(
        f"{sum(read)} events of {len(read)} sites folded anew and compared: "
        f"{len(found)} differences"
    )
    if found:
        raise typer.Exit(1)


def _say_read(site: str, events: int) -> None:
    typer.echo(f"{site}: {events} events", err=True)


@app.command()
def reconcile(
    first: First,
    last: Last,
    site: Annotated[str | None, typer.Option(help="One site's code; all sites without.")] = None,
) -> None:
    """Compare every control total of the sites with the nation's own; status 1 if any differs.

    Days that are open or arriving are named, and are no error.
    """
    question = reconciling.Question(first.date(), last.date(), site)
    try:
        settings = load(DatabaseSettings)
        found = _with_pool(settings, lambda pool: reconciling.reconcile(pool, question))
    except MISTAKES as error:
        raise _fail(error) from None
    for line in reconciling.report(question, found):
        typer.echo(line)
    if found.differences:
        raise typer.Exit(1)


@app.command()
def metrics(
    site: Annotated[str, typer.Option(help="The site's code.")],
    first: First,
    last: Last,
    service: Annotated[str | None, typer.Option(help="One service's code; all without.")] = None,
    within: Annotated[
        list[int] | None,
        typer.Option(help="Seconds: tell the share that waited at most so long. Repeatable."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="json or table.")] = Format.TABLE,
) -> None:
    """One site's figures, for operators: small numbers are not suppressed."""
    period = Period(first.date(), last.date())
    question = operator_figures.Question(site, period, service, within or [])
    try:
        settings = load(DatabaseSettings)
        found = _with_pool(settings, lambda pool: operator_figures.answer(pool, question))
    except MISTAKES as error:
        raise _fail(error) from None
    if form is Format.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    shown = Table(title=f"{site}, {date_range(period)}", show_header=False)
    for name, value in operator_figures.table(found):
        shown.add_row(name, value)
    Console().print(shown)


@app.command()
def quarantine(
    most: Annotated[int, typer.Option(help="How many to show, newest first.", min=1)] = 50,
) -> None:
    """Messages that were refused and kept apart; status 1 if there are any."""
    try:
        settings = load(DatabaseSettings)
        count, found = _with_pool(settings, lambda pool: quarantined.newest(pool, most))
    except MISTAKES as error:
        raise _fail(error) from None
    for one in found:
        typer.echo(
            f"{one.received_at:%Y-%m-%d %H:%M:%S} UTC {one.topic} offset {one.offset}: "
            f"{one.reason}, {one.detail}"
        )
    typer.echo(f"{count} messages in quarantine")
    if count:
        raise typer.Exit(1)


def date_range(period: Period) -> str:
    return f"{period.first} to {period.last}"


def _with_pool(settings: DatabaseSettings, work: Callable[[Pool], Awaitable[R]]) -> R:
    expect_many_objects()

    async def connected() -> R:
        async with connections(settings.database, "reporting-operator", most=2) as pool:
            return await work(pool)

    return uvloop.run(connected())
