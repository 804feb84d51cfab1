"""``saduak reporting``: migrations, the process, and an operator's tools."""

import asyncio
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from libs.clock import now
from libs.database.types import Pool
from libs.service.settings import DatabaseSettings, load
from libs.standards import load as load_standards
from services.reporting.commands import figures, notices, scorecard, streams
from services.reporting.commands.context import mistakes_told, with_pool
from services.reporting.commands.options import (
    HIGHEST_ID,
    LONGEST_LIMIT_S,
    First,
    Last,
    a_service,
    a_site,
    period_between,
)
from services.reporting.ingest import quarantine as quarantined
from services.reporting.model.periods import Period
from services.reporting.model.targets import Yardsticks
from services.reporting.settings import JudgingSettings, ReportingSettings
from services.reporting.verification import rebuild as rebuilding
from services.reporting.verification import reconcile as reconciling
from services.reporting.verification.rebuild import Difference

app = typer.Typer(help="The nation's figures and scorecards.", no_args_is_help=True)
app.add_typer(scorecard.app)
app.add_typer(notices.app)
app.add_typer(streams.app, name="streams")

VERSIONS = Path(__file__).parent / "migrations" / "versions"


class Format(StrEnum):
    JSON = "json"
    TABLE = "table"


@app.command()
def migrate() -> None:
    """Bring the database schema up to date, as its owner."""
    from libs.database.migrations import upgrade  # noqa: PLC0415  an operator's question needs none

    with mistakes_told():
        settings = load(DatabaseSettings)
        asyncio.run(upgrade(settings.database, "reporting", VERSIONS))
    typer.echo("The schema reporting is up to date.")


@app.command()
def run() -> None:
    """Take in the sites' events and serve pages and API, until told to stop."""
    from libs.service.http import ListenError  # noqa: PLC0415  an operator's question needs no pages
    from services.reporting.server import serve  # noqa: PLC0415

    with mistakes_told(ListenError):
        ended_well = uvloop.run(serve(load(ReportingSettings)))
    raise typer.Exit(0 if ended_well else 1)


@app.command()
def rebuild(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing: name every row that differs.")
    ] = False,
    site: Annotated[
        str | None, typer.Option(help="With --check: one site's code; all sites without.")
    ] = None,
) -> None:
    """Make all figures anew from the stored events. Ingest waits meanwhile."""
    if site is not None and not check:
        raise typer.BadParameter(
            "only a check can be of one site: add --check", param_hint="--site"
        )
    with mistakes_told():
        settings = load(JudgingSettings)
        yardsticks = Yardsticks(load_standards(settings.standards))
        if check:
            _check(settings, yardsticks, site)
            return
        events = with_pool(settings, lambda pool: rebuilding.rebuild(pool, yardsticks, _say_read))
    typer.echo(f"Rebuilt from {events} events.")


def _check(settings: JudgingSettings, yardsticks: Yardsticks, site: str | None) -> None:
    read: list[int] = []

    def report(site: str, events: int) -> None:
        read.append(events)
        _say_read(site, events)

    async def checked(pool: Pool) -> tuple[list[Difference], list[str]]:
        found = await rebuilding.check(pool, yardsticks, report, site)
        return found, await rebuilding.remarks(pool)

    found, remarks = with_pool(settings, checked)
    for difference in found:
        typer.echo(f"difference: {difference}")
    for remark in remarks:
        typer.echo(f"note: {remark}")
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
    site: Annotated[
        str | None, typer.Option(parser=a_site, help="One site's code; all sites without.")
    ] = None,
) -> None:
    """Compare every control total of the sites with the nation's own; status 1 if any differs.

    Days that are open or arriving are named, and are no error.
    """
    with mistakes_told():
        period = period_between(first, last)
        question = reconciling.Question(period.first, period.last, site)
        settings = load(DatabaseSettings)
        found = with_pool(settings, lambda pool: reconciling.reconcile(pool, question))
    for line in reconciling.report(question, found):
        typer.echo(line)
    if found.differences:
        raise typer.Exit(1)


@app.command()
def metrics(
    site: Annotated[str, typer.Option(parser=a_site, help="The site's code.")],
    first: First,
    last: Last,
    service: Annotated[
        str | None, typer.Option(parser=a_service, help="One service's code; all without.")
    ] = None,
    within: Annotated[
        list[int] | None,
        typer.Option(
            help="Seconds: tell the share that waited at most so long. Repeatable.",
            min=1,
            max=LONGEST_LIMIT_S,
        ),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="json or table.")] = Format.TABLE,
) -> None:
    """One site's figures, for operators: small numbers are not suppressed."""
    with mistakes_told():
        period = period_between(first, last)
        question = figures.Question(site, period, service, within or [])
        settings = load(DatabaseSettings)
        found = with_pool(settings, lambda pool: figures.answer(pool, question))
    if form is Format.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    shown = Table(title=f"{site}, {date_range(period)}", show_header=False)
    for name, value in figures.table(found):
        shown.add_row(name, value)
    Console().print(shown)


@app.command()
def quarantine(
    most: Annotated[
        int, typer.Option(help="How many to show, newest first.", min=1, max=1000)
    ] = 50,
) -> None:
    """Messages that were refused and kept apart; status 1 if there are any."""
    with mistakes_told():
        settings = load(DatabaseSettings)
        count, found = with_pool(settings, lambda pool: quarantined.newest(pool, most))
    for one in found:
        typer.echo(
            f"{one.id}: {one.received_at:%Y-%m-%d %H:%M:%S} UTC {one.topic} offset {one.offset}: "
            f"{one.reason}, {one.detail}"
        )
    typer.echo(f"{count} messages in quarantine")
    if count:
        typer.echo("What to do: docs/runbooks/quarantine-not-empty.md", err=True)
        raise typer.Exit(1)


@app.command()
def settle(
    numbers: Annotated[
        list[int], typer.Argument(help="As `quarantine` lists them.", min=1, max=HIGHEST_ID)
    ],
    because: Annotated[str, typer.Option(help="What was found, in one line.")],
) -> None:
    """Take messages out of quarantine that somebody has looked into. They are kept, with the
    reason; the figures never hold them."""
    with mistakes_told():
        finding = quarantined.Finding(because, now())
        settings = load(DatabaseSettings)
        left = with_pool(settings, lambda pool: quarantined.settle(pool, numbers, finding))
    typer.echo(f"{len(numbers)} settled, {left} messages in quarantine")


def date_range(period: Period) -> str:
    return f"{period.first} to {period.last}"
