"""Marks of days whose figures have changed since they were published."""

from collections.abc import Iterable
from datetime import date

from libs.stream.outbox import Connection
from libs.stream.sql import statements
from services.reporting.periods import PeriodKind

SQL = statements("services.reporting", "sql/publish.sql")


async def mark(connection: Connection, kind: PeriodKind, first_days: Iterable[date]) -> None:
    """The periods that begin on these days have changed, in the caller's transaction."""
    await connection.execute(SQL.mark, kind, sorted(set(first_days)))


async def mark_every_day(connection: Connection) -> None:
    """All figures have changed."""
    await connection.execute(SQL.mark_every_day)
