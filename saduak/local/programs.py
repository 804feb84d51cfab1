"""Programs that pip has not: where one of the operating system is found."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

UNPACKED = Path(__file__).parents[2] / ".venv" / "debian"
"""Where packages are unpacked that are not to be installed."""
PROMETHEUS = "SADUAK_PROMETHEUS"
"""Of the environment: names the program where it is not on the PATH."""


def find(commands: Sequence[str], variable: str) -> Path | None:
    """The program that ``variable`` of the environment names, else one of ``commands`` on the
    PATH, else one unpacked here."""
    if named := os.environ.get(variable):
        return Path(named)
    for command in commands:
        if path := shutil.which(command) or shutil.which(command, path=UNPACKED / "usr/bin"):
            return Path(path)
    return None


def prometheus() -> Path | None:
    """Prometheus, if there is one."""
    return find(("prometheus",), PROMETHEUS)
