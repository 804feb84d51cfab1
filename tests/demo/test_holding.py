"""One demo at a time in a folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from saduak.demo.holding import DemoRuns, holding, stop

HOLDER = """
import signal, sys
from pathlib import Path
from saduak.demo.holding import holding
with holding(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


def test_a_second_demo_in_the_folder_is_told_of_the_first(tmp_path: Path) -> None:
    with holding(tmp_path), pytest.raises(DemoRuns, match=f"process {os.getpid()}") as caught:  # noqa: SIM117
        with holding(tmp_path):
            pass
    assert "saduak demo --stop --state" in str(caught.value)
    with holding(tmp_path / "another"), holding(tmp_path):
        pass


def test_a_demo_is_stopped_from_elsewhere(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert stop(tmp_path)
    assert holder.returncode == -signal.SIGTERM
    assert not stop(tmp_path)


def test_where_none_was_there_is_nothing_to_stop(tmp_path: Path) -> None:
    assert not stop(tmp_path)
