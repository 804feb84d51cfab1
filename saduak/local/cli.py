"""``saduak local``: an embedded country for developers, tests and acceptance runs."""

import json
import os
import subprocess
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from libs.standards import StandardsError, load
from saduak.local import programs
from saduak.local.country import SADUAK, AlreadyRunning, Country, NotRunning
from saduak.local.jars import JarRefused
from saduak.local.plan import PROMETHEUS
from saduak.local.processes import StartFailed
from saduak.local.report import Report
from saduak.local.services import SET_UP, environments
from saduak.local.summary import summary

STANDARDS = Path(__file__).parent.parent.parent / "standards"

app = typer.Typer(help="The embedded country: PostgreSQL, Kafka and every service, from pip alone.")
kafka = typer.Typer(help="The broker of a running country.")
app.add_typer(kafka, name="kafka")
OUT = Console()
ERR = Console(stderr=True)

State = Annotated[
    Path,
    typer.Option("--state", help="The country's folder.", envvar="SADUAK_STATE", metavar="DIR"),
]
Sites = Annotated[
    str | None,
    typer.Option(help="Site codes with commas between; all active sites if left out."),
]
Standards = Annotated[Path, typer.Option(help="The standards' folder.", metavar="DIR")]


@app.command()
def up(
    state: State,
    sites: Sites = None,
    standards: Standards = STANDARDS,
    without_kafka: Annotated[bool, typer.Option(help="Leave the broker out for now.")] = False,
) -> None:
    """Start the country and return when all of it is ready; it runs until ``down``.

    A Prometheus that is installed watches it; the country does not need one.
    """
    country = Country(state, programs.prometheus())
    try:
        codes = _codes(sites, standards)
        with StartProgress(ERR) as progress:
            country.up(codes, standards, kafka=not without_kafka, progress=progress)
    except (AlreadyRunning, StartFailed, JarRefused, StandardsError, ValueError) as error:
        _fail(error)
    OUT.print(_table(country))


@app.command()
def status(
    state: State,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: all there is.")] = False,
) -> None:
    """Addresses, processes, logins and where their passwords are; status 1 if it is down."""
    country = Country(state)
    try:
        found = summary(country)
    except NotRunning as error:
        _fail(error)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        OUT.print(_table(country))
    if not country.is_running():
        raise typer.Exit(1)


@app.command()
def down(state: State) -> None:
    """Stop everything in order."""
    try:
        Country(state).down()
    except (NotRunning, StartFailed) as error:
        _fail(error)


@app.command()
def add(state: State, site: Annotated[str, typer.Argument(help="The new site's code.")]) -> None:
    """Add a site to the running country; the others go on."""
    country = Country(state)
    try:
        [code] = _codes(site, country.plan.standards)
        country.add(code)
    except (NotRunning, StartFailed, StandardsError, ValueError) as error:
        _fail(error)
    OUT.print(_table(country))


@app.command(context_settings={"ignore_unknown_options": True})
def run(
    state: State,
    process: Annotated[
        str, typer.Argument(help=f"Whose settings: a process of `status`, or {SET_UP}.")
    ],
    command: Annotated[list[str], typer.Argument(help="A command of saduak, after --.")],
) -> None:
    """Run a command of saduak with the settings of one of the country's processes."""
    try:
        plan = Country(state).plan
    except NotRunning as error:
        _fail(error)
    known = environments(Country(state).folder, plan)
    if process not in known:
        _fail(ValueError(f"{process} is none of {', '.join(known)}"))
    done = subprocess.run(  # noqa: S603 - the command is our own
        [*SADUAK, *command], env={**os.environ, **known[process]}, check=False
    )
    raise typer.Exit(done.returncode)


@kafka.command("up")
def kafka_up(state: State) -> None:
    """Start the broker, and return when it is ready."""
    try:
        Country(state).kafka_up()
    except (NotRunning, StartFailed) as error:
        _fail(error)


@kafka.command("down")
def kafka_down(state: State) -> None:
    """Stop the broker; the sites go on."""
    try:
        Country(state).kafka_down()
    except (NotRunning, StartFailed) as error:
        _fail(error)


class StartProgress:
    """Shows a start's steps as bars; what :meth:`Country.up` takes as ``progress``."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn())
        self._bars = Progress(*columns, console=console)
        self._known: dict[str, TaskID] = {}

    def __enter__(self) -> "StartProgress":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def __call__(self, report: Report) -> None:
        for step in report.steps.values():
            if step.what not in self._known:
                self._known[step.what] = self._bars.add_task(step.what, total=step.all)
            self._bars.update(self._known[step.what], completed=step.done, total=step.all)


def _codes(sites: str | None, standards: Path) -> list[str]:
    """Those asked for, or all active ones; each must be active in the standards."""
    active = [site.code for site in load(standards).sites.values() if site.active]
    if sites is None:
        return active
    asked = list(dict.fromkeys(code.strip() for code in sites.split(",")))
    unknown = [code for code in asked if code not in active]
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} is not among the active sites ({', '.join(active)}); "
            f"switch a site on in {standards / 'sites.yaml'}"
        )
    return asked


def _table(country: Country) -> Table:
    report = country.status()
    known = {name: service.url for name, service in country.services().items()}
    if prometheus := country.prometheus():
        known[PROMETHEUS] = prometheus.url
    table = Table("process", "state", "pid", "address", "remark", title=f"{report.state}")
    for process in report.processes.values():
        address = known.get(process.name, "")
        lacks = [process.lacks] if process.lacks else []
        restarts = [f"restarted {process.restarts}×"] if process.restarts else []
        remark = "; ".join([*lacks, *restarts, *(process.detail or "").splitlines()[:1]])
        pid = "" if process.pid is None else str(process.pid)
        table.add_row(process.name, process.state, pid, address, remark)
    return table


def _fail(error: Exception) -> NoReturn:
    typer.secho(str(error), fg=typer.colors.RED, err=True)
    raise typer.Exit(1)
