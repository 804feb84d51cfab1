"""``saduak demo``: a country that works before your eyes."""

import logging
import signal
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer
import uvloop
from rich.console import Console

from libs.database.pool import DatabaseUnavailable
from libs.service import logs
from libs.standards import Standards, StandardsError
from libs.standards import load as load_standards
from saduak.demo import holding
from saduak.demo.arrival import NotComplete
from saduak.demo.live.web import Refusal
from saduak.demo.past import NoWorkingDays
from saduak.demo.scenario import Scenario, ScenarioError
from saduak.demo.scenario import load as load_scenario
from saduak.demo.screen import Screen
from saduak.demo.showing import CountryGone, PastStopped, Show, Stopped, run
from saduak.local import programs
from saduak.local.cli import STANDARDS, StartProgress
from saduak.local.country import AlreadyRunning, Country, NotRunning
from saduak.local.jars import JarRefused
from saduak.local.processes import StartFailed

OUT = Console()
ERR = Console(stderr=True)
INTERRUPTED = 130

MISTAKES = (
    AlreadyRunning,
    CountryGone,
    DatabaseUnavailable,
    JarRefused,
    NotComplete,
    NoWorkingDays,
    PastStopped,
    Refusal,
    ScenarioError,
    StandardsError,
    StartFailed,
    httpx.HTTPError,
    holding.DemoRuns,
    holding.DemoStays,
)

app = typer.Typer()


@app.callback(invoke_without_command=True)
def demo(
    days: Annotated[
        int, typer.Option(min=0, max=250, help="Past working days to play at every site.")
    ] = 3,
    once: Annotated[bool, typer.Option("--once", help="End after the table.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the demo that runs.")] = False,
    state: Annotated[
        Path, typer.Option(help="The demo's folder, kept for the next start.", metavar="DIR")
    ] = Path(".saduak/demo"),
    sites: Annotated[
        str | None,
        typer.Option(help="Site codes with commas between; all of the scenario if left out."),
    ] = None,
) -> None:
    """A country that works before your eyes: its past days, its figures, then its present.

    Starts PostgreSQL, Kafka and every service, plays the past working days of every site, waits
    until they are complete in the nation, prints the national scorecard and where to look, and
    keeps the country moving until Ctrl-C, which stops all of it. The folder is kept: the next
    start plays only what it has not played yet.
    """
    try:
        if stop:
            _stop(state)
            return
        with holding.holding(state):
            _show(state, days, once=once, sites=sites)
    except MISTAKES as error:
        _fail(error)


def _stop(state: Path) -> None:
    if holding.stop(state):
        OUT.print(f"The demo in {state} has stopped.")
        return
    try:
        Country(state).down()
    except NotRunning:
        OUT.print(f"No demo runs in {state}.")


def _show(state: Path, days: int, *, once: bool, sites: str | None) -> None:
    standards = load_standards(STANDARDS)
    scenario = load_scenario(standards)
    codes = _codes(scenario, standards, sites)
    country, mine = Country(state, programs.prometheus()), True
    # From here on both ways to ask for the end look alike, and what was started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _log_to(country.folder.log("demo"))
        with StartProgress(ERR) as progress:
            country.up(codes, STANDARDS, demo=True, attached=True, progress=progress)
        uvloop.run(run(Show(country, standards, scenario, days, once), Screen(OUT)))
    except AlreadyRunning:
        mine = False
        raise
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except Stopped:
        pass
    finally:
        if mine and country.is_running():
            OUT.print("Stopping …")
            country.down()


def _log_to(path: Path) -> None:
    """The terminal is for the show; what libraries complain of goes to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logs.configure("demo")
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().handlers[:] = [handler]


def _codes(scenario: Scenario, standards: Standards, sites: str | None) -> list[str]:
    known = [site.code for site in standards.active_sites if site.code in scenario.sites]
    asked = known if sites is None else sites.split(",")
    unknown = [code for code in asked if code not in known]
    if unknown:
        raise ScenarioError(f"the scenario has no {', '.join(unknown)}; it has {', '.join(known)}")
    return asked


def _fail(error: Exception) -> NoReturn:
    ERR.print(str(error), style="red", markup=False, highlight=False)
    raise typer.Exit(1)
