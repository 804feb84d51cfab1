# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportPrivateUsage=false
"""Batches as no client library makes them: bombs, lies and rubbish, sent by a site's own login."""

import io
import struct
import zlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import cramjam
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.util import calc_crc32c, encode_varint

from libs.stream.batches import ATTRIBUTES_AT, HEADER
from libs.stream.kafka import KafkaAccess

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
CHUNK = bytes(2**20)


class Compressor(Protocol):
    def compress(self, chunk: bytes, /) -> object: ...
    def finish(self) -> object: ...


def varint(value: int) -> bytes:
    written = bytearray()
    encode_varint(value, written.append)
    return bytes(written)


def record(
    delta: int,
    value: bytes | None = b"{}",
    *,
    key: bytes | None = None,
    headers: Sequence[tuple[bytes, bytes | None]] = (),
    longer: int = 0,
) -> bytes:
    """A record as it lies in a batch; ``longer`` is how much it lies about its length."""
    body = b"\0" + varint(0) + varint(delta) + _bytes(key) + _bytes(value) + varint(len(headers))
    for name, said in headers:
        body += _bytes(name) + _bytes(said)
    return varint(len(body) + longer) + body


def _bytes(value: bytes | None) -> bytes:
    return varint(-1) if value is None else varint(len(value)) + value


def huge(delta: int, size: int) -> Iterator[bytes]:
    """A record whose value is ``size`` zeros, in pieces that fit into memory."""
    around = b"\0" + varint(0) + varint(delta) + varint(-1) + varint(size)
    yield varint(len(around) + size + 1) + around
    for _ in range(size // len(CHUNK)):
        yield CHUNK
    yield bytes(size % len(CHUNK))
    yield varint(0)


def packed(codec: int, pieces: Iterable[bytes]) -> bytes:
    """``pieces`` as a batch holds them."""
    if codec == NONE:
        return b"".join(pieces)
    if codec == GZIP:
        gzip = zlib.compressobj(9, wbits=31)
        return b"".join([*(gzip.compress(piece) for piece in pieces), gzip.flush()])
    if codec == SNAPPY:
        return _framed_snappy(pieces)
    compressor: Compressor = (
        cramjam.lz4.Compressor(level=9, content_checksum=False, block_linked=False)
        if codec == LZ4
        else cramjam.zstd.Compressor()
    )
    for piece in pieces:
        compressor.compress(piece)
    return bytes(compressor.finish())  # pyright: ignore[reportArgumentType]


def _framed_snappy(pieces: Iterable[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1))
    for piece in pieces:
        block = bytes(cramjam.snappy.compress_raw(piece))
        out.write(struct.pack(">i", len(block)) + block)
    return out.getvalue()


def batch(
    body: bytes,
    codec: int = NONE,
    *,
    count: int = 1,
    last: int | None = None,
    first: int = 0,
    attributes: int = 0,
    magic: int = 2,
) -> bytes:
    """A batch with a right checksum around ``body``, which is already packed."""
    last = count - 1 if last is None else last
    header = (0, attributes | codec, last, 1, 2, -1, -1, -1, count)
    rest = (
        HEADER.pack(first, HEADER.size + len(body) - 12, 0, magic, *header)[ATTRIBUTES_AT:] + body
    )
    crc = calc_crc32c(rest)
    return HEADER.pack(first, len(rest) + 9, 0, magic, crc, *header[1:])[:ATTRIBUTES_AT] + rest


def bomb(codec: int, size: int) -> bytes:
    """A batch of one record that unpacks to ``size`` bytes."""
    return batch(packed(codec, huge(0, size)), codec)


class _Raw(BatchBuilder):
    """Hands a batch to the producer as it is."""

    def __init__(self, raw: bytes, count: int) -> None:
        super().__init__(1, 0)
        self._buffer = bytearray(raw)
        self._relative_offset = count
        self._closed = True


@asynccontextmanager
async def sending(access: KafkaAccess) -> AsyncGenerator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(acks="all", max_request_size=2**24, **access.client_settings())
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send_raw(producer: AIOKafkaProducer, topic: str, raw: bytes, count: int = 1) -> None:
    """Send a batch as it is; raises what the broker says."""
    sent = await producer.send_batch(_Raw(raw, count), topic, partition=0)
    await sent
