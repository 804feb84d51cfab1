"""No process outlives the one that started it, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from saduak.local.leash import UNPRIVILEGED
from saduak.local.processes import Child, Command, StartFailed, run

PARENT = """
import sys, time
from pathlib import Path
from saduak.local.processes import Child, Command
sleep = "import time; time.sleep(600)"
print(Child(Command([sys.executable, "-c", sleep], Path(sys.argv[1]))).pid, flush=True)
time.sleep(600)
"""


def has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_ends_with_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        parent.send_signal(how)
        parent.wait()
    deadline = time.monotonic() + 10
    while not has_ended(child):
        assert time.monotonic() < deadline, "the child is an orphan"
        time.sleep(0.02)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up being root")
def test_an_unprivileged_child_is_nobody_and_reaches_files_all_the_same(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").write_text("readable")
    program = (
        "import os, pathlib, sys; "
        "print(os.geteuid(), os.getegid(), pathlib.Path(sys.argv[1]).read_text())"
    )
    log = tmp_path / "log"
    arguments = [sys.executable, "-I", "-S", "-c", program, str(closed / "file")]
    run(Command(arguments, log, unprivileged=True), "the program")
    assert log.read_text() == f"{UNPRIVILEGED} {UNPRIVILEGED} readable\n"


def test_a_failure_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", "import sys; sys.exit('no more paper')"]
    with pytest.raises(StartFailed, match=r"the printer ended with status 1(.|\n)*no more paper"):
        run(Command(arguments, tmp_path / "log"), "the printer")


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)"
    log = tmp_path / "log"
    child = Child(Command([sys.executable, "-c", f"{deaf}; time.sleep(600)"], log))
    child.await_ready("it", lambda: "deaf" in log.read_text(), patience=20)
    assert child.stop(patience=0.2) == -signal.SIGKILL


def test_a_child_is_not_told_our_own_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SADUAK_SITE", "pjo-50")
    log = tmp_path / "log"
    program = "import os; print([name for name in os.environ if name.startswith('SADUAK_')])"
    arguments = [sys.executable, "-c", program]
    run(Command(arguments, log, {"SADUAK_DEMO": "true"}), "the program")
    assert log.read_text() == "['SADUAK_DEMO']\n"
