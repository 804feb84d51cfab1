"""The attack: everything published becomes linear equations, and a linear programme asks for each
withheld number how small and how large it can be.

Integers are relaxed to reals, which only widens an interval; its ends are rounded inwards again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor

import numpy as np
from scipy.optimize import linprog  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
from scipy.sparse import csr_array  # pyright: ignore[reportMissingTypeStubs]

from libs.standards.metrics import Unit
from services.reporting.figures.disclosure import Published
from services.reporting.figures.measures import Measure, MeasureUnit
from tests.disclosure.knowledge import (
    ALWAYS_ZERO,
    COUNTERS,
    MEANINGS,
    MINUTE_MS,
    NEVER_POSITIVE,
    OF_A_SITE,
    ONLY_OF_A_SITE,
    ONLY_WITH_ANSWERS,
    Form,
    Meaning,
)

Where = Mapping[str, float]
"""Blocks (an office, one of its services, an hour) with the factor of each."""
SLACK = 1e-5
BOUNDLESS = 1e9
"""Stands for a number that nothing bounds."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure somewhere, as published."""

    place: str
    label: str
    where: Where
    meaning: Meaning
    shown: Published


@dataclass(frozen=True, slots=True)
class Recovery:
    """A withheld number that is known too well."""

    cell: Cell
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.cell.place}: {self.cell.label} lies in {self.low:.2f} … {self.high:.2f}"


class Knowledge:
    """Equations and inequalities over counters of blocks."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], int] = {}
        self._equal: list[tuple[dict[int, float], float]] = []
        self._at_most: list[tuple[dict[int, float], float]] = []
        self._known: set[tuple[tuple[tuple[int, float], ...], float]] = set()

    def add_block(self, block: str, *, visits: bool, answers: bool) -> None:
        """A group of visitors; ``visits`` and ``answers`` say which counters it has."""
        left_out = set(() if visits else ONLY_OF_A_SITE) | set(() if answers else ONLY_WITH_ANSWERS)
        for name in COUNTERS:
            if name not in left_out:
                self._columns[block, name] = len(self._columns)
        for form in ALWAYS_ZERO:
            self.learn({block: 1}, form, 0.0)
        for form in (*NEVER_POSITIVE, *(OF_A_SITE if visits else ())):
            if left_out.isdisjoint(form):
                self._at_most.append((self._row({block: 1}, form), 0.0))

    def at_least(self, block: str, name: str, number: float) -> None:
        self._at_most.append((self._row({block: 1}, {name: -1}), -number))

    def nested(self, inner: str, outer: str) -> None:
        """Whoever is counted in ``inner`` is counted in ``outer`` too."""
        for name in COUNTERS:
            if (inner, name) in self._columns:
                self._at_most.append((self._row({inner: 1, outer: -1}, {name: 1}), 0.0))
        for form in NEVER_POSITIVE:
            self._at_most.append((self._row({outer: 1, inner: -1}, form), 0.0))

    def adds_up(self, parts: Sequence[str], whole: str) -> None:
        """Every counter that the parts have sums up to the whole's."""
        for name in COUNTERS:
            if all((part, name) in self._columns for part in parts):
                where = dict.fromkeys(parts, 1.0) | {whole: -1.0}
                self.learn(where, {name: 1}, 0.0)

    def learn(self, where: Where, form: Form, number: float) -> None:
        row = self._row(where, form)
        key = (tuple(sorted(row.items())), number)
        if key not in self._known:
            self._known.add(key)
            self._equal.append((row, number))

    def read(self, cells: Iterable[Cell]) -> None:
        """All that the figures shown say."""
        for cell in cells:
            for form, number in _said(cell.shown, cell.meaning):
                self.learn(cell.where, form, number)

    def interval(self, where: Where, form: Form) -> tuple[float, float]:
        """The smallest and the largest number that agrees with everything known."""
        objective = np.zeros(len(self._columns))
        for column, factor in self._row(where, form).items():
            objective[column] = factor
        return self._optimum(objective), -self._optimum(-objective)

    def _optimum(self, objective: np.ndarray) -> float:
        found = linprog(objective, **self._programme, method="highs")
        if found.status == 3:  # nothing bounds it
            return -BOUNDLESS
        assert found.status == 0, found.message
        return float(found.fun)

    @cached_property
    def _programme(self) -> dict[str, object]:
        """Everything known, once all is learnt."""
        return {
            "A_ub": self._matrix(self._at_most),
            "b_ub": [number for _, number in self._at_most],
            "A_eq": self._matrix(self._equal),
            "b_eq": [number for _, number in self._equal],
        }

    def _matrix(self, rows: Sequence[tuple[dict[int, float], float]]) -> csr_array:
        entries = [
            (value, line, column)
            for line, (row, _) in enumerate(rows)
            for column, value in row.items()
        ]
        values, lines, columns = zip(*entries, strict=True)
        return csr_array((values, (lines, columns)), shape=(len(rows), len(self._columns)))

    def _row(self, where: Where, form: Form) -> dict[int, float]:
        row: dict[int, float] = {}
        for block, by in where.items():
            for name, factor in form.items():
                column = self._columns[block, name]
                row[column] = row.get(column, 0.0) + by * factor
        return row


def _said(shown: Published, meaning: Meaning) -> Iterator[tuple[Form, float]]:
    """The equations of a figure that is shown."""
    if shown.suppressed:
        return
    if shown.n is not None:
        yield meaning.n, shown.n
    if meaning.numerator is None or shown.value is None:
        return
    if shown.numerator is not None:
        yield meaning.numerator, shown.numerator
    elif meaning.counted:
        yield meaning.numerator, shown.value
    elif shown.n and shown.unit is MeasureUnit.MILLISECONDS:
        yield meaning.numerator, shown.value * shown.n / MINUTE_MS
    elif shown.n and shown.name is Measure.SATISFACTION_PERCENT:
        yield meaning.numerator, round(shown.value * shown.n / 20)


def recovered(known: Knowledge, cell: Cell) -> Recovery | None:
    """The withheld number, where it is known better than the rule allows: a count must stay
    compatible with 1, 2, 3 and 4; a share with two numerators; a mean with two sums."""
    meaning = cell.meaning
    assert meaning.numerator is not None
    low, high = known.interval(cell.where, meaning.numerator)
    if meaning.counted:
        kept = ceil(low - SLACK) <= 1 and floor(high + SLACK) >= 4
    elif cell.shown.unit in (Unit.SHARE, Unit.LEVEL, MeasureUnit.PERCENT_OF_FIVE):
        kept = floor(high + SLACK) - ceil(low - SLACK) >= 1
    else:
        kept = high - low > 0.01
    return None if kept else Recovery(cell, low, high)


def withheld(cells: Iterable[Cell]) -> list[Cell]:
    """What to attack: a number nobody is shown, of a figure that sums tell of."""
    return [cell for cell in cells if cell.shown.suppressed and cell.meaning.numerator]


def meaning_of(shown: Published) -> Meaning:
    return MEANINGS[shown.name]
