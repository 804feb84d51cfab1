"""A batch that fails is split until the culprit is alone: all others go on.

By stream first, then in halves, in the order the messages came. What a database or a broker that is
away does is no culprit's doing, and neither is a statement that this program got wrong.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import asyncpg

from libs.stream.retry import is_trouble
from services.reporting.ingest.messages import Record

OURS = (asyncpg.SyntaxOrAccessError, asyncpg.InternalServerError)
"""A wrong statement, a table or a right that lacks, a broken server: whatever the message was."""
EVERY_STREAM = 3
"""With so many streams in a batch, and each of them failing, the mistake is this program's."""

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Halt(RuntimeError):
    """Going on would do harm; the text says why, and what to do."""


class Parts(Protocol[R_co]):
    """What can be done with a part of a batch; each call is one transaction."""

    async def take_part(self, records: Sequence[Record]) -> R_co:
        """Store it all, or raise what prevents it."""
        ...

    async def set_apart(self, record: Record, error: Exception) -> R_co:
        """Keep the message on which ``error`` was raised apart, or stop its stream."""
        ...

    async def stop_stream(self, record: Record, error: Exception) -> R_co:
        """Read nothing on of the message's stream, and keep nothing apart."""
        ...


def is_of_a_message(error: Exception) -> bool:
    """Whether ``error`` may be due to one message, and does not pass by itself."""
    return not isinstance(error, (Halt, *OURS)) and not is_trouble(error)


async def take_apart(parts: Parts[R], records: Sequence[Record]) -> list[R]:
    """Take a batch that failed, part by part; what became of each part.

    Raises what is no single message's doing.
    """
    done: list[R] = []
    streams = _by_topic(records)
    failed = [
        (part, error)
        for part in streams
        if (error := await _attempt(parts, part, done)) is not None
    ]
    for part, error in failed:
        if len(failed) == len(streams) >= EVERY_STREAM:
            done.append(await parts.stop_stream(part[0], error))
        else:
            await _halve(parts, part, error, done)
    return done


def _by_topic(records: Iterable[Record]) -> list[list[Record]]:
    parts: dict[str, list[Record]] = {}
    for record in records:
        parts.setdefault(record.topic, []).append(record)
    return list(parts.values())


async def _attempt(parts: Parts[R], part: Sequence[Record], done: list[R]) -> Exception | None:
    """Take a part; the error, if a message of it may be the culprit."""
    try:
        done.append(await parts.take_part(part))
    except Exception as error:
        if is_of_a_message(error):
            return error
        raise
    return None


async def _halve(parts: Parts[R], part: Sequence[Record], error: Exception, done: list[R]) -> None:
    if len(part) == 1:
        done.append(await parts.set_apart(part[0], error))
        return
    middle = len(part) // 2
    for half in (part[:middle], part[middle:]):
        if (found := await _attempt(parts, half, done)) is not None:
            await _halve(parts, half, found, done)
