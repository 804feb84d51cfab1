"""The tests' own servers: shared by the workers of a run, gone after it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

from saduak.local.processes import port_answers
from tests.servers import RUN

REPOSITORY = Path(__file__).parent.parent.parent
WORKER = """
import sys
from tests.databases import postgres_server
from tests.servers import begin
run, end = begin()
print(postgres_server(run).admin.port, flush=True)
sys.stdin.readline()
end()
print("ended", flush=True)
"""

Workers = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Workers]:
    """Starts a process that shares a run with the others of this test."""
    environment = {name: value for name, value in os.environ.items() if "SADUAK_TEST" not in name}
    with ExitStack() as all_of_them:

        def start() -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", WORKER],
                cwd=REPOSITORY,
                env={**environment, RUN: str(tmp_path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            all_of_them.enter_context(process)
            all_of_them.callback(process.kill)
            return process

        yield start


def pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def test_workers_share_one_server_until_the_last_is_done(worker: Workers) -> None:
    first_in, first_out = pipes(worker())
    port = first_out.readline()
    second_in, second_out = pipes(worker())
    assert second_out.readline() == port
    first_in.write("\n")  # the one that started it wants to end
    first_in.flush()
    time.sleep(0.3)  # long enough to do wrong
    assert port_answers(int(port))
    second_in.write("\n")
    second_in.flush()
    assert second_out.readline() == "ended\n"
    assert first_out.readline() == "ended\n"
    assert not port_answers(int(port))


def test_a_killed_worker_leaves_no_server(worker: Workers) -> None:
    process = worker()
    port = int(pipes(process)[1].readline())
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while port_answers(port):
        assert time.monotonic() < deadline, "the server is an orphan"
        time.sleep(0.05)
