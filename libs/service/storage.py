"""Whether a service can keep anything: what its database refused, and the room on its disk."""

import time

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from libs.database.troubles import Disk, Trouble, trouble_of
from libs.service.health import Finding

LOG = structlog.stdlib.get_logger()
LATELY_SECONDS = 15.0
"""For so long after a refusal the service is not ready."""
QUIET_SECONDS = 60.0
"""Between two log lines of the same trouble."""


class Storage:
    """The troubles that requests meet, as health, metrics and the log tell them."""

    def __init__(self, registry: CollectorRegistry, disk: Disk | None) -> None:
        """``disk`` is the database's, if it is on this machine."""
        self._disk = disk
        self._logged: dict[Trouble, float] = {}
        self._refused: dict[Trouble, float] = {}
        self._refusals = Counter(
            "saduak_database_refusals",
            "Requests that the database could not serve: the disk is full, it is read-only or away",
            ["reason"],
            registry=registry,
        )
        for trouble in Trouble:
            self._refusals.labels(trouble.value)
        if disk is not None:
            free = Gauge(
                "saduak_disk_free",
                "Room left on the disk that the database writes to",
                unit="bytes",
                registry=registry,
            )
            free.set_function(lambda: disk.free)

    def trouble_of(self, error: Exception) -> Trouble | None:
        """The trouble behind ``error``, None for any other kind. A database that is away while
        its disk is full is away because of that."""
        trouble = trouble_of(error)
        if trouble is Trouble.AWAY and self._disk is not None and self._disk.is_full:
            return Trouble.DISK_FULL
        return trouble

    def note(self, trouble: Trouble, error: Exception) -> None:
        """A request met ``trouble``: count it, and log it once in a while."""
        self._refusals.labels(trouble.value).inc()
        self._refused[trouble] = now = time.monotonic()
        if now - self._logged.get(trouble, float("-inf")) > QUIET_SECONDS:
            self._logged[trouble] = now
            LOG.error("database refuses", reason=trouble.value, error=type(error).__name__)

    async def check(self) -> Finding:
        """Ready while there is room, and no write was refused lately."""
        if self._disk is not None and self._disk.is_full:
            free = self._disk.free / 2**20
            return Finding(
                ok=False,
                detail=f"disk full: {free:.1f} MiB free at {self._disk.folder}; make room, the "
                "service then goes on by itself",
            )
        for trouble, what in (
            (Trouble.DISK_FULL, "disk full: make room for the database"),
            (Trouble.READ_ONLY, "the database takes no changes: make it writable"),
        ):
            ago = time.monotonic() - self._refused.get(trouble, float("-inf"))
            if ago < LATELY_SECONDS:
                return Finding(ok=False, detail=f"{what} (refused to write {ago:.0f} s ago)")
        return Finding(ok=True)
