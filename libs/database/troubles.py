"""What a service keeps things in: its database, and the disk below it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncpg

LEAST_ROOM = 16 * 2**20
"""Bytes: a segment of PostgreSQL's log. With less it can't begin the next one, and stops."""


class Trouble(StrEnum):
    """Why the database did not do what it should, through no fault of who asked."""

    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    AWAY = "away"
    """It is down, comes up again, takes no more connections, or could not do this beside what
    others do."""


ERRORS: Mapping[Trouble, tuple[type[Exception], ...]] = {
    Trouble.DISK_FULL: (asyncpg.DiskFullError,),
    Trouble.READ_ONLY: (asyncpg.ReadOnlySQLTransactionError,),
    Trouble.AWAY: (
        ConnectionError,
        TimeoutError,
        # Class 08 without the protocol violation, which is about what was sent.
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.ConnectionFailureError,
        asyncpg.ClientCannotConnectError,
        asyncpg.ConnectionRejectionError,
        asyncpg.TransactionResolutionUnknownError,
        # Of class 40 what another transaction causes.
        asyncpg.SerializationError,
        asyncpg.StatementCompletionUnknownError,
        asyncpg.DeadlockDetectedError,
        # Class 53.
        asyncpg.InsufficientResourcesError,
        asyncpg.LockNotAvailableError,
        # Of class 57 all but the database that was dropped. A statement that was cancelled, by a
        # time limit or by a person, is one that the database had no time for.
        asyncpg.QueryCanceledError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.CannotConnectNowError,
        asyncpg.IdleSessionTimeoutError,
        # The disk below the database can't be read or written.
        asyncpg.PostgresIOError,
    ),
}
"""How each trouble shows; the first that fits holds. It is the one list of what passes by itself,
on the side of the database: everything else is a mistake, of ours or in what was sent."""
PASSING: tuple[type[Exception], ...] = tuple(kind for kinds in ERRORS.values() for kind in kinds)
"""What passes when the disk has room again and the database is back, as far as classes tell."""
LOST_CONNECTION = (
    "connection is closed",
    "connection has been released back to the pool",
    "pool is closing",
    "pool is closed",
)
"""asyncpg has one class for a connection that was lost and for a call that is wrong; only its
words tell them apart. A proxy whose connection was lost says that it was released."""
CLOSED_DATABASE = "is not currently accepting connections"
"""How a database that an operator has closed for a while turns a new connection away. Its class is
shared with mistakes of other kinds, so that the words decide here too."""


def trouble_of(error: BaseException) -> Trouble | None:
    """The trouble behind ``error``; None for an error of another kind."""
    if isinstance(error, asyncpg.InterfaceError):
        return Trouble.AWAY if str(error).endswith(LOST_CONNECTION) else None
    if isinstance(error, asyncpg.ObjectNotInPrerequisiteStateError):
        return Trouble.AWAY if str(error).endswith(CLOSED_DATABASE) else None
    return next((each for each, kinds in ERRORS.items() if isinstance(error, kinds)), None)


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that ``folder``, any folder of it, lies on."""

    folder: Path

    @property
    def free(self) -> int:
        """Bytes that a program without privileges can still write."""
        return shutil.disk_usage(self.folder).free

    @property
    def free_percent(self) -> int:
        """Whole per cent, rounded down."""
        usage = shutil.disk_usage(self.folder)
        return 100 * usage.free // usage.total

    @property
    def is_full(self) -> bool:
        """Whether PostgreSQL can't go on writing to it, or soon can't."""
        return self.free < LEAST_ROOM
