"""Writes to the dashboards' tables, each part for itself: figures, days, queues, names.

What is written of a site that can't be read stays as it was, and the site is told of.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

import structlog

from libs.database.statements import statements
from libs.database.types import Connection
from libs.service.formats import local_date
from libs.standards import Standards
from services.reporting.dashboards import rows as published_rows
from services.reporting.dashboards.rows import Queue, QueueRow
from services.reporting.figures.assembly import Asked
from services.reporting.ingest import changed_periods
from services.reporting.model.periods import PeriodKind, period_of
from services.reporting.reads.apart import read_apart
from services.reporting.reads.questions import nation
from services.reporting.reads.site_days import read_site_days

SQL = statements("services.reporting", "sql/publish.sql")
LOG = structlog.stdlib.get_logger()

NEXT = {PeriodKind.DAY: PeriodKind.MONTH, PeriodKind.MONTH: PeriodKind.YEAR}
"""What a period's publication makes stale."""

Row = TypeVar("Row", bound=tuple[object, ...])


async def put_names(connection: Connection, standards: Standards, today: date) -> None:
    """What the standards call things, and which sites take part today."""
    editions = standards.editions
    for wording, rows in (
        (SQL.put_sites, published_rows.site_rows(standards, today)),
        (SQL.put_names, published_rows.name_rows()),
        (SQL.put_editions, published_rows.edition_rows(editions)),
        (SQL.put_edition_criteria, published_rows.edition_criterion_rows(editions)),
    ):
        await connection.execute(wording, *_columns(rows))


async def put_period(connection: Connection, asked: Asked) -> frozenset[str]:
    """A period's figures as one snapshot shows them; which sites could not be read.

    What comes meanwhile marks the period again. While a site can't be read it stays marked.
    """
    kind, first_day = asked.period.kind, asked.period.first
    marks = [row["id"] for row in await connection.fetch(SQL.stale_rows, kind, first_day)]
    view = await nation(connection, asked)
    figures = list(published_rows.figure_rows(view))
    await connection.execute(SQL.put_figures, kind, first_day, *_columns(figures))
    unreadable, odd = frozenset(view.unreadable), sorted(view.unreadable)
    if kind is PeriodKind.DAY:
        unreadable |= await put_days(connection, asked)
    else:
        for drop, put, rows in (
            (SQL.drop_criteria, SQL.put_criteria, list(published_rows.criterion_rows(view))),
            (SQL.drop_scorecards, SQL.put_scorecards, list(published_rows.scorecard_rows(view))),
        ):
            await connection.execute(drop, kind, first_day, odd)
            if rows:
                await connection.execute(put, kind, first_day, *_columns(rows))
    if not unreadable:
        await connection.execute(SQL.settle, marks)
        await connection.execute(SQL.forget_failures, kind, first_day)
    if kind in NEXT:
        due = period_of(NEXT[kind], first_day).first
        await changed_periods.mark(connection, NEXT[kind], [due])
    return unreadable


async def put_days(connection: Connection, asked: Asked) -> frozenset[str]:
    """The states of the days of a period; which sites' could not be read."""
    found = await read_site_days(connection, asked.standards, asked.period, asked.today)
    rows = list(published_rows.day_rows(found.days))
    due = [row.site for row in rows], [row.service_day for row in rows]
    period = asked.period
    await connection.execute(
        SQL.drop_days, period.first, period.last, *due, sorted(found.unreadable)
    )
    if rows:
        await connection.execute(SQL.put_days, *_columns(rows))
    return found.unreadable


async def put_queues(
    connection: Connection, standards: Standards, moment: datetime
) -> frozenset[str]:
    """Who waits at each site; which sites' queues could not be read, and are shown as unknown."""
    codes = [site.code for site in standards.sites_on(local_date(moment))]

    async def read(some: Sequence[str]) -> dict[str, QueueRow]:
        rows = {
            row["site"]: Queue(row["waiting"], row["since"], row["steps"])
            for row in await connection.fetch(SQL.queues, local_date(moment), some)
        }
        empty = Queue(0, None, 0)
        return {
            site: published_rows.queue_row(site, rows.get(site, empty), moment) for site in some
        }

    found, unreadable = await read_apart(connection, codes, read)
    unknown = [QueueRow(site, None, None, withheld=False) for site in sorted(unreadable)]
    rows = [*found.values(), *unknown]
    if rows:
        await connection.execute(SQL.put_queues, *_columns(rows), moment)
    return unreadable


def _columns(rows: Sequence[Row]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
