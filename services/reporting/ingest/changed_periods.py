"""Marks of days whose figures have changed since they were published."""

from collections.abc import Iterable
from datetime import date

from libs.database.statements import statements
from libs.database.types import Connection
from services.reporting.model.periods import PeriodKind

SQL = statements("services.reporting", "sql/publish.sql")


async def mark(connection: Connection, kind: PeriodKind, first_days: Iterable[date]) -> None:
    """The periods that begin on these days have changed, in the caller's transaction."""
    await connection.execute(SQL.mark, kind, sorted(set(first_days)))


async def mark_every_day(connection: Connection) -> None:
    """All figures have changed."""
    await connection.execute(SQL.mark_every_day)
