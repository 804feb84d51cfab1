"""The demo as a newcomer starts it: in a process of its own, to its table and to its end."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.events.codes import Origin, Stream
from libs.service.formats import local_date
from libs.standards import load
from saduak.demo.past import working_days
from saduak.demo.planning import plan
from saduak.demo.scenario import load as load_scenario
from saduak.local.country import Country
from saduak.local.plan import site_service

SQL = statements("tests.system", "sql/demo.sql")
STANDARDS = Path(__file__).parents[2] / "standards"
DEMO = (sys.executable, "-m", "saduak", "demo")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def started_in(state: Path) -> list[psutil.Process]:
    """Processes that belong to the demo in ``state``, by their command or environment."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), *process.environ().values()]
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if process.pid != psutil.Process().pid and any(str(state) in text for text in told):
            found.append(process)
    return found


def until(happened: Callable[[], bool], what: str, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not in {seconds:.0f} s: {what}"
        time.sleep(0.25)


def planned_visits(site: str) -> int:
    """How many visits the scenario has on the site's last working day."""
    standards = load(STANDARDS)
    [day] = working_days(standards, site, local_date(now()), 1)
    hours = standards.office_hours(site, day)
    assert hours is not None
    return len(plan(load_scenario(standards), site, day, hours).visitors)


def test_the_table_shows_every_planned_visit_and_nothing_is_left_running(tmp_path: Path) -> None:
    sites = ("pjo-65", "moj-jfo")
    command = [*DEMO, "--once", "--days=1", f"--sites={','.join(sites)}", f"--state={tmp_path}"]
    for start in ("first", "second"):
        began = time.monotonic()
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        planned = {site: planned_visits(site) for site in sites}
        assert visits(ended.stdout, sites) == planned, ended.stdout
        assert "no certification" in ended.stdout, "a level is never shown without its notice"
        assert started_in(tmp_path) == []
        print(f"{start} start: {time.monotonic() - began:.0f} s")


def visits(table: str, sites: tuple[str, ...]) -> dict[str, int]:
    """The table's first whole number of each site's row."""
    rows = {
        site: re.search(rf"^ *{site} .*? ([\d,]+) +\d+m", table, re.MULTILINE) for site in sites
    }
    return {site: int(row[1].replace(",", "")) for site, row in rows.items() if row}


@contextmanager
def demo(state: Path, *arguments: str) -> Generator[subprocess.Popen[str]]:
    log = state / "output"
    with log.open("w") as output:
        running = subprocess.Popen(
            [*DEMO, *arguments, f"--state={state}"], stdout=output, stderr=output, text=True
        )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def test_the_present_goes_on_through_a_restart_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    site = "moj-jsc"
    output = tmp_path / "output"
    with demo(tmp_path, "--days=0", f"--sites={site}") as running:
        until(lambda: "goes on" in output.read_text() or running.poll() is not None, "the present")
        country = Country(tmp_path)

        def tickets() -> int:
            return asyncio.run(live_tickets(country, site))

        until(lambda: tickets() >= 2, "tickets at the kiosk")
        service = country.status().processes[site_service(site, Stream.TICKETING)]
        assert service.pid is not None
        psutil.Process(service.pid).kill()
        until(lambda: "does not answer; trying again" in output.read_text(), "a word about it")
        before = tickets()
        until(lambda: tickets() > before + 1, "tickets after the restart")

        second = subprocess.run(
            [*DEMO, f"--state={tmp_path}"], capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert "A demo runs in" in second.stderr
        assert "--stop" in second.stderr

        running.send_signal(signal.SIGINT)
        assert running.wait(90) == 0, output.read_text()
    assert started_in(tmp_path) == []


async def live_tickets(country: Country, site: str) -> int:
    async with connections(country.site_database(site).app("ticketing"), "tests", most=1) as pool:
        return await pool.fetchval(SQL.tickets, local_date(now()), Origin.DEMO.value)
