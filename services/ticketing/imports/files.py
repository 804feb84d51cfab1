"""Reads the files of an export, row by row."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from libs.service.text import printable
from services.ticketing.imports.parsing import ImportedVisit, RowError, RowReader, Skipped
from services.ticketing.imports.profile import Profile

_Row = Mapping[str, str] | RowError
"""A row by its columns' names, or why it has none."""


@dataclass(frozen=True, slots=True)
class LineError:
    """A row that is not imported, and how to mend it."""

    file: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{printable(self.file)}:{self.line}: {printable(self.what, 300)}; {self.mend}"


@dataclass(slots=True)
class Reading:
    """What the files hold."""

    rows: int = 0
    visits: list[ImportedVisit] = field(default_factory=list[ImportedVisit])
    skipped: Counter[str] = field(default_factory=Counter[str])
    errors: list[LineError] = field(default_factory=list[LineError])


def read(profile: Profile, reader: RowReader, paths: Sequence[Path]) -> Reading:
    """All rows of ``paths``. A wrong row is an error of the reading and stops nothing."""
    reading = Reading()
    for path in paths:
        try:
            for line, row in _rows(profile, path):
                reading.rows += 1
                _take(reading, reader, path.name, line, row)
        except _UnusableFile as error:
            reading.errors.append(LineError(path.name, error.line, error.what, error.mend))
    _refuse_shared_keys(reading)
    return reading


def _take(reading: Reading, reader: RowReader, file: str, line: int, row: _Row) -> None:
    try:
        if isinstance(row, RowError):
            raise row
        found = reader.read(file, line, row)
    except RowError as error:
        reading.errors.append(LineError(file, line, error.what, error.mend))
        return
    if isinstance(found, Skipped):
        reading.skipped[found.reason] += 1
    else:
        reading.visits.append(found)


class _UnusableFile(ValueError):
    """A file that cannot be read at all, from ``line`` on."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        self.line, self.what, self.mend = line, what, mend
        super().__init__(what)


def _rows(profile: Profile, path: Path) -> Iterator[tuple[int, _Row]]:
    line = 1
    try:
        with path.open(encoding=profile.encoding, newline="") as file:
            rows = csv.reader(file, delimiter=profile.delimiter, strict=True)
            header = next(rows, list[str]())
            missing = sorted(profile.columns - set(header))
            if missing:
                raise _UnusableFile(
                    1, f"the file has no column {', '.join(missing)}", "choose the profile for it"
                )
            twice = sorted(name for name in profile.columns if header.count(name) > 1)
            if twice:
                raise _UnusableFile(
                    1, f"the file has the column {', '.join(twice)} twice", "take one of them out"
                )
            for values in rows:
                line = rows.line_num
                if values:
                    yield line, _named(header, values)
    except UnicodeError:
        raise _UnusableFile(
            line, f"the text is not {profile.encoding}", "set the profile's encoding"
        ) from None
    except csv.Error as error:
        raise _UnusableFile(line + 1, f"not readable as CSV: {error}", "export it again") from None


def _named(header: list[str], values: list[str]) -> _Row:
    if len(values) != len(header):
        return RowError(
            f"{len(values)} values where the header names {len(header)}", "mend the row"
        )
    return dict(zip(header, (value.strip() for value in values), strict=True))


def _refuse_shared_keys(reading: Reading) -> None:
    """A day's line number is the key of its row, so that two files can't share a day."""
    first: dict[tuple[object, int], str] = {}
    kept: list[ImportedVisit] = []
    for visit in reading.visits:
        owner = first.setdefault((visit.day, visit.line), visit.file)
        if owner == visit.file:
            kept.append(visit)
        else:
            reading.errors.append(
                LineError(
                    visit.file,
                    visit.line,
                    f"{owner} has a line of this number for {visit.day} too",
                    "put all rows of one day into one file",
                )
            )
    reading.visits = kept
