"""The programs that tests need and pip has not: found, and brought where that may be done.

``make test`` brings what is missing. Where it can't, it says how to, and the tests that need the
program are left out; in CI that is a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from saduak.local import programs

PAGES = (
    *("fonts-glyphicons-halflings", "libjs-bootstrap4", "libjs-d3", "libjs-jquery"),
    *("libjs-eonasdan-bootstrap-datetimepicker", "libjs-jquery-hotkeys", "libjs-moment"),
    *("libjs-moment-timezone", "libjs-mustache", "libjs-popper.js", "libjs-rickshaw"),
)
"""What the pages of Debian's Prometheus are made with; the tests need none of it."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the operating system, by any of its ``commands``."""

    name: str
    commands: Sequence[str]
    variable: str
    """Of the environment: names the program where it is not on the PATH."""
    tests: str
    """What is left out without it."""
    how: str
    """How to get it."""
    bring: Callable[[], None]
    whole: Callable[[], bool] = lambda: True
    """Whether nothing is missing that ``bring`` would bring with it."""

    def find(self) -> Path | None:
        """The program named in the environment, else one on the PATH, else one unpacked here."""
        return programs.find(self.commands, self.variable)

    @property
    def missing(self) -> str:
        """What is left out, and the cure."""
        return (
            f"{self.tests} are left out: no {self.name} was found. {self.how}, or name yours in "
            f"{self.variable}, and run `make test` again."
        )

    def for_test(self) -> Path:
        """The program; without it the test that asks is skipped, and in CI it fails."""
        path = self.find()
        if path is None:
            if os.environ.get("CI"):
                pytest.fail(self.missing)
            pytest.skip(self.missing)
        return path


def _install_chromium() -> None:
    """Install Debian's package, where that is possible without asking anybody."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print("Installing Chromium for the browser tests …", flush=True)
    if _run(["apt-get", "update", "-qq"]):
        _run(["apt-get", "install", "-y", "-qq", "chromium"])


def _unpack_prometheus() -> None:
    _unpack("prometheus", "the tests of alerts and dashboards", PAGES)


def _unpack_caddy() -> None:
    _unpack("caddy", "the test of a site's proxy")


def _unpack(package: str, tests: str, more: Sequence[str] = ()) -> None:
    """Unpack Debian's package beside the environment: installed, it would start a server."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return
    print(f"Unpacking {package} for {tests} …", flush=True)
    if os.geteuid() == 0:
        _run(["apt-get", "update", "-qq"])
    with tempfile.TemporaryDirectory(prefix=f"saduak-{package}-") as folder:
        if not _run(["apt-get", "download", "-qq", package], folder):
            return
        if more:
            _run(["apt-get", "download", "-qq", *more], folder)
        for file in Path(folder).glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(file), str(programs.UNPACKED)])


def _has_pages() -> bool:
    """Whether a Prometheus that was unpacked here was unpacked with what draws its graphs."""
    unpacked = programs.UNPACKED / "usr"
    found = (unpacked / "share" / "javascript" / "rickshaw").exists()
    return found or not (unpacked / "bin" / "prometheus").exists()


def _run(command: Sequence[str], folder: str | None = None) -> bool:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        print(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}", file=sys.stderr)
    return done.returncode == 0


CHROMIUM = Program(
    "Chromium",
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "SADUAK_CHROMIUM",
    "Browser tests",
    "Install one (Debian and Ubuntu: `sudo apt-get install chromium`; Fedora: `sudo dnf install "
    "chromium`)",
    _install_chromium,
)
PROMETHEUS = Program(
    "Prometheus",
    ("prometheus",),
    programs.PROMETHEUS,
    "Tests of alerts and of the dashboards' PromQL",
    "Unpack a release that has `prometheus` and `promtool` side by side",
    _unpack_prometheus,
    _has_pages,
)
CADDY = Program(
    "Caddy",
    ("caddy",),
    "SADUAK_CADDY",
    "The test of a site's proxy",
    "Unpack a release of it",
    _unpack_caddy,
)


def main() -> None:
    missing: list[str] = []
    for program in (CHROMIUM, PROMETHEUS, CADDY):
        if program.find() is None or not program.whole():
            program.bring()
        if program.find() is None:
            missing.append(program.missing)
    if missing:
        print("\n".join(missing), file=sys.stderr)
        if os.environ.get("CI"):
            sys.exit("In CI a missing program is a failure.")


if __name__ == "__main__":
    main()
