"""Publishes to the dashboards: what the events changed is made figures again, by the pages' code.

A batch of events marks its days (`stale.py`), in its own transaction. A published day marks its
month, a published month its fiscal year: each kind at its own pace, since longer periods cost more
and change less.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from prometheus_client import CollectorRegistry, Gauge

from libs.service.formats import local_date
from libs.standards import Standards
from libs.stream.clock import Clock, now
from libs.stream.outbox import Connection, Pool
from libs.stream.sql import statements
from services.reporting import published, questions, reading, stale
from services.reporting.coverage import SiteDay, days_of_site
from services.reporting.periods import ONE_DAY, Period, PeriodKind, period_of
from services.reporting.published import Queue
from services.reporting.questions import Asked
from services.reporting.reading import Scope
from services.reporting.turns import turn

SQL = statements("services.reporting", "sql/publish.sql")

ROUND_S = 15.0
PACE: Mapping[PeriodKind, timedelta] = MappingProxyType(
    {
        PeriodKind.DAY: timedelta(),
        PeriodKind.MONTH: timedelta(minutes=5),
        PeriodKind.YEAR: timedelta(hours=1),
    }
)
"""How long a kind of period rests between two publications."""
NEXT = MappingProxyType(
    {PeriodKind.DAY: PeriodKind.MONTH, PeriodKind.MONTH: PeriodKind.YEAR, PeriodKind.YEAR: None}
)
AT_A_TIME = 20
"""Periods of a kind in one round, so that a year of old events leaves room for today's."""
UNSETTLED_DAYS = 35
"""How far back the states of days are looked at in every round."""
OLD_DAYS = PeriodKind.YEAR
"""At whose pace older days are, from the first that is not settled."""

Row = TypeVar("Row", bound=tuple[object, ...])


class Publisher:
    """Publishes again and again, in turns with the other replicas."""

    def __init__(self, pool: Pool, standards: Standards, registry: CollectorRegistry) -> None:
        self._pool = pool
        self._standards = standards
        self._rested: dict[PeriodKind, datetime] = {}
        self._today: date | None = None
        self._named = False
        self._stale = Gauge(
            "saduak_publisher_stale_periods",
            "Days, months and years whose figures on the dashboards are older than the events; "
            "NaN in a replica that has not published yet",
            registry=registry,
        )
        self._stale.set(float("nan"))

    async def run(self, clock: Clock = now) -> None:
        """Publish for ever; raises what the database raises."""
        while True:
            await self.publish(clock())
            await asyncio.sleep(ROUND_S)

    async def publish(self, moment: datetime) -> bool:
        """One round, if it is this replica's turn; whether it was."""
        async with turn(self._pool, "publisher") as connection:
            if connection is None:
                return False
            await self._round(connection, moment)
        return True

    async def _round(self, connection: Connection, moment: datetime) -> None:
        today = local_date(moment)
        if not self._named:
            await self._name(connection)
            self._named = True
        if today != self._today:  # what was open is missing now, without any event
            await stale.mark(connection, PeriodKind.DAY, [today - ONE_DAY, today])
            self._today = today
        await self._publish_queues(connection, moment)
        await self._publish_days(connection, today, all_unsettled=self._due(OLD_DAYS, moment))
        for kind in PACE:
            if self._due(kind, moment):
                await self._publish_stale(connection, kind, today)
                self._rested[kind] = moment
        self._stale.set(await connection.fetchval(SQL.stale_count))

    def _due(self, kind: PeriodKind, moment: datetime) -> bool:
        rested = self._rested.get(kind)
        return rested is None or moment - rested >= PACE[kind]

    async def _name(self, connection: Connection) -> None:
        editions = self._standards.editions
        async with connection.transaction():
            for wording, rows in (
                (SQL.put_sites, published.site_rows(self._standards)),
                (SQL.put_names, published.name_rows()),
                (SQL.put_editions, published.edition_rows(editions)),
                (SQL.put_edition_criteria, published.edition_criterion_rows(editions)),
            ):
                await connection.execute(wording, *_columns(rows))

    async def _publish_stale(self, connection: Connection, kind: PeriodKind, today: date) -> None:
        for (first_day,) in await connection.fetch(SQL.stale, kind, AT_A_TIME):
            async with connection.transaction(isolation="repeatable_read"):
                await self._publish_period(connection, period_of(kind, first_day), today)

    async def _publish_period(self, connection: Connection, period: Period, today: date) -> None:
        """The period as one snapshot shows it; what comes meanwhile marks it again."""
        kind, first_day = period.kind, period.first
        marks = [row["id"] for row in await connection.fetch(SQL.stale_rows, kind, first_day)]
        view = await questions.nation(connection, Asked(self._standards, period, today))
        figures = list(published.figure_rows(view))
        await connection.execute(SQL.put_figures, kind, first_day, *_columns(figures))
        if kind is PeriodKind.DAY:
            await self._put_days(connection, period, today)
        else:
            for drop, put, rows in (
                (SQL.drop_criteria, SQL.put_criteria, list(published.criterion_rows(view))),
                (SQL.drop_scorecards, SQL.put_scorecards, list(published.scorecard_rows(view))),
            ):
                await connection.execute(drop, kind, first_day)
                if rows:
                    await connection.execute(put, kind, first_day, *_columns(rows))
        await connection.execute(SQL.settle, marks)
        following = NEXT[kind]
        if following is not None:
            due = period_of(following, first_day).first
            await stale.mark(connection, following, [due])

    async def _publish_days(
        self, connection: Connection, today: date, *, all_unsettled: bool
    ) -> None:
        first = today - UNSETTLED_DAYS * ONE_DAY
        async with connection.transaction(isolation="repeatable_read"):
            if all_unsettled:
                first = await connection.fetchval(SQL.unsettled_since, first)
            await self._put_days(connection, Period(first, today), today)

    async def _put_days(self, connection: Connection, period: Period, today: date) -> None:
        rows = list(published.day_rows(await self._days(connection, period, today)))
        due = [row.site for row in rows], [row.service_day for row in rows]
        await connection.execute(SQL.drop_days, period.first, period.last, *due)
        if rows:
            await connection.execute(SQL.put_days, *_columns(rows))

    async def _days(
        self, connection: Connection, period: Period, today: date
    ) -> dict[str, Sequence[SiteDay]]:
        active = self._standards.active_sites
        known = await reading.days(connection, Scope([site.code for site in active], period))
        reaches = await reading.reaches(connection)
        return {
            site.code: days_of_site(
                period,
                known.get(site.code, {}),
                reaches.get(site.code),
                partial(self._works_on, site.code),
                today,
            )
            for site in active
        }

    def _works_on(self, site: str, day: date) -> bool:
        return self._standards.office_hours(site, day) is not None

    async def _publish_queues(self, connection: Connection, moment: datetime) -> None:
        today = local_date(moment)
        sites = [site.code for site in self._standards.active_sites]
        async with connection.transaction(isolation="repeatable_read"):
            queues = {
                row["site"]: Queue(row["waiting"], row["since"], row["steps"])
                for row in await connection.fetch(SQL.queues, today, sites)
            }
            empty = Queue(0, None, 0)
            rows = [published.queue_row(site, queues.get(site, empty), moment) for site in sites]
            await connection.execute(SQL.put_queues, *_columns(rows), moment)


def _columns(rows: Sequence[Row]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
