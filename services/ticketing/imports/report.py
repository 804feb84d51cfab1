"""What an import found, and what it did or would do: the same for a dry run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.ticketing.imports.files import LineError


@dataclass(frozen=True, slots=True)
class DayReport:
    """One service day of the files."""

    day: date
    visits: int
    new: int
    """Those that were not imported before."""
    refused: str | None
    """Why nothing of it is imported; None where nothing stands against it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the files hold, and what of it is new to the site."""

    rows: int
    visits: int
    skipped: Mapping[str, int]
    """Rows that are no visit, by reason."""
    repaired: Mapping[str, int]
    """Rows whose own clocks disagree, by reason; a row may have several."""
    repaired_rows: int
    errors: tuple[LineError, ...]
    days: tuple[DayReport, ...]

    @property
    def new(self) -> int:
        """Visits to import."""
        return sum(day.new for day in self.days)

    @property
    def complete(self) -> bool:
        """Whether every row is a visit of the site now, or was skipped by a rule."""
        return not self.errors and not any(day.refused for day in self.days)

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield f"rows      {self.rows:>7,}"
        yield f"visits    {self.visits:>7,}   of which new {self.new:,}"
        yield f"skipped   {sum(self.skipped.values()):>7,}"
        yield from _by_reason(self.skipped)
        yield f"repaired  {self.repaired_rows:>7,}"
        yield from _by_reason(self.repaired)
        yield f"errors    {len(self.errors):>7,}"
        for error in self.errors:
            yield f"  {error}"
        for day in self.days:
            said = f"refused: {day.refused}" if day.refused else f"{day.new:,} new"
            yield f"day {day.day}  {day.visits:>7,} visits, {said}"
        if self.visits and not self.new and self.complete:
            yield "All of it was imported before: nothing to change."


def _by_reason(reasons: Mapping[str, int]) -> Iterator[str]:
    for reason, count in Counter(reasons).most_common():
        yield f"  {count:>7,}  {reason}"
