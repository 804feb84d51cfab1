# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingParameterType=false
# pyright: reportUntypedBaseClass=false
# (aiokafka leaves its signatures untyped)
"""Has aiokafka unpack what a site has sent into bounded memory, and never fail over it.

Kafka counts compressed bytes everywhere: a record of 40 KB can unpack to 400 MB in the memory of
whoever reads it, and aiokafka unpacks whole batches. It also raises out of ``getmany`` when a batch
can't be read, which loses the records that the same call had already taken from other partitions.

:func:`install` changes both for the topics of sites, in the whole process. A batch unpacks to at
most :data:`~libs.events.bounds.UNPACKED_BYTES`. Of a batch that would be larger, or that can't be
read for another reason, each offset has a record whose value is :class:`Unreadable`. One poll hands
over about :data:`POLL_BYTES` at most. Keys and headers of such topics are not handed over: nobody
reads them, and they would be one more thing to bound.
"""

from collections.abc import Generator
from contextvars import ContextVar
from typing import Any, Final

from aiokafka import ConsumerRecord
from aiokafka.consumer import fetcher

from libs.events.bounds import KEPT_BYTES
from libs.stream.batches import Batch, UnreadableBatch, batches_in, possible

POLL_BYTES: Final = 8 * 2**20
"""What one poll hands over: the last record may go beyond it."""
RECORD_BYTES: Final = 256
"""What a record weighs beside its value."""
FETCH_BYTES: Final = 2**18
"""What one fetch asks of one partition, packed: as much waits in memory of each partition."""
BY_BROKER: Final = 1
"""The broker's clock stamps the records of every topic."""
SITES: Final = "site."
"""What the names of topics begin with that a site writes."""

_MemoryRecords = fetcher.MemoryRecords
_PartitionRecords = fetcher.PartitionRecords
_FetchResult = fetcher.FetchResult
_fetched_records = fetcher.Fetcher.fetched_records


class Unreadable(bytes):
    """Stands for the value of each record of a batch that can't be read.

    Its bytes are the beginning of the whole batch as it came, packed, at most ``KEPT_BYTES``; the
    records of one batch share one object. ``reason`` says in a few words what is wrong, with
    nothing of the content; ``first`` and ``last`` are the offsets of the batch.
    """

    reason: str
    first: int
    last: int

    @classmethod
    def of(cls, batch: Batch, reason: str) -> "Unreadable":
        """What stands for the records of ``batch``."""
        made = cls(batch.raw[:KEPT_BYTES])
        made.reason, made.first, made.last = reason, batch.first, batch.last
        return made


class _Fetched:
    """What a broker answered for one partition, with its bytes at hand."""

    def __init__(self, fetched: bytes) -> None:
        self.bytes = fetched
        self._records = _MemoryRecords(fetched)

    def size_in_bytes(self) -> int:
        return len(self.bytes)

    def has_next(self) -> bool:
        return self._records.has_next()

    def next_batch(self) -> Any:
        return self._records.next_batch()


class _SiteRecords(_PartitionRecords):
    """The records of one partition, of which a bad batch is said and does not raise."""

    def _unpack_records(self) -> Generator[ConsumerRecord[Any, Any]]:
        if not self._tp.topic.startswith(SITES):
            yield from super()._unpack_records()
            return
        for batch in batches_in(self._records.bytes, self.next_fetch_offset):
            if not batch.is_control:
                yield from self._records_of(batch)
            self.next_fetch_offset = max(self.next_fetch_offset, batch.last + 1)

    def _records_of(self, batch: Batch) -> Generator[ConsumerRecord[Any, Any]]:
        try:
            records = batch.records()
        except UnreadableBatch as fault:
            stand_in = Unreadable.of(batch, str(fault))
            for offset in range(max(batch.first, self.next_fetch_offset), batch.last + 1):
                self.next_fetch_offset = offset + 1
                yield self._record(offset, batch.timestamp, stand_in)
            return
        for record in records:
            if record.offset >= self.next_fetch_offset:  # a batch may begin before what was asked
                self.next_fetch_offset = record.offset + 1
                yield self._record(record.offset, possible(record.timestamp), record.value)

    def _record(self, offset: int, timestamp: int, value: bytes | None) -> ConsumerRecord[Any, Any]:
        topic, partition = self._tp
        size = -1 if value is None else len(value)
        return ConsumerRecord(
            topic, partition, offset, timestamp, BY_BROKER, None, value, None, -1, size, ()
        )


class _Left:
    """What the poll under way may still hand over."""

    def __init__(self) -> None:
        self.bytes = POLL_BYTES


_LEFT: ContextVar[_Left] = ContextVar("what the poll under way may still hand over")


class _BoundedResult(_FetchResult):
    """The fetched records of one partition, handed over until the poll is full."""

    def getall(self, max_records: int | None = None) -> list[ConsumerRecord[Any, Any]]:
        records = self._partition_records
        if records is None or not self.check_assignment(self._topic_partition):
            return []
        left = _LEFT.get()
        taken: list[ConsumerRecord[Any, Any]] = []
        while left.bytes > 0 and (max_records is None or len(taken) < max_records):
            record = next(records, None)
            if record is None:
                self._update_position()
                self._partition_records = None
                return taken
            taken.append(record)
            left.bytes -= len(record.value or b"") + RECORD_BYTES
        if taken:
            self._update_position()
        return taken


async def _bounded_poll(
    self: Any,
    partitions: Any,
    timeout: Any = 0,  # noqa: ASYNC109 - it is aiokafka's
    max_records: int | None = None,
) -> dict[Any, list[ConsumerRecord[Any, Any]]]:
    token = _LEFT.set(_Left())
    try:
        return await _fetched_records(self, partitions, timeout, max_records)
    finally:
        _LEFT.reset(token)


def install() -> None:
    """Read all topics of sites in this process in this way, from the next fetch on.

    Whoever makes a consumer of such a topic calls this first; a second time changes nothing.
    """
    fetcher.MemoryRecords = _Fetched
    fetcher.PartitionRecords = _SiteRecords
    fetcher.FetchResult = _BoundedResult
    fetcher.Fetcher.fetched_records = _bounded_poll
