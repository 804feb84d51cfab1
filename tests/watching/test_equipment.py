"""A program that is missing is said, and in CI it is a failure."""

from pathlib import Path

import pytest
from _pytest.outcomes import Failed, Skipped

from saduak.local import programs
from tests import equipment
from tests.equipment import PROMETHEUS, Program


def _bring_nothing() -> None:
    """There is nowhere to bring it from."""


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Program:
    """A program that can't be had."""
    monkeypatch.setattr(programs, "UNPACKED", tmp_path)
    return Program(
        "Nothing", ("no-such-program",), "SADUAK_NOTHING", "Tests", "Get it", _bring_nothing
    )


def test_without_it_a_test_is_left_out(absent: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(Skipped, match="SADUAK_NOTHING"):
        absent.for_test()


def test_in_ci_that_fails(absent: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    with pytest.raises(Failed, match="Nothing"):
        absent.for_test()


def test_it_is_found_where_it_was_unpacked(
    absent: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unpacked = tmp_path / "usr" / "bin" / "no-such-program"
    unpacked.parent.mkdir(parents=True)
    unpacked.write_text("#!/bin/sh\n")
    unpacked.chmod(0o755)
    assert absent.find() == unpacked
    monkeypatch.setenv("SADUAK_NOTHING", "/elsewhere/it")
    assert absent.find() == Path("/elsewhere/it")


def test_make_test_brings_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "UNPACKED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(PROMETHEUS.variable, raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert PROMETHEUS.whole()  # of nothing, nothing is missing
    equipment.main()  # nothing to bring it with
    assert "no Prometheus was found" in capsys.readouterr().err
    monkeypatch.setenv("CI", "1")
    with pytest.raises(SystemExit):
        equipment.main()


def test_one_unpacked_without_its_pages_is_brought_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "UNPACKED", tmp_path)
    program = tmp_path / "usr" / "bin" / "prometheus"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    assert not PROMETHEUS.whole()
    (tmp_path / "usr/share/javascript/rickshaw").mkdir(parents=True)
    assert PROMETHEUS.whole()
