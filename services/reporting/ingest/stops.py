"""Streams that are not read on until a person has looked, as all replicas know them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.codes import Stream
from libs.events.topics import StreamName, stream_of

SQL = statements("services.reporting", "sql/streams.sql")

LOOK_AGAIN = timedelta(minutes=10)
"""After which a stopped stream is tried again: its messages may have been discarded, or a new
release may be able to read them. Too many gaps stay too many until a person accepts them."""


class Cause(StrEnum):
    """Why a stream is stopped."""

    UNREADABLE = "unreadable"
    """Most of what comes is no event."""
    FAULTS = "faults"
    """The ingest fails on too many of its messages."""
    GAPS = "gaps"
    """Too many numbers are missing."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stream that is not read on; a row of the table `stopped_streams`."""

    topic: str
    cause: Cause
    detail: str
    since: datetime
    due: bool
    """Whether it is to be tried again."""


async def stop(connection: Connection, cause: Cause, reasons: Mapping[str, str]) -> None:
    """Let nobody read on the topics in ``reasons``; one that is stopped already keeps its time."""
    rows = [(*_stream(topic), reason) for topic, reason in sorted(reasons.items())]
    if rows:
        await connection.execute(SQL.stop, cause.value, *map(list, zip(*rows, strict=True)))


async def lift(connection: Connection, topics: Iterable[str]) -> None:
    """Let these topics be read on."""
    rows = [_stream(topic) for topic in sorted(topics)]
    if rows:
        await connection.execute(SQL.lift, *map(list, zip(*rows, strict=True)))


async def stopped(pool: Pool) -> list[Stop]:
    """Every stream that is stopped, in key order."""
    return [
        Stop(StreamName(site, Stream(stream)).topic, Cause(cause), detail, since, due)
        for site, stream, cause, detail, since, due in await pool.fetch(SQL.stopped, LOOK_AGAIN)
    ]


def _stream(topic: str) -> tuple[str, str]:
    name = stream_of(topic)
    return name.site, name.stream.value
