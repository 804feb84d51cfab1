"""How a country is doing, as its supervisor writes it down for everybody else."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter


class CountryState(StrEnum):
    STARTING = "starting"
    UP = "up"
    """Everything that is wanted was ready at least once; each process says how it is now."""
    STOPPING = "stopping"
    FAILED = "failed"
    DOWN = "down"


class ProcessState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"
    """It runs, and says of itself that it cannot serve."""
    WAITING = "waiting"
    """It ended; it is started again after a pause."""
    STOPPED = "stopped"


@dataclass(slots=True)
class ProcessReport:
    """One process. ``born`` tells it from a later one with the same number (``pid``)."""

    name: str
    log: str
    state: ProcessState = ProcessState.STOPPED
    pid: int | None = None
    born: float | None = None
    restarts: int = 0
    detail: str | None = None
    """How it ended last, if it ever did."""
    lacks: str | None = None
    """Why it is not ready."""


@dataclass(slots=True)
class Step:
    """A part of the start: ``done`` of ``all`` things."""

    what: str
    done: int
    all: int


@dataclass(slots=True)
class Report:
    state: CountryState = CountryState.STARTING
    detail: str | None = None
    sites: list[str] = field(default_factory=list[str])
    """Those whose services were all ready at least once."""
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    processes: dict[str, ProcessReport] = field(default_factory=dict[str, ProcessReport])


FORM = TypeAdapter(Report)


def write(report: Report, path: Path) -> None:
    """Whole or not at all, so that no reader sees half of it."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(FORM.dump_json(report, indent=2))
    new.replace(path)


def read(path: Path) -> Report | None:
    return FORM.validate_json(path.read_bytes()) if path.exists() else None
