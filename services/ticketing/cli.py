"""``saduak ticketing``: the service, its schema, its staff and machines, and the import."""

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from libs.database.migrations import upgrade
from libs.database.pool import DatabaseUnavailable, connections
from libs.events.codes import Language
from libs.service.settings import DatabaseSettings, SettingsError, load
from libs.service.text import printable
from libs.site.commands import LONGEST_LINE, audit_command, device_commands, staff_commands
from libs.standards import StandardsError
from libs.standards import load as load_standards
from libs.stream.outbox import Outbox, OutOfSpan
from services.ticketing.error_texts import words_of
from services.ticketing.errors import Refused
from services.ticketing.imports import profile as profiles
from services.ticketing.imports.files import Reading, read
from services.ticketing.imports.importing import Progress as Done
from services.ticketing.imports.importing import import_visits, plan
from services.ticketing.imports.parsing import RowError, RowReader, check_day
from services.ticketing.imports.report import Report
from services.ticketing.office import Office

SCHEMA = "ticketing"
HERE = Path(__file__).parent
T = TypeVar("T")

app = typer.Typer(help="A site's visits: kiosk, counters, board.", no_args_is_help=True)
app.add_typer(staff_commands(), name="staff")
app.add_typer(device_commands("door-1"), name="device")
app.command("audit")(audit_command)


class ImportSettings(DatabaseSettings):
    """What an import is told by its environment: the site's database, as the service's login."""

    standards: Path
    site: str | None = None
    """The site whose database it is; ``--site`` must name the same."""


@contextmanager
def _plain_errors() -> Generator[None]:
    """What an operator can mend is said in a line or two, and ends with status 1."""
    try:
        yield
    except Refused as refused:
        words = words_of(refused, Language.ENGLISH)
        _complain(f"{words.what} {words.mend}")
        raise typer.Exit(1) from None
    except (
        DatabaseUnavailable,
        OSError,
        OutOfSpan,
        SettingsError,
        StandardsError,
        RowError,
        profiles.ProfileError,
    ) as error:
        _complain(str(error))
        raise typer.Exit(1) from None


def _complain(text: str) -> None:
    """Names of files and values in ``text`` are anybody's, and the screen is the operator's."""
    for line in text.splitlines():
        typer.echo(printable(line, LONGEST_LINE), err=True)


def _run(work: Coroutine[object, object, T]) -> T:
    with _plain_errors():
        return asyncio.run(work)


@app.command()
def migrate() -> None:
    """Bring the schema to this version. Runs as the schema's owner."""
    with _plain_errors():
        settings = load(DatabaseSettings)
    _run(upgrade(settings.database, SCHEMA, HERE / "migrations" / "versions"))


@app.command()
def run() -> None:
    """Serve the site's visits until told to stop."""
    from services.ticketing.server import serve  # noqa: PLC0415  an import needs no pages

    serve()


@app.command("import")
def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="CSV files of the export.", exists=True, dir_okay=False)
    ],
    site: Annotated[str, typer.Option(help="The site whose past it is.")],
    profile: Annotated[
        Path, typer.Option(help="How the rows are read: a file, or the name of a shipped profile.")
    ],
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The service day of files without dates."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and change nothing.")] = False,
) -> None:
    """Import a queue system's past: the same file twice changes nothing.

    Status 0: every row is a visit of the site, or was skipped by a rule of the profile.
    Status 1: rows with errors, or refused days, are in the report; the rest is imported.
    """
    with _plain_errors():
        settings = load(ImportSettings)
        if settings.site not in {None, site}:
            raise SettingsError(
                f"this is the database of {settings.site} (SADUAK_SITE), not of {site}. "
                "Give --site the same name, or the database of the other site."
            )
        rules = profiles.load(_profile_path(profile))
        if (rules.date is None) == (date is None):
            raise SettingsError(
                "The profile has no date column: name the day with --date."
                if rules.date is None
                else "The profile reads the date of each row: leave --date out."
            )
    report = _run(_import(settings, site, rules, date, files, dry_run))
    typer.echo("Dry run: nothing was changed." if dry_run else f"Imported into {site}.")
    typer.echo("\n".join(report.lines()))
    if not report.complete:
        raise typer.Exit(1)


def _profile_path(given: Path) -> Path:
    shipped = HERE / "imports" / "profiles" / f"{given.stem}.yaml"
    return given if given.exists() or not shipped.exists() else shipped


async def _import(
    settings: ImportSettings,
    site: str,
    rules: profiles.Profile,
    day: datetime | None,
    files: list[Path],
    dry_run: bool,
) -> Report:
    standards = load_standards(settings.standards)
    if site not in standards.sites:
        raise SettingsError(f"{site} is no site of the standards; see sites.yaml.")
    if day is not None:
        check_day(day.date())
    reader = RowReader(rules, frozenset(standards.services), day.date() if day else None)
    reading = await asyncio.to_thread(read, rules, reader, files)
    async with connections(settings.database, "ticketing-import", most=2) as pool:
        office = Office(site, Outbox(pool), standards)
        if dry_run:
            return (await plan(office, rules, reading)).report
        return await _with_progress(office, rules, reading)


async def _with_progress(office: Office, rules: profiles.Profile, reading: Reading) -> Report:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def started(report: Report) -> Done:
            task = bar.add_task("visits", total=report.new)
            return lambda done: bar.advance(task, done)

        return await import_visits(office, rules, reading, started)
