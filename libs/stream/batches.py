# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
# (aiokafka leaves its signatures untyped)
"""A batch of records as a broker hands it over: its header, its records in bounded memory. Pure.

The broker has looked at a batch before it took it, but not at everything: not at what it unpacks
to, and not at the numbers of the records in an uncompressed one. So nothing here is believed that
was not checked, and whatever is wrong with a batch is :class:`UnreadableBatch`.
"""

import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import cramjam
from aiokafka.record._protocols import DefaultRecordProtocol
from aiokafka.record.default_records import DefaultRecordBatch

from libs.events.bounds import UNPACKED_BYTES

PREFIX: Final = struct.Struct(">qi")
"""The first offset, and the length of what follows: the same in every format there ever was."""
MAGIC_AT: Final = 16
HEADER: Final = struct.Struct(">qiibIhiqqqhii")
"""First offset, length, leader's epoch, format, checksum, attributes, last offset's distance from
the first, first and last timestamp, producer, its epoch, its sequence, count of records."""
ATTRIBUTES_AT: Final = 21
FORMAT: Final = 2
CODEC_MASK: Final = 0x07
CONTROL_MASK: Final = 0x20
LATEST: Final = 2**42
"""Milliseconds: in the year 2109."""
XERIAL: Final = b"\x82SNAPPY\x00"
XERIAL_HEADER_BYTES: Final = 16
NO_ROOM: Final = "failed to write whole buffer"
"""How cramjam says that the output is larger than its buffer."""


class UnreadableBatch(Exception):
    """Why a batch has no records for us, in a few words without anything of its content."""


TOO_LARGE: Final = f"a batch that unpacks to more than {UNPACKED_BYTES} bytes"


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: where it stands in its topic, and its bytes, header and all."""

    first: int
    last: int
    """The offsets of its first and last record; ``last`` is never before ``first``."""
    timestamp: int
    """Milliseconds, by the broker's clock where the topic says so."""
    raw: memoryview
    is_known: bool = True
    """False for a format of before 2017, in which no broker of today stores anything."""

    @property
    def _attributes(self) -> int:
        return self.raw[ATTRIBUTES_AT] << 8 | self.raw[ATTRIBUTES_AT + 1]

    @property
    def is_control(self) -> bool:
        """Whether it is the broker's own note about a transaction, and holds no records."""
        return self.is_known and bool(self._attributes & CONTROL_MASK)

    def records(self) -> Sequence[DefaultRecordProtocol]:
        """Its records, one for each offset, unpacked into at most ``UNPACKED_BYTES``.

        Raises :class:`UnreadableBatch`.
        """
        if not self.is_known:
            raise UnreadableBatch("a batch in a format of before 2017")
        if not DefaultRecordBatch(self.raw).validate_crc():  # pyright: ignore[reportArgumentType]
            raise UnreadableBatch("a batch whose checksum is wrong")
        body = unpack(self._attributes & CODEC_MASK, self.raw[HEADER.size :])
        plain = bytearray(self.raw[: HEADER.size])
        plain[ATTRIBUTES_AT + 1] &= ~CODEC_MASK
        try:
            records = list(DefaultRecordBatch(bytes(plain) + body))
        except Exception as error:
            # aiokafka checks the structure, and raises one of several classes.
            raise UnreadableBatch("a batch of records that are none") from error
        if len(records) != self.last - self.first + 1 or any(
            record.offset != offset for offset, record in enumerate(records, self.first)
        ):
            raise UnreadableBatch("a batch whose records do not count up")
        return records


def batches_in(fetched: bytes, wanted: int) -> Iterator[Batch]:
    """The batches of what a broker answered, as far as they are whole.

    ``wanted`` is the offset that was asked for: a batch in an old format tells only its last one.
    """
    at, whole = 0, len(fetched)
    view = memoryview(fetched)
    while at + PREFIX.size <= whole:
        first, length = PREFIX.unpack_from(fetched, at)
        end = at + PREFIX.size + length
        if length <= MAGIC_AT - PREFIX.size:  # nothing behind it can be found either
            yield Batch(wanted, wanted, 0, view[at:], is_known=False)
            return
        if end > whole:
            return
        raw = view[at:end]
        if raw[MAGIC_AT] == FORMAT and len(raw) >= HEADER.size:
            header = HEADER.unpack_from(raw)
            yield Batch(first, first + max(0, header[6]), possible(header[8]), raw)
        else:
            yield Batch(min(wanted, first), first, 0, raw, is_known=False)
        wanted = max(wanted, first + 1)
        at = end


def possible(timestamp: int) -> int:
    """``timestamp``, in milliseconds; 0 where no clock can have said it."""
    return timestamp if 0 <= timestamp < LATEST else 0


def unpack(codec: int, packed: memoryview) -> bytes:
    """What ``packed`` unpacks to; raises :class:`UnreadableBatch`, also where that is larger than
    ``UNPACKED_BYTES``."""
    if codec == 0:
        if len(packed) > UNPACKED_BYTES:
            raise UnreadableBatch(TOO_LARGE)
        return bytes(packed)
    if codec not in UNPACKERS:
        raise UnreadableBatch("a batch of an unknown codec")
    try:
        return UNPACKERS[codec](bytes(packed))
    except cramjam.DecompressionError as error:
        if NO_ROOM in str(error):
            raise UnreadableBatch(TOO_LARGE) from None
        raise UnreadableBatch("a batch that does not unpack") from error


class _Room(threading.local):
    """The buffer that all batches of a thread unpack into, since a new one must be made zero."""

    def __init__(self) -> None:
        self.buffer = bytearray(UNPACKED_BYTES)


_ROOM = _Room()


def _gzip(packed: bytes) -> bytes:
    return bytes(_ROOM.buffer[: cramjam.gzip.decompress_into(packed, _ROOM.buffer)])


def _lz4(packed: bytes) -> bytes:
    return bytes(_ROOM.buffer[: cramjam.lz4.decompress_into(packed, _ROOM.buffer)])


def _zstd(packed: bytes) -> bytes:
    return bytes(_ROOM.buffer[: cramjam.zstd.decompress_into(packed, _ROOM.buffer)])


def _snappy(packed: bytes) -> bytes:
    """Java's clients frame snappy in blocks of their own, others do not."""
    if not packed.startswith(XERIAL):
        return _snappy_block(packed, UNPACKED_BYTES)
    blocks: list[bytes] = []
    at, room = XERIAL_HEADER_BYTES, UNPACKED_BYTES
    while at < len(packed):
        (size,) = struct.unpack_from(">i", packed.ljust(at + 4, b"\0"), at)
        if not 0 < size <= len(packed) - at - 4:
            raise UnreadableBatch("a batch that does not unpack")
        block = _snappy_block(packed[at + 4 : at + 4 + size], room)
        blocks.append(block)
        room -= len(block)
        at += 4 + size
    return b"".join(blocks)


def _snappy_block(packed: bytes, room: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(packed) > room:
        raise UnreadableBatch(TOO_LARGE)
    return bytes(cramjam.snappy.decompress_raw(packed))


UNPACKERS: Mapping[int, Callable[[bytes], bytes]] = MappingProxyType(
    {1: _gzip, 2: _snappy, 3: _lz4, 4: _zstd}
)
"""By the number that a batch's attributes hold."""
