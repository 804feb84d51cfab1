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
    """It is down, comes up again, or takes no more connections."""


ERRORS: Mapping[Trouble, tuple[type[Exception], ...]] = {
    Trouble.DISK_FULL: (asyncpg.DiskFullError,),
    Trouble.READ_ONLY: (asyncpg.ReadOnlySQLTransactionError,),
    Trouble.AWAY: (
        ConnectionError,
        TimeoutError,
        asyncpg.InterfaceError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
    ),
}
"""How each trouble shows; the first that fits holds."""
PASSING: tuple[type[Exception], ...] = tuple(kind for kinds in ERRORS.values() for kind in kinds)
"""What passes when the disk has room again and the database is back."""


def trouble_of(error: Exception) -> Trouble | None:
    """The trouble behind ``error``; None for an error of another kind."""
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
