"""Where the tests' servers come from: the environment, else containers, else embedded ones.

No Docker is needed here: a stand-in answers on a real socket and carries out what it is told.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from saduak.local.processes import port_answers
from tests.brokers import KAFKA
from tests.containers import docker_answers, service
from tests.databases import POSTGRES
from tests.local.stand_in_docker import Told, stand_in

REPOSITORY = Path(__file__).parents[2]
ABOUT_KAFKA = "tests/local/test_kafka.py::test_a_site_writes_and_reads_its_own_streams"
ABOUT_POSTGRES = "tests/service/test_migrations.py::test_steps_are_taken_in_order_and_once"
ABOUT_NEITHER = "tests/service/test_formats.py"
POSTGRES_IMAGE, KAFKA_IMAGE = (service(name).image for name in ("postgres", "kafka"))
THE_CLIENTS_OWN_PATIENCE_S = 60.0
"""For a Docker that takes connections and says nothing."""
SIZES = {"m": 1024**2, "g": 1024**3}


def pytest_of(docker: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """A run of tests by itself, with its Docker at this address."""
    kept = {name: value for name, value in os.environ.items() if "SADUAK_TEST" not in name}
    told = {"DOCKER_HOST": docker, "TESTCONTAINERS_RYUK_DISABLED": "true", **more}
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=REPOSITORY,
        env=kept | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(run: subprocess.Popen[str]) -> str:
    with run:
        said, _ = run.communicate()
    assert run.returncode == 0, said
    return said


@contextmanager
def listening(folder: Path) -> Generator[str]:
    """A socket that takes connections and says nothing."""
    path = folder / "docker.sock"
    with closing(socket.socket(socket.AF_UNIX)) as silent:
        silent.bind(str(path))
        silent.listen()
        yield f"unix://{path}"


def test_a_docker_that_is_there_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stand_in(tmp_path) as docker:
        monkeypatch.setenv("DOCKER_HOST", docker.address)
        assert docker_answers()


def test_none_is_noticed_without_waiting_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(tmp_path) as silent:
        for address in (f"unix://{tmp_path}/none", silent, "tcp://127.0.0.1:9", "tcp://nowhere"):
            monkeypatch.setenv("DOCKER_HOST", address)
            began = time.monotonic()
            assert not docker_answers()
            assert time.monotonic() - began < THE_CLIENTS_OWN_PATIENCE_S / 2, address
    monkeypatch.setenv("DOCKER_HOST", silent)
    assert not docker_answers(), "the socket is there, and nobody behind it"


@pytest.mark.slow
def test_tests_run_in_containers_as_the_file_describes_them(tmp_path: Path) -> None:
    with stand_in(tmp_path) as docker:
        said = ended(pytest_of(docker.address, "-n2", ABOUT_KAFKA, ABOUT_POSTGRES))
        assert f"PostgreSQL: container {POSTGRES_IMAGE}" in said
        assert f"Kafka: container {KAFKA_IMAGE}" in said
        # One of each for both workers, and gone with the run.
        assert [made["Image"] for made in docker.ever] == [POSTGRES_IMAGE, KAFKA_IMAGE]
        assert docker.running == {}
        for name, made in zip(("postgres", "kafka"), docker.ever, strict=True):
            as_described(name, made)
            assert not any(port_answers(port) for port in published(made).values())
    # And it was they that the tests asked: what the tests made is in their data.
    assert list(tmp_path.glob("*/data/site.tst-*"))
    assert len(list(tmp_path.glob("*/data/base/*"))) > len(("postgres", "template0", "template1"))


def published(made: Told) -> dict[int, int]:
    """The port of the machine by that of the container."""
    bound: Mapping[str, Any] = made["HostConfig"]["PortBindings"]
    assert {one["HostIp"] for (one,) in bound.values()} == {"127.0.0.1"}
    return {int(port.removesuffix("/tcp")): int(one["HostPort"]) for port, (one,) in bound.items()}


def as_described(name: str, made: Told) -> None:
    """What Docker was asked for is what docker-compose.yml says of the service."""
    told, host = service(name).told, made["HostConfig"]
    assert (made.get("Cmd") or []) == told["command"]
    assert made.get("Entrypoint") == told.get("entrypoint")
    assert dict(one.split("=", 1) for one in made["Env"]) == told["environment"]
    assert host["ReadonlyRootfs"] is told["read_only"] is True
    assert host["CapDrop"] == told["cap_drop"] == ["ALL"]
    assert host["SecurityOpt"] == told["security_opt"]
    assert host["PidsLimit"] == told["pids_limit"]
    assert host["Memory"] == int(told["mem_limit"][:-1]) * SIZES[told["mem_limit"][-1]]
    assert [f"{path}:{how}" for path, how in host["Tmpfs"].items()] == told["tmpfs"]
    mounts = {one["Target"]: (one["Type"], one["ReadOnly"]) for one in host["Mounts"]}
    assert mounts == {
        mount.target: ("volume" if mount.volume == name else "bind", mount.read_only)
        for mount in service(name).mounts
    }
    health, interval = made["Healthcheck"], told["healthcheck"]["interval"]
    assert health["Interval"] == int(interval.removesuffix("s")) * 10**9
    assert health["Retries"] == told["healthcheck"]["retries"]
    user, group = (int(number) for number in made["User"].split(":"))
    assert user == (os.getuid() or 10001)
    assert group == (0 if name == "kafka" else user)


@pytest.mark.slow
def test_a_run_without_workers_uses_them_too(tmp_path: Path) -> None:
    with stand_in(tmp_path) as docker:
        ended(pytest_of(docker.address, "-n0", ABOUT_POSTGRES))
        assert len(docker.ever) == 2
        assert docker.running == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "reason"),
    [("pull", "toomanyrequests: the limit is reached"), ("start", "the port is already allocated")],
)
def test_a_docker_that_cannot_is_said_and_done_without(
    step: str, reason: str, tmp_path: Path
) -> None:
    with stand_in(tmp_path, {step: reason}) as docker:
        said = ended(pytest_of(docker.address, "-n0", ABOUT_POSTGRES))
        assert f"PostgreSQL: embedded (Docker answers, but no container of {POSTGRES_IMAGE}" in said
        assert said.count(reason) == 2
        assert len(docker.ever) == (2 if step == "start" else 0)
        assert docker.running == {}


def test_the_environment_goes_first(tmp_path: Path) -> None:
    named = {
        POSTGRES: "postgresql://superuser:password@127.0.0.1:1/postgres",
        KAFKA: "kafka://admin:password@127.0.0.1:1?sites=127.0.0.1:2&ca=ca.pem",
    }
    with stand_in(tmp_path) as docker:
        said, _ = pytest_of(docker.address, "-n0", ABOUT_NEITHER, **named).communicate()
        assert f"PostgreSQL: the address in {POSTGRES}" in said
        assert f"Kafka: the address in {KAFKA}" in said
        assert docker.asked == 0


def test_without_docker_they_are_embedded(tmp_path: Path) -> None:
    said = ended(pytest_of(f"unix://{tmp_path}/none", "-n0", ABOUT_NEITHER))
    assert "PostgreSQL: embedded (no Docker answers)" in said
    assert "Kafka: embedded (no Docker answers)" in said


@pytest.mark.slow
def test_an_interrupted_run_leaves_no_container(tmp_path: Path) -> None:
    with stand_in(tmp_path) as docker:
        with pytest_of(docker.address, "-n0", ABOUT_KAFKA) as run:
            assert run.stdout is not None
            for line in run.stdout:
                if line.startswith("collected"):
                    break
            assert len(docker.running) == 2
            run.send_signal(signal.SIGINT)
            rest = run.stdout.read()
        assert run.returncode == 2, rest
        assert len(docker.ever) == 2
        assert docker.running == {}


@pytest.mark.slow
def test_an_interrupted_start_leaves_no_container(tmp_path: Path) -> None:
    with stand_in(tmp_path, able=False) as docker:
        with pytest_of(docker.address, "-n0", ABOUT_POSTGRES) as run:
            deadline = time.monotonic() + 60
            while not any(container.stop for container in list(docker.running.values())):
                assert time.monotonic() < deadline, "no container"
                time.sleep(0.05)
            run.send_signal(signal.SIGINT)
            said, _ = run.communicate()
        assert run.returncode == 2, said
        assert docker.running == {}
