# pyright: reportMissingTypeStubs=false
# (aiokafka leaves its signatures untyped)
"""Batches of records as bytes on the wire, as no well-behaved client would make them."""

import random
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.record.util import calc_crc32c, encode_varint

HEADER: Final = struct.Struct(">qiibIhiqqqhii")
"""First offset, length, leader's epoch, format, checksum, attributes, distance of the last offset,
first and last timestamp, producer, its epoch, its sequence, count of records."""
AFTER_LENGTH: Final = 12
AFTER_CHECKSUM: Final = 21
FORMAT: Final = 2

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
PACK: Final[Mapping[int, Callable[[bytes], bytes]]] = {
    NONE: bytes,
    GZIP: lambda plain: gzip_encode(plain, 6),
    SNAPPY: snappy_encode,
    LZ4: lz4_encode,
    ZSTD: zstd_encode,
}


class Record(NamedTuple):
    """A record as it is to travel."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def batch(records: Sequence[Record], codec: int = NONE, at: int = 0) -> bytes:
    """A well-formed batch; its records are stamped ``at`` milliseconds."""
    body = b"".join(encoded(record, place) for place, record in enumerate(records))
    return framed(PACK[codec](body), len(records), attributes=codec, at=at)


def framed(
    body: bytes,
    count: int,
    *,
    attributes: int = NONE,
    at: int = 0,
    form: int = FORMAT,
    last: int | None = None,
) -> bytes:
    """``body`` behind a header that claims to hold ``count`` records, with a right checksum."""
    whole = bytearray(HEADER.size) + body
    farthest = count - 1 if last is None else last
    HEADER.pack_into(
        whole, 0, 0, len(whole) - AFTER_LENGTH, -1, form, 0, attributes, farthest, at, at,
        -1, -1, -1, count,
    )  # fmt: skip
    struct.pack_into(">I", whole, AFTER_CHECKSUM - 4, calc_crc32c(bytes(whole[AFTER_CHECKSUM:])))
    return bytes(whole)


def encoded(record: Record, place: int) -> bytes:
    """One record, ``place`` offsets behind the first."""
    inner = bytearray(b"\x00")
    encode_varint(0, inner.append)
    encode_varint(place, inner.append)
    for part in (record.key, record.value):
        _sized(inner, part)
    encode_varint(len(record.headers), inner.append)
    for name, value in record.headers:
        _sized(inner, name.encode("utf-8", "surrogatepass"))
        _sized(inner, value)
    whole = bytearray()
    encode_varint(len(inner), whole.append)
    return bytes(whole + inner)


def _sized(buffer: bytearray, part: bytes | None) -> None:
    if part is None:
        encode_varint(-1, buffer.append)
    else:
        encode_varint(len(part), buffer.append)
        buffer += part


def corrupted(chance: random.Random, records: Sequence[Record]) -> list[bytes]:
    """Batches that are broken, each in a way of its own. A broker refuses most of them."""
    good = batch(records)
    body = good[HEADER.size :]
    count = len(records)
    flipped = bytearray(good)
    flipped[chance.randrange(AFTER_CHECKSUM, len(good))] ^= 0x10
    wrong_length = bytearray(good)
    struct.pack_into(">i", wrong_length, 8, len(good) * 2)
    noise = chance.randbytes(200)
    return [
        bytes(flipped),
        bytes(wrong_length),
        good[: len(good) // 2],
        noise,
        b"",
        framed(body, count + 5),
        framed(body, max(1, count - 1)),
        framed(body, count, last=count + 1000),
        framed(body, 2**31 - 1, last=2**31 - 2),
        framed(body, -1, last=-1),
        framed(body, count, at=-1),
        framed(body, count, at=2**62),
        framed(body[: len(body) // 2], count),
        framed(body, count, attributes=0x10),  # transactional
        framed(body, count, attributes=0x20),  # the broker's own note
        framed(body, count, attributes=0x30),
        framed(b"\x01" * 40, 1),  # a record whose length leads beyond the batch
        framed(b"\xff" * 40, 1),  # a length that never ends
        *(framed(noise, count, attributes=codec) for codec in range(1, 8)),
        *(framed(PACK[codec](body)[:-3], count, attributes=codec) for codec in (1, 2, 3, 4)),
        *(framed(body, count, form=form) for form in (0, 1, 3, 127)),
    ]


def claims() -> list[bytes]:
    """Batches of snappy of a few bytes that claim to unpack to much, in both of its forms: a
    broker makes room before it looks further."""
    found: list[bytes] = []
    for megabytes in (100, 240, 480, 2047):
        bare = bytearray()
        _unsigned(megabytes * 2**20, bare)
        xerial = b"\x82SNAPPY\x00" + struct.pack("!iii", 1, 1, megabytes * 2**20)
        found += [
            framed(start + bytes(40), 1, attributes=SNAPPY) for start in (bytes(bare), xerial)
        ]
    return found


def _unsigned(number: int, buffer: bytearray) -> None:
    while number > 0x7F:
        buffer.append(number & 0x7F | 0x80)
        number >>= 7
    buffer.append(number)


def bomb(codec: int, size: int) -> bytes:
    """A batch of one record of ``size`` zeros, which packs well."""
    return framed(PACK[codec](encoded(Record(bytes(size)), 0)), 1, attributes=codec)


def crowd(codec: int, count: int) -> bytes:
    """A batch of ``count`` records of one letter each."""
    return batch([Record(b"x")] * count, codec)
