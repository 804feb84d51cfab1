"""The embedded country's processes: started, watched, stopped, and never left behind.

PostgreSQL and Kafka are real; the services are stand-ins, since only their running is tested.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from libs.events.codes import Stream
from saduak.local.country import AlreadyRunning, Country, NotRunning
from saduak.local.processes import StartFailed
from saduak.local.report import CountryState, ProcessState
from saduak.local.summary import summary
from saduak.provision.postgres import session

REPOSITORY = Path(__file__).parent.parent.parent
STANDARDS = REPOSITORY / "standards"
STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in.py")))
SITE = "pjo-50"


@pytest.fixture
def country(tmp_path: Path) -> Iterator[Country]:
    """A country that is not started yet, and is stopped in the end."""
    found = Country(tmp_path / "country")
    yield found
    if found.is_running():
        found.down()


def start(country: Country, *sites: str, kafka: bool = False) -> None:
    country.up(sites or [SITE], STANDARDS, kafka=kafka, attached=True, launcher=STAND_IN)


def eventually(what: str, true: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"not within {patience:.0f} s: {what}"
        time.sleep(0.05)


def pids(country: Country) -> list[int]:
    """Of all its processes and what they started."""
    told = [process.pid for process in country.status().processes.values()]
    parents = [psutil.Process(pid) for pid in told if pid is not None]
    assert parents
    return [process.pid for parent in parents for process in (parent, *parent.children(True))]


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_all_of_it_comes_up_and_goes_down(country: Country) -> None:
    start(country, kafka=True)
    report = country.status()
    assert report.state is CountryState.UP
    assert {process.state for process in report.processes.values()} == {ProcessState.READY}
    for stream in Stream:
        assert httpx.get(country.address(SITE, stream), trust_env=False).status_code == 200
    running = pids(country)
    country.down()
    assert [pid for pid in running if not gone(pid)] == []
    assert country.status().state is CountryState.DOWN


def test_secrets_are_in_files_of_ours_alone(country: Country) -> None:
    start(country, kafka=True)
    root = country.folder.root
    secrets = [path for path in root.glob("secrets/**/*") if path.is_file()]
    secrets += [root / "postgres/superuser.password", root / "kafka/secrets/kafka_admin"]
    assert len(secrets) >= 10
    shown = " ".join(
        [
            *(" ".join(psutil.Process(pid).cmdline()) for pid in pids(country)),
            *(path.read_text(errors="replace") for path in root.glob("**/*.log")),
            (root / "status.json").read_text(),
            str(summary(country)),
        ]
    )
    for path in secrets:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.read_text() not in shown, path


def test_a_second_start_says_that_it_runs(country: Country) -> None:
    start(country)
    before = pids(country)
    with pytest.raises(AlreadyRunning, match="running already"):
        start(Country(country.folder.root))
    assert pids(country) == before


def test_two_countries_stand_side_by_side(country: Country, tmp_path: Path) -> None:
    other = Country(tmp_path / "other")
    start(country)
    start(other)
    try:
        assert not set(country.plan.ports.values()) & set(other.plan.ports.values())
        country.down()
        assert other.status().processes["postgres"].state is ProcessState.READY
    finally:
        other.down()


@pytest.mark.parametrize("name", [f"{SITE}-ticketing", "postgres"])
def test_a_killed_process_is_started_again_and_said(country: Country, name: str) -> None:
    start(country)
    killed = country.status().processes[name].pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        process = country.status().processes[name]
        return process.state is ProcessState.READY and process.pid != killed

    eventually(f"{name} is back", is_back)
    process = country.status().processes[name]
    assert process.restarts >= 1
    assert "SIGKILL" in (process.detail or "")


def test_nothing_outlives_a_killed_supervisor(country: Country) -> None:
    start(country, kafka=True)
    running = pids(country)
    os.kill(int(country.folder.lock.read_text()), signal.SIGKILL)
    eventually("all children ended", lambda: all(gone(pid) for pid in running))
    # The children are told as its first thread ends; the lock is free when its last one has.
    eventually("its lock is free", lambda: country.status().state is CountryState.DOWN)


async def test_a_country_that_was_killed_starts_again_with_its_data(country: Country) -> None:
    start(country, kafka=True)
    owner = country.site_database(SITE).owner("ticketing")
    async with session(owner) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    everything = [*pids(country), int(country.folder.lock.read_text())]
    for pid in reversed(everything):
        with suppress(ProcessLookupError):  # some end with those that were killed before
            os.kill(pid, signal.SIGKILL)
    start(country, kafka=True)
    async with session(country.site_database(SITE).owner("ticketing")) as connection:
        assert await connection.fetchval("SELECT answer FROM kept") == 42


def test_an_attached_country_ends_with_its_parent(country: Country) -> None:
    started = (
        "import sys, time; from pathlib import Path; from saduak.local.country import Country;"
        f"Country(Path({str(country.folder.root)!r})).up([{SITE!r}], Path({str(STANDARDS)!r}),"
        f"kafka=False, attached=True, launcher={STAND_IN!r}); print('up', flush=True);"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", started], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        running = pids(country)
        parent.kill()
    eventually("all of it ended", lambda: all(gone(pid) for pid in running))
    eventually("the folder is free", lambda: not country.is_running())


def test_the_broker_comes_and_goes_while_the_sites_stay(country: Country) -> None:
    start(country, kafka=False)
    services = pids(country)
    assert country.status().processes["kafka"].state is ProcessState.STOPPED
    country.kafka_up()
    assert country.status().processes["kafka"].state is ProcessState.READY
    country.kafka_down()
    assert country.status().processes["kafka"].pid is None
    assert [pid for pid in services if gone(pid)] == []


def test_a_service_that_cannot_start_ends_the_start(country: Country) -> None:
    broken = (sys.executable, "-c", "raise SystemExit('no cable in the wall')")
    with pytest.raises(StartFailed, match="no cable in the wall"):
        country.up([SITE], STANDARDS, kafka=False, attached=True, launcher=broken)
    assert not country.is_running()
    report = country.status()
    assert report.state is CountryState.FAILED
    assert "no cable in the wall" in (report.detail or "")


def test_a_port_that_became_busy_is_exchanged(country: Country) -> None:
    start(country)
    before = country.plan.ports
    country.down()
    with socket.socket() as intruder:
        intruder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        intruder.bind(("127.0.0.1", before["postgres"]))
        intruder.listen()
        start(country)
        after = country.plan.ports
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"postgres"}


def test_what_does_not_run_cannot_be_stopped(country: Country) -> None:
    with pytest.raises(NotRunning):
        country.down()


def test_a_country_whose_folder_is_removed_stops(country: Country) -> None:
    start(country)
    running = [*pids(country), int(country.folder.lock.read_text())]
    shutil.rmtree(country.folder.root, ignore_errors=True)  # while others write there
    eventually("all of it ended", lambda: all(gone(pid) for pid in running), patience=60)
