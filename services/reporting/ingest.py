"""One batch of messages becomes facts, visits and figures, in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from libs.stream.outbox import Connection, Pool
from libs.stream.sql import statements
from libs.stream.watermark import Watermark
from services.reporting import changes, day_facts, facts, stale, streams, tally
from services.reporting.intake import (
    Admission,
    Arrival,
    EpochKey,
    Reason,
    Record,
    Refusal,
    admit,
    known_before,
    sort,
    unreadable,
)
from services.reporting.periods import PeriodKind
from services.reporting.rollups import Ledger
from services.reporting.yardsticks import Yardsticks

SQL = statements("services.reporting", "sql/ingest.sql")


LATEST = datetime.max.replace(tzinfo=UTC)


STREAM = attrgetter("key.run.stream")


class Halt(RuntimeError):
    """Going on would do harm; the text says why, and what to do."""


class StandardsChanged(Halt):
    """The rollups are judged by other standards than this process has loaded."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch, once it is committed."""

    stored: Mapping[str, int]
    """New events by stream."""
    held: int
    duplicates: int
    refused: Mapping[Reason, int]
    gaps_opened: int
    gaps_closed: int
    oldest_recorded: Mapping[EpochKey, datetime]
    """When the oldest new event of each stream was recorded at its site."""
    stopped: Mapping[str, str]
    """Topics of which nothing was stored, since a person must look first, each with the reason."""


class Ingest:
    """Takes batches. Each step is a method of its own, in the order they run."""

    def __init__(self, pool: Pool, yardsticks: Yardsticks) -> None:
        self._pool = pool
        self._yardsticks = yardsticks

    async def take(self, records: Iterable[Record]) -> Taken:
        """Store a batch and all that follows from it; all of it or, at any error, nothing.

        But nothing of a topic that can't be read (:func:`~services.reporting.intake.unreadable`).
        The same batch again changes nothing. Raises :class:`Halt` where a person must look, and
        what asyncpg raises.
        """
        intake = sort(records)
        stopped = unreadable(intake)
        intake = intake.without(stopped)
        async with self._pool.acquire() as connection, connection.transaction():
            await self._enter(connection)
            runs = {arrival.key.run for arrival in intake.arrivals}
            before = await streams.lock(connection, runs)
            admission = await self._admit(connection, intake.arrivals, before)
            refusals = [*intake.refusals, *admission.forks]
            await self._keep(connection, admission.accepted, refusals)
            figures = await self._fold(connection, admission.accepted)
            await self._count(connection, figures)
            await self._mark(connection, admission.accepted, figures)
            await streams.move(connection, before, admission.watermarks)
        return _taken(before, admission, refusals, stopped)

    async def _enter(self, connection: Connection) -> None:
        await connection.execute(SQL.share_the_rollups)
        version = await connection.fetchval(SQL.standards_in_force)
        if version != self._yardsticks.version:
            raise StandardsChanged(
                f"the figures are judged by standards {version}, this process has "
                f"{self._yardsticks.version}: start it again with the standards in force"
            )

    async def _admit(
        self,
        connection: Connection,
        arrivals: Sequence[Arrival],
        watermarks: Mapping[EpochKey, Watermark],
    ) -> Admission:
        stored = await streams.ids_at(connection, known_before(arrivals, watermarks))
        return admit(arrivals, watermarks, stored)

    async def _keep(
        self, connection: Connection, accepted: Sequence[Arrival], refusals: Sequence[Refusal]
    ) -> None:
        await facts.quarantine(connection, refusals)
        await facts.store_events(connection, accepted)
        await facts.store_manifests(connection, accepted)
        await facts.store_restorations(connection, accepted)
        await facts.advance_days(connection, accepted)
        await day_facts.store(connection, accepted, self._yardsticks)

    async def _fold(self, connection: Connection, accepted: Sequence[Arrival]) -> Ledger:
        figures = Ledger()
        await changes.fold_visits(connection, accepted, self._yardsticks, figures)
        await changes.weigh_answers(connection, accepted, self._yardsticks, figures)
        return figures

    async def _count(self, connection: Connection, figures: Ledger) -> None:
        await tally.apply(connection, figures)

    async def _mark(
        self, connection: Connection, accepted: Sequence[Arrival], figures: Ledger
    ) -> None:
        """A day's manifest alone changes how complete it is; a rating, another day's figures."""
        days = {arrival.header.serviceday for arrival in accepted} | figures.days()
        if days:
            await stale.mark(connection, PeriodKind.DAY, days)


def _taken(
    before: Mapping[EpochKey, Watermark],
    admission: Admission,
    refusals: Sequence[Refusal],
    stopped: Mapping[str, str],
) -> Taken:
    was = {(run, gap) for run, mark in before.items() for gap in mark.gaps}
    now = {(run, gap) for run, mark in admission.watermarks.items() for gap in mark.gaps}
    return Taken(
        stored=Counter(map(STREAM, admission.accepted)),
        held=sum(arrival.event is None for arrival in admission.accepted),
        duplicates=admission.duplicates,
        refused=Counter(refusal.reason for refusal in refusals),
        gaps_opened=len(now - was),
        gaps_closed=len(was - now),
        oldest_recorded=_oldest(admission.accepted),
        stopped=stopped,
    )


def _oldest(accepted: Iterable[Arrival]) -> dict[EpochKey, datetime]:
    """Events whose time is cut to the hour tell nothing of freshness."""
    oldest: dict[EpochKey, datetime] = {}
    for (run, _), header, event, _, _ in accepted:
        recorded = header.recordedtime
        if event is not None and recorded < oldest.get(run, LATEST) and not event.data.HOURLY:
            oldest[run] = recorded
    return oldest
