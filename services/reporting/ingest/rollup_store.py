"""The rollups in the database: changed by sets of rows."""

from collections.abc import Sequence
from typing import NamedTuple

from libs.database.statements import statements
from libs.database.types import Connection
from services.reporting.model.rollups import (
    CELLS,
    FEEDBACK,
    FEEDBACK_DAYS,
    RATINGS,
    ROLLUPS,
    STEPS,
    VISITS,
    Ledger,
    Rollup,
    Row,
)

SQL = statements("services.reporting", "sql/rollups.sql")


class Wording(NamedTuple):
    """The statements that change one rollup."""

    add: str
    drop_empty: str


WORDINGS = {
    STEPS: Wording(SQL.add_step_rollup, SQL.drop_empty_step_rollup),
    CELLS: Wording(SQL.add_step_cells, SQL.drop_empty_step_cells),
    VISITS: Wording(SQL.add_visit_rollup, SQL.drop_empty_visit_rollup),
    FEEDBACK: Wording(SQL.add_feedback_rollup, SQL.drop_empty_feedback_rollup),
    RATINGS: Wording(SQL.add_rating_rollup, SQL.drop_empty_rating_rollup),
    FEEDBACK_DAYS: Wording(SQL.add_feedback_day_rollup, SQL.drop_empty_feedback_day_rollup),
}


async def apply(connection: Connection, changes: Ledger) -> None:
    """Add ``changes`` to the rollups; rows that count nothing any more go."""
    for rollup in ROLLUPS:
        rows = list(changes.rows(rollup))
        if not rows:
            continue
        wording = WORDINGS[rollup]
        columns = zip(*((*row.key, *row.counts) for row in rows), strict=True)
        await connection.execute(wording.add, *(list(column) for column in columns))
        lowered = [row.key for row in rows if min(row.counts) < 0]
        if lowered:
            keys = zip(*lowered, strict=True)
            await connection.execute(wording.drop_empty, *(list(column) for column in keys))


async def write(connection: Connection, rollup: Rollup, rows: Sequence[Row]) -> None:
    """Fill an empty rollup."""
    await connection.copy_records_to_table(
        rollup.table,
        columns=(*rollup.keys, *rollup.counters),
        records=((*row.key, *row.counts) for row in rows),
    )
