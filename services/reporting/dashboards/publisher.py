"""Publishes to the dashboards: what the events changed is made figures again, by the pages' code.

A batch of events marks its days (`ingest/changed_periods.py`), in its own transaction. A published
day marks its month, a published month its fiscal year: each kind at its own pace, since longer
periods cost more and change less. Each part of a round, and each period in it, is written by
itself: what can't be is put behind, told of, and takes nothing else with it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from types import MappingProxyType

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Gauge

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.bounds import PAST
from libs.service.formats import local_date
from libs.standards import Standards
from libs.stream.retry import is_trouble
from services.reporting.background.rounds import Rounds
from services.reporting.background.turns import turn
from services.reporting.dashboards.tables import put_days, put_names, put_period, put_queues
from services.reporting.figures.assembly import Asked
from services.reporting.ingest import changed_periods
from services.reporting.model.periods import ONE_DAY, Period, PeriodKind, period_of

SQL = statements("services.reporting", "sql/publish.sql")
LOG = structlog.stdlib.get_logger()

ROUND_S = 15.0
PACE: Mapping[PeriodKind, timedelta] = MappingProxyType(
    {
        PeriodKind.DAY: timedelta(),
        PeriodKind.MONTH: timedelta(minutes=5),
        PeriodKind.YEAR: timedelta(hours=1),
    }
)
"""How long a kind of period rests between two publications."""
RECENT: Mapping[PeriodKind, timedelta] = MappingProxyType(
    {
        PeriodKind.DAY: timedelta(days=35),
        PeriodKind.MONTH: timedelta(days=35),
        PeriodKind.YEAR: timedelta(days=366),
    }
)
"""Periods that began so long before the one of today have places of their own in every round."""
AT_A_TIME = 20
"""Periods of a kind in one round, so that a year of old events leaves room for today's."""
UNSETTLED_DAYS = 35
"""How far back the states of days are looked at in every round."""
OLD_DAYS = PeriodKind.YEAR
"""At whose pace older days are that are not settled."""
OLD_AT_A_TIME = 100
"""Older days that are looked at then; the others have their turn the next times."""
FAULT_LENGTH = 200


class RoundFailed(RuntimeError):
    """Parts of a round failed, and all others went on."""


class Publisher:
    """Publishes again and again, in turns with the other replicas."""

    def __init__(self, pool: Pool, standards: Standards, registry: CollectorRegistry) -> None:
        self.rounds = Rounds()
        self._pool = pool
        self._standards = standards
        self._rested: dict[PeriodKind, datetime] = {}
        self._today: date | None = None
        self._named_on: date | None = None
        self._old_days_from = PAST.first
        self._unreadable: dict[str, frozenset[str]] = {}
        self._faults: list[str] = []
        self._stale = _gauge(
            registry,
            "saduak_publisher_stale_periods",
            "Days, months and years whose figures on the dashboards are older than the events",
        )
        self._failed = _gauge(
            registry,
            "saduak_publisher_failed_periods",
            "Days, months and years that could not be published as a whole when last tried",
        )
        self._odd_sites = _gauge(
            registry,
            "saduak_publisher_unreadable_sites",
            "Sites with rows that cannot be read, so that nothing new of them is published",
        )

    async def run(self, clock: Clock = now) -> None:
        """Publish for ever; raises :class:`RoundFailed`, and what the database raises."""
        while True:
            try:
                await self.publish(clock())
            except Exception as error:
                self.rounds.ended(_told(error))
                raise
            self.rounds.ended()
            await asyncio.sleep(ROUND_S)

    async def publish(self, moment: datetime) -> bool:
        """One round, if it is this replica's turn; whether it was.

        Raises :class:`RoundFailed` at its end where a part of it failed, or today's figures.
        """
        async with turn(self._pool, "publisher") as connection:
            if connection is None:
                return False
            self._faults = []
            await self._round(connection, moment)
            if self._faults:
                raise RoundFailed("; ".join(self._faults))
        return True

    async def notice(self) -> dict[str, object]:
        """What health shows beside the check: the sites of which nothing new is published."""
        return {"unreadable": sorted(self._odd)}

    async def _round(self, connection: Connection, moment: datetime) -> None:
        today = local_date(moment)
        if today != self._named_on:
            await self._part(connection, "names", self._put_names(connection, today))
        if today != self._today:  # what was open is missing now, without any event
            await changed_periods.mark(connection, PeriodKind.DAY, [today - ONE_DAY, today])
            self._today = today
        await self._part(connection, "queues", self._put_queues(connection, moment))
        recent = Period(today - UNSETTLED_DAYS * ONE_DAY, today)
        await self._part(connection, "days", self._put_days(connection, recent, today))
        if self._due(OLD_DAYS, moment):
            await self._part(connection, "old days", self._put_old_days(connection, recent))
        for kind in PACE:
            if self._due(kind, moment):
                await self._publish_stale(connection, kind, moment)
                self._rested[kind] = moment
        self._stale.set(await connection.fetchval(SQL.stale_count))
        self._failed.set(await connection.fetchval(SQL.failed_count))
        self._odd_sites.set(len(self._odd))

    def _due(self, kind: PeriodKind, moment: datetime) -> bool:
        rested = self._rested.get(kind)
        return rested is None or moment - rested >= PACE[kind]

    @property
    def _odd(self) -> frozenset[str]:
        return frozenset[str]().union(*self._unreadable.values())

    async def _part(self, connection: Connection, name: str, work: Awaitable[None]) -> None:
        """Do a part of the round; its fault is told at the round's end."""
        try:
            await work
        except Exception as error:
            if _is_outage(connection, error):
                raise
            LOG.exception("a part of the dashboards is not published", part=name)
            self._faults.append(f"{name}: {_told(error)}")

    async def _put_names(self, connection: Connection, today: date) -> None:
        async with connection.transaction():
            await put_names(connection, self._standards, today)
        self._named_on = today

    async def _put_queues(self, connection: Connection, moment: datetime) -> None:
        async with _snapshot(connection):
            self._unreadable["queues"] = await put_queues(connection, self._standards, moment)

    async def _put_days(self, connection: Connection, period: Period, today: date) -> None:
        async with _snapshot(connection):
            asked = Asked(self._standards, period, today)
            self._unreadable[f"days from {period.first}"] = await put_days(connection, asked)

    async def _put_old_days(self, connection: Connection, recent: Period) -> None:
        """Older days whose state may change without an event, so many at a time."""
        rows = await connection.fetch(
            SQL.unsettled_days, self._old_days_from, recent.first, OLD_AT_A_TIME
        )
        for (day,) in rows:
            work = self._put_days(connection, Period(day, day, PeriodKind.DAY), recent.last)
            await self._part(connection, f"day {day}", work)
        whole = len(rows) == OLD_AT_A_TIME
        self._old_days_from = rows[-1][0] if whole else PAST.first

    async def _publish_stale(
        self, connection: Connection, kind: PeriodKind, moment: datetime
    ) -> None:
        today = local_date(moment)
        current = period_of(kind, today).first
        rows = await connection.fetch(
            SQL.stale, kind, current, current - RECENT[kind], moment, AT_A_TIME
        )
        for (first_day,) in rows:
            fault = await self._publish_period(connection, period_of(kind, first_day), today)
            if fault is None:
                continue
            await connection.execute(SQL.put_behind, kind, first_day, moment, fault)
            await connection.execute(SQL.thin_out, kind, first_day)
            if kind is PeriodKind.DAY and first_day == today:
                self._faults.append(f"today: {fault}")

    async def _publish_period(
        self, connection: Connection, period: Period, today: date
    ) -> str | None:
        """Publish a period; why it could not be, or not of all sites."""
        name = f"{period.kind} {period.first}"
        try:
            async with _snapshot(connection):
                unreadable = await put_period(connection, Asked(self._standards, period, today))
        except Exception as error:
            if _is_outage(connection, error):
                raise
            LOG.exception("a period is not published", kind=period.kind, first=str(period.first))
            return _told(error)
        if not unreadable:
            self._unreadable.pop(name, None)
            return None
        self._unreadable[name] = unreadable
        return f"cannot be read: {', '.join(sorted(unreadable))}"[:FAULT_LENGTH]


@asynccontextmanager
async def _snapshot(connection: Connection) -> AsyncGenerator[None]:
    async with connection.transaction(isolation="repeatable_read"):
        yield


def _is_outage(connection: Connection, error: Exception) -> bool:
    """Whether nothing else can be done either. A statement that took too long is no outage: the
    others go on, and that one is put behind."""
    slow = isinstance(error, TimeoutError | asyncpg.QueryCanceledError)
    return connection.is_closed() or (is_trouble(error) and not slow)


def _told(error: Exception) -> str:
    """The error in a line that can be stored and printed."""
    return ascii(f"{type(error).__name__}: {error}")[1:-1][:FAULT_LENGTH]


def _gauge(registry: CollectorRegistry, name: str, meaning: str) -> Gauge:
    gauge = Gauge(
        name, f"{meaning}; NaN in a replica that has not published yet", registry=registry
    )
    gauge.set(float("nan"))
    return gauge
