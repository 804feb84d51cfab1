"""The public record of a real day, and what it must give, counted from the file itself.

The day is read where it is, never copied; where it is absent, tests that need it are skipped.
"""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

DAY = "1999-08-01"
PROFILE = Path(__file__).parents[2] / "services/ticketing/imports/profiles/technion_day.yaml"
SERVICES = {"PS": "INF", "NW": "ADV", "NE": "ENF", "IN": "CMP", "TT": "MED", "PE": "WIT"}
LIMITS_S = (20, 60, 300, 600)


def the_file() -> Path:
    """The day's file; skips the test where there is none."""
    beside = Path(__file__).parents[3] / "shared/data/real_day_visits.csv"
    path = Path(os.environ.get("SADUAK_REAL_DAY", beside))
    if not path.exists():
        pytest.skip(f"the real day is not at {path}; name it in SADUAK_REAL_DAY")
    return path


@dataclass(slots=True)
class Expected:
    """One service's day, in whole seconds as the file has it."""

    rows: int = 0
    left: int = 0
    waits: list[int] = field(default_factory=list[int])
    services: list[int] = field(default_factory=list[int])

    @property
    def served(self) -> int:
        return len(self.waits)

    def within(self, limit: int) -> int:
        """How many were served that waited at most ``limit`` seconds."""
        return sum(wait <= limit for wait in self.waits)


def expected(path: Path) -> dict[str, Expected]:
    """Served, left and durations by service of the catalogue."""
    found = {code: Expected() for code in SERVICES.values()}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            service = found[SERVICES[row["type"]]]
            service.rows += 1
            if row["outcome"] == "AGENT":
                service.waits.append(int(row["q_time"]))
                service.services.append(int(row["ser_time"]))
            elif row["outcome"] == "HANG" and int(row["q_time"]) > 0:
                service.left += 1
    return found


def percentile(values: Sequence[int], share: float) -> float:
    """Exact, by linear interpolation (type 7)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def skipped(path: Path) -> Counter[str]:
    """Rows that are no visit, by the file's own outcome."""
    with path.open(encoding="utf-8", newline="") as file:
        return Counter(
            row["outcome"]
            for row in csv.DictReader(file)
            if row["outcome"] == "PHANTOM" or (row["outcome"] == "HANG" and int(row["q_time"]) == 0)
        )
