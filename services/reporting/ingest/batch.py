"""One batch of messages becomes facts, visits and figures, in one transaction."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter

import structlog

from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.bounds import OPEN_GAPS
from libs.events.codes import Stream
from libs.events.topics import StreamName
from services.reporting.ingest import (
    changed_periods,
    day_totals,
    event_store,
    projection,
    quarantine,
    readability,
    rollup_store,
    stops,
    vacancies,
    watermarks,
)
from services.reporting.ingest.admission import Admission, admit, known_before
from services.reporting.ingest.culprits import FAULTS_AT_MOST, all_fail, culprit, too_many
from services.reporting.ingest.isolation import Halt, is_of_a_message, take_apart
from services.reporting.ingest.messages import (
    Arrival,
    EpochKey,
    Found,
    Intake,
    Reason,
    Record,
    Refusal,
    sort,
)
from services.reporting.ingest.projection import Touched
from services.reporting.ingest.stops import Cause, Stop
from services.reporting.ingest.watermarks import Shift, Standing
from services.reporting.model.periods import PeriodKind
from services.reporting.model.rollups import Ledger
from services.reporting.model.targets import Yardsticks

SQL = statements("services.reporting", "sql/ingest.sql")
LOG = structlog.stdlib.get_logger()

LATEST = datetime.max.replace(tzinfo=UTC)


STREAM = attrgetter("key.run.stream")


class StandardsChanged(Halt):
    """The rollups are judged by other standards than this process has loaded."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch, once it is committed."""

    stored: Mapping[str, int] = field(default_factory=Counter[str])
    """New events by stream."""
    held: int = 0
    duplicates: int = 0
    refused: Mapping[Reason, int] = field(default_factory=Counter[Reason])
    """Messages put into quarantine that were not there before."""
    gaps_opened: int = 0
    gaps_closed: int = 0
    oldest_recorded: Mapping[EpochKey, datetime] = field(default_factory=dict[EpochKey, datetime])
    """When the oldest new event of each stream was recorded at its site."""
    stopped: Mapping[str, str] = field(default_factory=dict[str, str])
    """Topics that are not read on, since a person must look first, each with the reason."""


def together(parts: Iterable[Taken]) -> Taken:
    """What became of a batch that was taken in parts."""
    parts = list(parts)
    stored, refused = Counter[str](), Counter[Reason]()
    oldest: dict[EpochKey, datetime] = {}
    stopped: dict[str, str] = {}
    for part in parts:
        stored.update(part.stored)
        refused.update(part.refused)
        stopped.update(part.stopped)
        for run, recorded in part.oldest_recorded.items():
            oldest[run] = min(recorded, oldest.get(run, recorded))
    return Taken(
        stored,
        sum(part.held for part in parts),
        sum(part.duplicates for part in parts),
        refused,
        sum(part.gaps_opened for part in parts),
        sum(part.gaps_closed for part in parts),
        oldest,
        stopped,
    )


@dataclass(frozen=True, slots=True)
class Entered:
    """What a batch knows when its transaction begins."""

    closed: dict[str, str]
    """Topics that are stopped, each with the reason."""
    tried: set[str]
    """Topics that were stopped, and are due to be tried again."""
    watched: set[str]
    """Topics of the batch of which something could not be read lately."""


class Ingest:
    """Takes batches. Each step is a method of its own, in the order they run."""

    def __init__(self, pool: Pool, yardsticks: Yardsticks) -> None:
        self._pool = pool
        self._yardsticks = yardsticks

    async def take(self, records: Iterable[Record]) -> Taken:
        """Store a batch and all that follows from it.

        It is one transaction: all of it or, at an error that passes by itself, nothing. But a
        message on which the ingest fails is set apart alone (:mod:`.isolation`), and nothing is
        stored of a topic that is stopped (:mod:`.stops`). The same batch again changes nothing.
        Raises :class:`.isolation.Halt` where a person must look, and what asyncpg raises.
        """
        records = list(records)
        try:
            return await self.take_part(records)
        except Exception as error:
            if not is_of_a_message(error):
                raise
            LOG.warning("batch is split", messages=len(records), error=repr(error)[:500])
        return together(await take_apart(self, records))

    async def stops(self) -> list[Stop]:
        """Every stream that is not read on."""
        return await stops.stopped(self._pool)

    async def lift(self, topic: str) -> None:
        """Let this topic be read on."""
        async with self._pool.acquire() as connection:
            await stops.lift(connection, [topic])

    async def take_part(self, records: Sequence[Record]) -> Taken:
        """Store these messages and all that follows from them, in one transaction."""
        intake = sort(records)
        async with self._pool.acquire() as connection, connection.transaction():
            entered = await self._enter(connection, {record.topic for record in records})
            intake = intake.without(entered.closed)
            unread = await self._read(connection, intake, entered.watched)
            intake = intake.without(unread)
            standing = await watermarks.lock(connection, intake.runs)
            admission = await self._admit(connection, intake.found, standing)
            visits = await projection.touched(connection, admission.accepted)
            admission = admission.without(projection.surplus(visits))
            fresh = await quarantine.fresh(connection, admission.refused)
            await self._keep(connection, admission, fresh)
            figures = await self._fold(connection, admission.accepted, visits)
            await self._count(connection, figures)
            await self._mark(connection, admission, figures)
            shift = await watermarks.move(connection, standing.watermarks, admission.watermarks)
            stopped = unread | await self._stop(connection, admission, standing)
            await stops.lift(connection, entered.tried - stopped.keys())
        return _taken(admission, fresh, shift, entered.closed | stopped)

    async def set_apart(self, record: Record, error: Exception) -> Taken:
        """Keep the message on which ``error`` was raised apart, or stop its stream where too many
        are."""
        refusal = culprit(record, error)
        LOG.error("message set apart", topic=record.topic, offset=record.offset, exc_info=error)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await self._enter(connection, ())
                fresh = await quarantine.fresh(connection, [refusal])
                kept = await quarantine.faults(connection, record.topic)
                if fresh and kept >= FAULTS_AT_MOST:
                    reasons = {record.topic: too_many(record, error, kept)}
                    await stops.stop(connection, Cause.FAULTS, reasons)
                    return Taken(stopped=reasons)
                standing = await watermarks.lock(connection, Intake([refusal]).runs)
                admission = await self._admit(connection, [refusal], standing)
                await self._keep(connection, admission, fresh)
                shift = await watermarks.move(connection, standing.watermarks, admission.watermarks)
        except Exception as other:
            if not is_of_a_message(other):
                raise
            return await self.stop_stream(record, other)
        return _taken(admission, fresh, shift, {})

    async def stop_stream(self, record: Record, error: Exception) -> Taken:
        """Read nothing on of the message's stream, and keep nothing apart."""
        reasons = {record.topic: all_fail(record, error)}
        LOG.error("ingest fails", topic=record.topic, offset=record.offset, exc_info=error)
        async with self._pool.acquire() as connection, connection.transaction():
            await stops.stop(connection, Cause.FAULTS, reasons)
        return Taken(stopped=reasons)

    async def _enter(self, connection: Connection, topics: Collection[str]) -> Entered:
        await connection.execute(SQL.share_the_rollups)
        rows = await connection.fetch(SQL.enter, sorted(topics), stops.LOOK_AGAIN)
        ((version, stopped, watched),) = rows
        if version != self._yardsticks.version:
            raise StandardsChanged(
                f"the figures are judged by standards {version}, this process has "
                f"{self._yardsticks.version}: start it again with the standards in force"
            )
        entered = Entered({}, set(), set(watched))
        for site, stream, detail, due in stopped:
            topic = StreamName(site, Stream(stream)).topic
            if topic not in topics:
                continue
            if due is None:
                entered.closed[topic] = detail
            else:
                entered.tried.add(topic)
        return entered

    async def _read(
        self, connection: Connection, intake: Intake, watched: Collection[str]
    ) -> dict[str, str]:
        """Count what could be read; the topics that are stopped since too little could."""
        refusals = intake.refusals
        if not refusals and not watched:
            return {}
        fresh = await quarantine.fresh(connection, refusals)
        batch = readability.counted(intake, fresh, watched)
        before = await readability.before(connection, batch)
        reasons = readability.unreadable(batch, before, fresh)
        await stops.stop(connection, Cause.UNREADABLE, reasons)
        await readability.add(
            connection, {topic: read for topic, read in batch.items() if topic not in reasons}
        )
        return reasons

    async def _admit(
        self, connection: Connection, found: Sequence[Found], standing: Standing
    ) -> Admission:
        stored = await watermarks.ids_at(connection, known_before(found, standing.watermarks))
        return admit(found, standing.watermarks, stored, standing.open_gaps)

    async def _keep(
        self, connection: Connection, admission: Admission, fresh: Sequence[Refusal]
    ) -> None:
        accepted = admission.accepted
        await quarantine.keep(connection, fresh)
        await vacancies.fill(connection, admission.filled)
        await vacancies.vacate(connection, admission.vacant)
        await event_store.store_events(connection, accepted)
        await event_store.store_manifests(connection, accepted)
        await event_store.store_restorations(connection, accepted)
        await event_store.advance_days(connection, accepted)
        await day_totals.store(connection, accepted, self._yardsticks)

    async def _fold(
        self, connection: Connection, accepted: Sequence[Arrival], visits: Touched
    ) -> Ledger:
        figures = Ledger()
        await projection.fold_visits(connection, visits, self._yardsticks, figures)
        await projection.weigh_answers(connection, accepted, self._yardsticks, figures)
        return figures

    async def _count(self, connection: Connection, figures: Ledger) -> None:
        await rollup_store.apply(connection, figures)

    async def _mark(self, connection: Connection, admission: Admission, figures: Ledger) -> None:
        """A day's manifest alone changes how complete it is, and so does what is refused of it; a
        rating, another day's figures."""
        days = {arrival.header.serviceday for arrival in admission.accepted} | figures.days()
        days |= {one.service_day for one in admission.vacant.values() if one.service_day}
        if days:
            await changed_periods.mark(connection, PeriodKind.DAY, days)

    async def _stop(
        self, connection: Connection, admission: Admission, standing: Standing
    ) -> dict[str, str]:
        """The topics that are stopped since too many numbers are missing."""
        reasons = {
            topic: f"numbers are missing on {topic} in {standing.open_gaps[stream]} places, the "
            f"messages that follow would make them more than {OPEN_GAPS}. See what happened at the "
            "site; then accept them as lost: saduak reporting streams accept-loss "
            f"{stream.site} {stream.stream} --because …"
            for stream, topic in admission.stopped.items()
        }
        await stops.stop(connection, Cause.GAPS, reasons)
        return reasons


def _taken(
    admission: Admission, fresh: Iterable[Refusal], shift: Shift, stopped: Mapping[str, str]
) -> Taken:
    return Taken(
        stored=Counter(map(STREAM, admission.accepted)),
        held=sum(arrival.event is None for arrival in admission.accepted),
        duplicates=admission.duplicates,
        refused=Counter(refusal.reason for refusal in fresh),
        gaps_opened=len(shift.opened),
        gaps_closed=len(shift.closed),
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
