"""``python -m benchmarks [name …]``: each benchmark in a process of its own, then one table."""

import json
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module

from rich.console import Console
from rich.table import Table

from benchmarks.ground import Line

BENCHMARKS = ("relay", "ingest", "freshness", "rebuild", "dashboards")
MARK = "LINES "


def alone(name: str) -> list[Line]:
    """Run one benchmark in a new process, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks", "--one", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if done.returncode != 0 or not found:
        sys.exit(f"benchmark {name} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return [Line(**line) for line in json.loads(found[-1].removeprefix(MARK))]


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--one"]:
        lines = import_module(f"benchmarks.{arguments[1]}").main()
        print(MARK + json.dumps([asdict(line) for line in lines]))
        return
    console = Console()
    table = Table(title="Ratios hold on any machine; rates belong to this one")
    for column in ("benchmark", "measured", "value", "aim"):
        table.add_column(column)
    for name in arguments or BENCHMARKS:
        with console.status(f"{name} …"):
            for line in alone(name):
                table.add_row(name, line.what, line.value, line.aim)
        table.add_section()
    console.print(table)


if __name__ == "__main__":
    main()
