# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What a site sends is unpacked into bounded memory, and costs nobody else a record."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from hypothesis import given
from hypothesis import strategies as st

from libs.events.bounds import KEPT_BYTES, UNPACKED_BYTES
from libs.events.codes import Stream
from libs.stream import unpacking
from libs.stream.batches import TOO_LARGE, UnreadableBatch, batches_in
from libs.stream.kafka import KafkaAccess
from libs.stream.unpacking import POLL_BYTES, Unreadable
from tests.brokers import KafkaBroker
from tests.stream.hostile import (
    GZIP,
    LZ4,
    NONE,
    SNAPPY,
    ZSTD,
    batch,
    bomb,
    packed,
    record,
    send_raw,
    sending,
)

CODECS = [NONE, GZIP, SNAPPY, LZ4, ZSTD]
PACKERS = [GZIP, SNAPPY, LZ4, ZSTD]
BOMBS = {GZIP: 400_000_000, ZSTD: 400_000_000, LZ4: 200_000_000, SNAPPY: 20_000_000}
"""As much as a record within a broker's limit unpacks to."""
ROOM = 64 * 2**20
"""By how much a reader may grow."""

Record = ConsumerRecord[Any, Any]


def read(raw: bytes, wanted: int = 0) -> list[Record]:
    """What a consumer makes of what a broker answered."""
    unpacking.install()
    topic = TopicPartition("site.tst-0001.ticketing", 0)
    fetched = unpacking.fetcher.MemoryRecords(raw)
    parts: Any = unpacking.fetcher.PartitionRecords
    return list(parts(topic, fetched, [], wanted, None, None, True, 0))


@pytest.mark.parametrize("codec", CODECS)
def test_a_batch_is_read_as_it_was_written(codec: int) -> None:
    values = [b"one", b"", None, b"four" * 1000]
    body = b"".join(record(delta, value) for delta, value in enumerate(values))
    raw = batch(packed(codec, [body]), codec, count=4, first=1000)
    found = read(raw + batch(record(0), first=1004))
    assert [(one.offset, one.value) for one in found] == [
        *zip(range(1000, 1004), values, strict=True),
        (1004, b"{}"),
    ]
    assert [one.offset for one in read(raw, wanted=1002)] == [1002, 1003]


@pytest.mark.parametrize("codec", CODECS)
def test_a_batch_may_unpack_to_the_bound_and_no_further(codec: int) -> None:
    around = len(record(0, b"v" * 1_048_000)) - 1_048_000
    fits, larger = record(0, b"v" * (UNPACKED_BYTES - around)), record(0, b"v" * UNPACKED_BYTES)
    assert len(fits) == UNPACKED_BYTES
    (whole,) = read(batch(packed(codec, [fits]), codec))
    assert len(whole.value or b"") == UNPACKED_BYTES - around
    (marker,) = read(batch(packed(codec, [larger]), codec))
    assert isinstance(marker.value, Unreadable)
    assert marker.value.reason == TOO_LARGE


def test_each_offset_of_an_unreadable_batch_has_a_marker_with_what_is_kept() -> None:
    body = b"".join(record(delta, bytes(3_000_000)) for delta in range(3))
    raw = batch(packed(ZSTD, [body]), ZSTD, count=3, first=70)
    good = batch(record(0, b"good"), first=73)
    found = read(raw + good, wanted=71)
    assert [one.offset for one in found] == [71, 72, 73]
    marker = found[0].value
    assert isinstance(marker, Unreadable)
    assert found[1].value is marker
    assert (marker.first, marker.last, marker) == (70, 72, raw[:KEPT_BYTES])
    assert found[2].value == b"good"


LIES = {
    "wrong checksum": batch(record(0))[:-1] + b"!",
    "unknown codec": batch(record(0), 6),
    "not packed": batch(b"rubbish" * 9, ZSTD),
    "packed and cut": batch(packed(GZIP, [record(0)])[:-5], GZIP),
    "framed and cut": batch(packed(SNAPPY, [record(0)])[:-1], SNAPPY),
    "frame of a negative size": batch(packed(SNAPPY, [])[:16] + b"\xff\xff\xff\xff", SNAPPY),
    "nothing packed": batch(b"", LZ4),
    "negative count": batch(record(0), count=-5, last=0),
    "two thousand million": batch(record(0), count=2**31 - 1, last=0),
    "more offsets than records": batch(record(0), count=1, last=5),
    "fewer offsets than records": batch(record(0) + record(1), count=2, last=0),
    "numbers far ahead": batch(record(0) + record(2**30), count=2),
    "numbers behind": batch(record(-3), count=1),
    "a number twice": batch(record(0) + record(0), count=2),
    "longer than it says": batch(record(0, longer=3), count=1),
    "much longer than it says": batch(record(0, longer=2**29), count=1),
    "shorter than it says": batch(record(0, longer=-2), count=1),
    "rubbish behind the records": batch(record(0) + b"rubbish", count=1),
    "a header that is no text": batch(record(0, headers=[(b"\xff\xfe", b"")])),
    "nothing": batch(b""),
    "an old format": batch(record(0), magic=1),
    "a format to come": batch(record(0), magic=9),
    "no length": b"\0" * 40,
    "a negative length": batch(record(0))[:8] + b"\xff\xff\xff\xf0" + batch(record(0))[12:],
}


@pytest.mark.parametrize("lie", LIES)
def test_whatever_is_wrong_with_a_batch_is_said_and_the_next_is_read(lie: str) -> None:
    found = read(LIES[lie])
    assert found, "an offset that nobody accounts for is read for ever"
    for one in found:
        assert isinstance(one.value, Unreadable), one
        assert one.value.reason.isprintable()
        assert one.timestamp in range(2**42)
    if "length" in lie:
        return  # nothing behind it can be found
    behind = read(LIES[lie] + batch(record(0, b"good"), first=found[-1].offset + 1))
    assert behind[-1].value == b"good"


def test_a_batch_that_says_it_has_two_thousand_million_records_is_handed_over_in_parts() -> None:
    unpacking.install()
    raw = batch(b"", count=2**31 - 1)
    (one,) = batches_in(raw, 0)
    assert (one.first, one.last) == (0, 2**31 - 2)
    with pytest.raises(UnreadableBatch):
        one.records()
    parts: Any = unpacking.fetcher.PartitionRecords
    topic = TopicPartition("site.tst-0001.ticketing", 0)
    records = parts(topic, unpacking.fetcher.MemoryRecords(raw), [], 0, None, None, True, 0)
    assert [next(records).offset for _ in range(3)] == [0, 1, 2]
    assert records.next_fetch_offset == 3


@given(
    codec=st.sampled_from(CODECS),
    values=st.lists(st.none() | st.binary(max_size=40), min_size=1, max_size=6),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 30),
    mended=st.booleans(),
)
def test_no_bytes_make_it_fail(
    codec: int,
    values: list[bytes | None],
    changes: list[tuple[int, int]],
    cut: int,
    mended: bool,
) -> None:
    body = packed(codec, [b"".join(record(at, value) for at, value in enumerate(values))])
    if mended:  # the checksum fits, so that what is wrong is found further in
        changed = _changed(body, changes)
        raw = batch(changed[: len(changed) - cut], codec, count=len(values))
    else:
        raw = _changed(batch(body, codec, count=len(values)), changes)
        raw = raw[: len(raw) - cut]
    offsets: list[int] = []
    for one in read(raw):
        offsets.append(one.offset)
        if len(offsets) > 100:
            break
    assert offsets == sorted(set(offsets))


def _changed(raw: bytes, changes: Sequence[tuple[int, int]]) -> bytes:
    changed = bytearray(raw)
    for at, value in changes:
        if changed:
            changed[at % len(changed)] = value
    return bytes(changed)


@pytest.mark.parametrize(
    "wide",
    [
        record(0, b"{}", key=b"k" * 900_000),
        record(0, b"{}", headers=[(b"", None)] * 500_000),
        record(0, b"{}", headers=[(b"h", b"v" * 900_000)]),
        b"".join(record(delta, None) for delta in range(100_000)),
    ],
    ids=["key", "many headers", "a header", "many records"],
)
def test_keys_headers_and_numbers_of_records_are_bounded_alike(wide: bytes) -> None:
    count = 100_000 if wide.count(b"\x01\x01\x00") > 1000 else 1
    raw = batch(packed(ZSTD, [wide]), ZSTD, count=count)
    with bounded():
        found = read(raw)
    assert len(found) == count
    assert {(one.key, one.headers) for one in found} == {(None, ())}


@asynccontextmanager
async def consumer_of(access: KafkaAccess, *topics: str) -> AsyncGenerator[AIOKafkaConsumer]:
    """A consumer that reads whole topics, as the centre's does."""
    unpacking.install()
    consumer = AIOKafkaConsumer(
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_bytes=POLL_BYTES,
        max_partition_fetch_bytes=unpacking.FETCH_BYTES,
        **access.client_settings(),
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0) for topic in topics])
        yield consumer
    finally:
        await consumer.stop()


async def read_to_the_end(consumer: AIOKafkaConsumer) -> tuple[dict[str, list[Record]], int]:
    """All records by topic, and the largest number of bytes that one poll handed over."""
    ends = await consumer.end_offsets(consumer.assignment())
    found: dict[str, list[Record]] = defaultdict(list)
    most = 0
    async with asyncio.timeout(120):
        while any([await consumer.position(part) < end for part, end in ends.items()]):
            polled = await consumer.getmany(timeout_ms=1000, max_records=4000)
            records = [one for some in polled.values() for one in some]
            most = max(most, sum(len(one.value or b"") for one in records))
            for one in records:
                found[one.topic].append(one)
    return found, most


class bounded:  # noqa: N801 - reads as a context
    """Fails where the memory of this process grows by more than ``ROOM`` inside, at its peak."""

    def __enter__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self._before = _peak()

    def __exit__(self, *_: object) -> None:
        grown = _peak() - self._before
        print(f"grew by {grown / 2**20:.0f} MiB")
        assert grown < ROOM, f"grew by {grown / 2**20:.0f} MiB"


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


@pytest.mark.parametrize("codec", PACKERS)
async def test_a_bomb_costs_its_reader_nothing_and_its_neighbours_nothing(
    kafka: KafkaBroker, codec: int
) -> None:
    hostile, honest = kafka.new_site(), kafka.new_site()
    topics = hostile.topic(Stream.TICKETING), honest.topic(Stream.TICKETING)
    raw = bomb(codec, BOMBS[codec])
    async with sending(hostile.access) as producer:
        await send_raw(producer, topics[0], batch(record(0, b"first")))
        for _ in range(5):
            await send_raw(producer, topics[0], raw)
        await send_raw(producer, topics[0], batch(record(0, b"last")))
    async with sending(honest.access) as producer:
        for number in range(50):
            await send_raw(producer, topics[1], batch(record(0, b"%d" % number)))
    async with consumer_of(kafka.reporting(), *topics) as consumer:
        with bounded():
            found, _ = await read_to_the_end(consumer)
    assert [one.value for one in found[topics[1]]] == [b"%d" % number for number in range(50)]
    values = [one.value for one in found[topics[0]]]
    assert [one.offset for one in found[topics[0]]] == list(range(7))
    assert (values[0], values[-1]) == (b"first", b"last")
    assert all(isinstance(one, Unreadable) and one.reason == TOO_LARGE for one in values[1:-1])


async def test_what_a_broker_takes_of_the_lies_is_accounted_for(kafka: KafkaBroker) -> None:
    site = kafka.new_site()
    topic = site.topic(Stream.FEEDBACK)
    taken = list[str]()
    async with sending(site.access) as producer:
        for lie, raw in LIES.items():
            try:
                async with asyncio.timeout(10):
                    await send_raw(producer, topic, raw)
                taken.append(lie)
            except (KafkaError, TimeoutError):
                continue
        await send_raw(producer, topic, batch(record(0, b"last")))
    print(taken)
    async with consumer_of(site.access, topic) as consumer:
        found, _ = await read_to_the_end(consumer)
    offsets = [one.offset for one in found[topic]]
    assert offsets == list(range(len(offsets)))
    assert found[topic][-1].value == b"last"


async def test_one_poll_hands_over_no_more_than_it_may(kafka: KafkaBroker) -> None:
    """Sixty batches, a few KB each for the broker, unpack to sixty times what one may."""
    sites = [kafka.new_site(), kafka.new_site()]
    topics = [site.topic(Stream.TICKETING) for site in sites]
    body = b"".join(record(delta, b"%2d" % delta * 32_000) for delta in range(16))
    raw = batch(packed(ZSTD, [body]), ZSTD, count=16)
    for site, topic in zip(sites, topics, strict=True):
        async with sending(site.access) as producer:
            for _ in range(30):
                await send_raw(producer, topic, raw, count=16)
    async with consumer_of(kafka.reporting(), *topics) as consumer:
        found, most = await read_to_the_end(consumer)
    for topic in topics:
        assert [one.offset for one in found[topic]] == list(range(480))
        assert {len(one.value or b"") for one in found[topic]} == {64_000}
    assert POLL_BYTES * 0.9 < most < POLL_BYTES + 64_000


async def test_what_the_centre_writes_keeps_its_headers_and_its_size(kafka: KafkaBroker) -> None:
    site = kafka.new_site()
    topic = f"inbox.{site.code}"
    raw = batch(packed(ZSTD, [record(0, b"v" * 1_000_000, headers=[(b"h", b"1")])]), ZSTD)
    async with sending(kafka.reporting()) as producer:
        await send_raw(producer, topic, raw)
    async with consumer_of(site.access, topic) as consumer:
        found, _ = await read_to_the_end(consumer)
    assert found[topic][0].headers == (("h", b"1"),)
    assert len(found[topic][0].value or b"") == 1_000_000
