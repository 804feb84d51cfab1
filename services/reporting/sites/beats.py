# pyright: reportUnknownMemberType=false
# (aiokafka leaves its signatures untyped)
"""The sites' signs of life: read beside the events, the newest of each service kept."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import structlog
from aiokafka import ConsumerRecord
from faststream.kafka import KafkaMessage

from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.beats import NoBeat, SiteBeat, read_beat
from libs.events.bounds import CLOCK
from libs.events.envelope import source_of
from libs.events.topics import BEATS_PATTERN, site_of_beats
from libs.stream.kafka import KafkaAccess
from libs.stream.retry import is_trouble
from libs.stream.unpacking import Unreadable
from services.reporting.consumer.consumer import broker_of, for_ever, leave, subscribe

SQL = statements("services.reporting", "sql/sites.sql")
LOG = structlog.stdlib.get_logger()

GROUP = "reporting-beats"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OF_A_TOPIC = 100
"""Messages of one site that are looked at in a batch, the newest."""

R = TypeVar("R", bound="Record")


class Record(Protocol):
    """A message of Kafka, stamped by the broker in milliseconds."""

    @property
    def topic(self) -> str: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...


class Sighting(NamedTuple):
    """A service of a site was alive; a row of the table `beats`."""

    site: str
    stream: str
    sent_at: datetime
    """By the site's clock."""
    received_at: datetime
    """By the broker's."""
    epoch: int
    last_sequence: int
    backlog: int
    oldest_unsent: datetime | None
    relay: str
    version: str
    standards: str
    disk_free_percent: int
    certificate_until: datetime | None


def sighting(record: Record) -> Sighting:
    """What ``record`` says; raises :class:`NoBeat` for one that is none, or another site's."""
    site = site_of_beats(record.topic)
    value = record.value or b""
    if isinstance(value, Unreadable):
        raise NoBeat(value.reason)
    beat = read_beat(value)
    said: SiteBeat = beat.data
    if beat.source != source_of(site, said.stream):
        raise NoBeat(f"source: {beat.source} on {record.topic}")
    return Sighting(
        site,
        said.stream,
        beat.time,
        _stamped(record.timestamp),
        said.epoch,
        said.last_sequence,
        said.backlog,
        said.oldest_unsent,
        said.relay,
        said.version,
        said.standards,
        said.disk_free_percent,
        said.certificate_until,
    )


def _stamped(milliseconds: int) -> datetime:
    """When the broker took a message."""
    try:
        moment = EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise NoBeat("the broker's stamp is no time") from None
    if not CLOCK.holds_instant(moment):
        raise NoBeat("the broker's stamp is out of the calendar")
    return moment


def newest(sightings: Iterable[Sighting]) -> list[Sighting]:
    """The newest sighting of each service, in key order."""
    found: dict[tuple[str, str], Sighting] = {}
    for one in sightings:
        key = (one.site, one.stream)
        if key not in found or found[key].received_at < one.received_at:
            found[key] = one
    return [found[key] for key in sorted(found)]


def newest_messages(batch: Iterable[R]) -> list[R]:
    """Of each topic the newest messages, newest first: what came before them is over, and a flood
    of one site's costs the others no time."""
    found: dict[str, deque[R]] = {}
    for record in batch:
        found.setdefault(record.topic, deque(maxlen=OF_A_TOPIC)).appendleft(record)
    return [record for topic in found.values() for record in topic]


async def take(pool: Pool, sightings: Sequence[Sighting]) -> None:
    """Keep the newest sightings."""
    if sightings:
        columns = zip(*newest(sightings), strict=True)
        await pool.execute(SQL.take_beats, *(list(column) for column in columns))


class BeatReader:
    """Reads the beats of all sites, shared with the other replicas."""

    def __init__(self, pool: Pool, kafka: KafkaAccess, replica: str, group: str = GROUP) -> None:
        self._pool = pool
        self._kafka = kafka
        self._replica = replica
        self._group = group
        self.refused = 0
        """Messages on the topics of beats that are none."""
        self._failed = asyncio.Event()
        self._fault: Exception | None = None

    async def run(self) -> None:
        """Read until cancelled; raises what Kafka raises, and what is no outage of the database."""
        self._failed.clear()
        broker = broker_of(self._kafka, f"{self._replica}-beats")
        subscribe(broker, self._handle, self._group, self._replica, BEATS_PATTERN)
        try:
            await broker.start()
            await self._failed.wait()
        finally:
            await leave(broker)
        if self._fault is not None:
            raise self._fault

    async def _handle(self, message: KafkaMessage) -> None:
        batch = cast("Sequence[ConsumerRecord[Any, Any]]", message.raw_message)
        sightings = newest(self._read(newest_messages(cast("Sequence[Record]", batch))))
        try:
            async with asyncio.timeout(10):
                await self._take(sightings)
        except Exception as error:
            if not is_trouble(error):
                self._fault = error
                self._failed.set()
                await for_ever()  # the batch is given back when run() stops the client
            # They are not missed: the next come in a minute.
            LOG.warning("beats lost", beats=len(batch), error=repr(error))

    async def _take(self, sightings: Sequence[Sighting]) -> None:
        """Keep them together; where the database refuses one of them, each by itself. Raises what
        it says where it refuses all."""
        try:
            await take(self._pool, sightings)
        except Exception as error:
            if is_trouble(error):
                raise
            refused = [one for one in sightings if not await self._kept(one)]
            if len(refused) == len(sightings):
                raise
            self.refused += len(refused)

    async def _kept(self, one: Sighting) -> bool:
        try:
            await take(self._pool, [one])
        except Exception as error:
            if is_trouble(error):
                raise
            LOG.warning("a beat cannot be kept", site=one.site, error=type(error).__name__)
            return False
        return True

    def _read(self, batch: Iterable[Record]) -> Iterable[Sighting]:
        faults: Counter[tuple[str, str]] = Counter()
        for record in batch:
            try:
                yield sighting(record)
            except NoBeat as fault:
                faults[record.topic, str(fault)] += 1
        self.refused += faults.total()
        for (topic, fault), count in faults.most_common(10):
            LOG.warning("no beats", topic=topic, fault=fault, messages=count)
