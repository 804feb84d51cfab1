"""``saduak standards``: the files of the standard, checked before they are put to use."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from libs.standards import Standards, StandardsError, load
from libs.standards.public_holidays import public_holidays_file

app = typer.Typer(help="The standard as data: sites, services, targets, calendar, editions.")

Folder = Annotated[
    Path, typer.Argument(help="The standards' folder.", envvar="SADUAK_STANDARDS", metavar="DIR")
]
Year = Annotated[int, typer.Argument(min=1992, max=2100, help="A year of the common era.")]


@app.command()
def check(folder: Folder = Path("standards")) -> None:
    """Name every fault with its file and line, and how to mend it; status 1 if there is any."""
    try:
        standards = load(folder)
    except StandardsError as error:
        for fault in error.faults:
            where = f"{folder / fault.file}:{fault.line}"
            typer.echo(f"{where}: {fault.what}\n    mend: {fault.mend}", err=True)
        typer.echo(f"{len(error.faults)} to mend", err=True)
        raise typer.Exit(1) from None
    for line in _summary(standards):
        typer.echo(line)
    last = max(standards.calendar.public_holidays).year
    if last <= datetime.now(UTC).year:
        typer.echo(
            f"warning: no public holiday is known after {last}; see `saduak standards holidays`",
            err=True,
        )


@app.command()
def holidays(first: Year, last: Year) -> None:
    """Print calendar/public_holidays.yaml for the years FIRST to LAST, to be looked over."""
    if first > last:
        raise typer.BadParameter(f"{first} is later than {last}")
    typer.echo(public_holidays_file(first, last), nl=False)


def _summary(standards: Standards) -> list[str]:
    active = standards.active_sites
    known = standards.calendar.public_holidays
    lines = [
        f"version {standards.version}",
        f"sites: {len(standards.sites)}, active: {', '.join(site.code for site in active)}",
        f"services: {len(standards.services)}",
        f"public holidays known: {_year(min(known))} to {_year(max(known))}",
    ]
    for edition in standards.editions:
        kind = "working model, not official" if edition.working_model else "official"
        criteria = len(edition.criteria)
        lines.append(
            f"edition {edition.code} from {edition.holds_from}: {criteria} criteria, {kind}"
        )
    return lines


def _year(day: date) -> str:
    return f"{day.year} ({day.year + 543})"
