"""The tables that follow from the events: how each is computed, read, cleared and written."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from libs.database.statements import statements
from libs.database.types import Connection
from services.reporting.ingest.day_totals import ANSWER_TOTALS, MANIFEST_KEYS, STEP_TOTALS
from services.reporting.ingest.event_store import (
    MANIFEST_COLUMNS,
    RESOLUTION_COLUMNS,
    RESTORATION_COLUMNS,
)
from services.reporting.ingest.projection import (
    ANSWER_COLUMNS,
    STEP_COLUMNS,
    answer_values,
    step_values,
)
from services.reporting.model.rollups import (
    CELLS,
    FEEDBACK,
    FEEDBACK_DAYS,
    RATINGS,
    STEPS,
    VISITS,
    Rollup,
)
from services.reporting.verification.recomputation import Refold, TableRow

SQL = statements("services.reporting", "sql/rebuild.sql")


@dataclass(frozen=True, slots=True)
class Derived:
    """A table whose rows follow from the events. The first ``keys`` of its columns are its key."""

    name: str
    columns: tuple[str, ...]
    keys: int
    of_site: str
    clear: str
    rows: Callable[[Refold], Iterable[TableRow]]

    def split(self, row: TableRow) -> tuple[TableRow, TableRow]:
        """A row's key and its other values."""
        return row[: self.keys], row[self.keys :]

    async def write(self, connection: Connection, refold: Refold) -> None:
        """Add the site's rows, of which there are none."""
        await connection.copy_records_to_table(
            self.name, columns=self.columns, records=self.rows(refold)
        )


def _steps(refold: Refold) -> Iterator[TableRow]:
    for key, visit in refold.visits.items():
        for step in visit.values():
            yield (*key, *step_values(step))


def _answers(refold: Refold) -> Iterator[TableRow]:
    for key, answer in refold.answers.items():
        yield (*key, *answer_values(answer))


def _days(refold: Refold) -> Iterator[TableRow]:
    for key, at in refold.progress.items():
        yield (*key, *at)


def _epochs(refold: Refold) -> Iterator[TableRow]:
    for key, last in refold.epochs.items():
        yield (*key, last)


def _rollup(rollup: Rollup, of_site: str, clear: str) -> Derived:
    def rows(refold: Refold) -> Iterator[TableRow]:
        for row in refold.figures.rows(rollup):
            yield (*row.key, *row.counts)

    columns = (*rollup.keys, *rollup.counters)
    return Derived(rollup.table, columns, len(rollup.keys), of_site, clear, rows)


DERIVED = (
    Derived("steps", STEP_COLUMNS, 3, SQL.steps_of_site, SQL.clear_steps, _steps),
    Derived("responses", ANSWER_COLUMNS, 2, SQL.responses_of_site, SQL.clear_responses, _answers),
    Derived(
        "manifests",
        MANIFEST_COLUMNS,
        6,
        SQL.manifests_of_site,
        SQL.clear_manifests,
        lambda refold: refold.manifests,
    ),
    Derived(
        "manifest_steps",
        (*MANIFEST_KEYS, *STEP_TOTALS),
        len(MANIFEST_KEYS),
        SQL.manifest_steps_of_site,
        SQL.clear_manifest_steps,
        lambda refold: refold.step_totals,
    ),
    Derived(
        "manifest_answers",
        (*MANIFEST_KEYS, *ANSWER_TOTALS),
        len(MANIFEST_KEYS),
        SQL.manifest_answers_of_site,
        SQL.clear_manifest_answers,
        lambda refold: refold.answer_totals,
    ),
    Derived(
        "restorations",
        RESTORATION_COLUMNS,
        4,
        SQL.restorations_of_site,
        SQL.clear_restorations,
        lambda refold: refold.restorations,
    ),
    Derived(
        "resolutions",
        RESOLUTION_COLUMNS,
        5,
        SQL.resolutions_of_site,
        SQL.clear_resolutions,
        lambda refold: refold.resolutions,
    ),
    Derived(
        "day_progress",
        ("site", "service_day", "stream", "last_epoch", "last_sequence"),
        3,
        SQL.day_progress_of_site,
        SQL.clear_day_progress,
        _days,
    ),
    Derived(
        "day_epochs",
        ("site", "stream", "service_day", "epoch", "last_sequence"),
        4,
        SQL.day_epochs_of_site,
        SQL.clear_day_epochs,
        _epochs,
    ),
    _rollup(STEPS, SQL.step_rollup_of_site, SQL.clear_step_rollup),
    _rollup(CELLS, SQL.step_cells_of_site, SQL.clear_step_cells),
    _rollup(VISITS, SQL.visit_rollup_of_site, SQL.clear_visit_rollup),
    _rollup(FEEDBACK, SQL.feedback_rollup_of_site, SQL.clear_feedback_rollup),
    _rollup(RATINGS, SQL.rating_rollup_of_site, SQL.clear_rating_rollup),
    _rollup(FEEDBACK_DAYS, SQL.feedback_day_rollup_of_site, SQL.clear_feedback_day_rollup),
)


def comparable(values: TableRow) -> TableRow:
    """Values as they compare: JSON by its content, however it is spaced."""
    last = values[-1]
    if isinstance(last, str) and last.startswith("{"):
        return (*values[:-1], json.loads(last))
    return values
