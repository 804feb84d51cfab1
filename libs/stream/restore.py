"""A restored database goes on: what it lost is said, what it wrote since gets new numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import structlog

from libs.clock import Clock
from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.bounds import EPOCH, LIVE
from libs.events.codes import Origin
from libs.events.restoration import StreamRestored
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Transaction
from libs.stream.resume import EpochsUsedUp, Lost, Place, Sent, TwoOfUs
from libs.stream.topic import Ours, read_lost

SQL = statements("libs.stream", "sql/healing.sql")
LOG = structlog.stdlib.get_logger(__name__)

THAI_TIME = timezone(timedelta(hours=7))
"""Asia/Bangkok, which keeps no summer time."""
ONCE_IN = timedelta(hours=1)
"""A database that must heal more often was not restored."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The stream whose topic and database part."""

    kafka: KafkaAccess
    topic: str
    ours: Ours


async def heal(connection: Connection, stream: Broken, known: Sent, clock: Clock) -> Sent:
    """Let the stream go on in a new epoch; from where to send.

    ``known`` is the cursor as the backup has it. Everything happens in one transaction, and a
    relay that dies before its commit finds everything as it was. Raises :class:`TwoOfUs` for a
    database that has healed within :data:`ONCE_IN`, :class:`EpochsUsedUp` for one that has done
    so a thousand times, and what :func:`~libs.stream.topic.read_lost` does.
    """
    topic = stream.topic

    async def held(places: Sequence[Place]) -> frozenset[Place]:
        if not places:
            return frozenset()
        columns = zip(*((p.epoch, p.sequence, p.event_id) for p in places), strict=True)
        rows = await connection.fetch(SQL.held, *(list(column) for column in columns))
        return frozenset(Place(row["epoch"], row["sequence"], row["event_id"]) for row in rows)

    noticed = clock().astimezone(THAI_TIME).date()
    lost = await read_lost(stream.kafka, topic, stream.ours, held, noticed)
    async with connection.transaction():
        cursor = await _where_both_agree(connection, known, lost)
        (counter,) = await connection.fetch(SQL.have_counter_alone)
        if counter["epoch"] > lost.newest.epoch:
            return cursor  # healed before: nothing of the new epoch had been sent yet
        at = clock()
        if await connection.fetchval(SQL.healed_since, at - ONCE_IN):
            raise TwoOfUs(f"{topic} has events of another database: two send as one site")
        epoch = max(counter["epoch"], lost.newest.epoch) + 1
        if epoch > EPOCH:
            raise EpochsUsedUp(f"{topic} would begin epoch {epoch}, and {EPOCH} is the last")
        await connection.execute(SQL.restamp, cursor.position, epoch)
        await connection.execute(SQL.count_on, cursor.position, epoch)
        lost_days = [(day, one.events, one.closed) for day, one in sorted(lost.days.items())]
        columns = zip(*lost_days, strict=True)
        await connection.execute(SQL.note_days, epoch, at, *(list(column) for column in columns))
        await _say(connection, cursor, lost, at, clock)
    LOG.warning(
        "the database was restored: the stream goes on in a new epoch",
        topic=topic,
        epoch=epoch,
        lost=lost.events,
        written_since=counter["position"] - cursor.position,
    )
    return cursor


async def _where_both_agree(connection: Connection, known: Sent, lost: Lost) -> Sent:
    """The newest event that both hold. Where the topic holds none of ours any more, for age, all
    that the cursor knows was sent once."""
    if lost.after is None:
        return known
    at = lost.after
    position = await connection.fetchval(SQL.position_of, at.epoch, at.sequence, at.event_id)
    return Sent(position, at)


async def _say(
    connection: Connection, cursor: Sent, lost: Lost, at: datetime, clock: Clock
) -> None:
    origin = await connection.fetchval(SQL.newest_origin)
    place = cursor.place
    saying = Transaction(connection, clock)
    saying.emit(
        StreamRestored(
            after_epoch=place.epoch if place else 0,
            after_sequence=place.sequence if place else 0,
            lost=lost.events,
        ),
        subject=None,
        time=at,
        service_day=max(filter(LIVE.holds, lost.days), default=at.astimezone(THAI_TIME).date()),
        origin=Origin(origin) if origin else Origin.LIVE,
    )
    await saying.append()
