"""What is stored as it came: events, manifests, restorations."""

from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.responses import FeedbackDayClosed
from libs.events.restoration import DayResolved, StreamRestored
from libs.events.visits import CounterClosed, CounterOpened, DayClosed
from services.reporting.ingest.messages import Arrival, EpochKey, Placed
from services.reporting.model.visits import Place

SQL = statements("services.reporting", "sql/ingest.sql")

EVENT_COLUMNS = (
    "site",
    "stream",
    "epoch",
    "sequence",
    "id",
    "type",
    "subject",
    "service_day",
    "envelope",
    "digest",
    "held",
    "happened_at",
    "recorded_at",
)
MANIFEST_COLUMNS = (
    "site", "stream", "service_day", "revision", "epoch", "sequence", "visits", "totals"
)  # fmt: skip
BESIDE_THE_TOTALS = frozenset(
    {CounterOpened.TYPE, CounterClosed.TYPE, StreamRestored.TYPE, DayResolved.TYPE}
)
"""Events that no total of a day covers."""
MANIFESTS = frozenset({DayClosed.TYPE, FeedbackDayClosed.TYPE})


class DayKey(NamedTuple):
    """A day of one stream; the key of `day_progress`."""

    site: str
    service_day: date
    stream: str


def digest(raw: bytes) -> bytes:
    """The fingerprint by which a stored message shows that nobody touched it."""
    return blake2b(raw, digest_size=16).digest()


async def store_events(connection: Connection, arrivals: Iterable[Arrival]) -> None:
    await connection.copy_records_to_table(
        "events", columns=EVENT_COLUMNS, records=(_event_row(arrival) for arrival in arrivals)
    )


def _event_row(arrival: Arrival) -> tuple[object, ...]:
    run, sequence = arrival.key
    header = arrival.header
    return (
        run.site,
        run.stream,
        run.epoch,
        sequence,
        header.id,
        header.type,
        header.subject,
        header.serviceday,
        arrival.raw.decode(),
        digest(arrival.raw),
        arrival.event is None,
        header.time,
        header.recordedtime,
    )


def manifest_rows(events: Iterable[Placed]) -> list[tuple[object, ...]]:
    """The rows of `manifests` among the events."""
    rows: list[tuple[object, ...]] = []
    for placed in events:
        header, event = placed.header, placed.event
        if header.type not in MANIFESTS or event is None:
            continue
        data = event.data
        run, sequence = placed.key
        if isinstance(data, DayClosed | FeedbackDayClosed):
            totals = data.model_dump_json()
            visits = data.visits if isinstance(data, DayClosed) else None
            place = (run.site, run.stream, header.serviceday, data.revision, run.epoch, sequence)
            rows.append((*place, visits, totals))
    return rows


RESTORATION_COLUMNS = (
    "site",
    "stream",
    "epoch",
    "sequence",
    "after_epoch",
    "after_sequence",
    "lost",
)
RESOLUTION_COLUMNS = ("site", "stream", "service_day", "epoch", "sequence", "reason")


def restoration_rows(events: Iterable[Placed]) -> list[tuple[object, ...]]:
    """The rows of `restorations` among the events."""
    rows: list[tuple[object, ...]] = []
    for placed in events:
        if placed.header.type != StreamRestored.TYPE or placed.event is None:
            continue
        data = placed.event.data
        if isinstance(data, StreamRestored):
            run, sequence = placed.key
            rows.append((*run, sequence, data.after_epoch, data.after_sequence, data.lost))
    return rows


def resolution_rows(events: Iterable[Placed]) -> list[tuple[object, ...]]:
    """The rows of `resolutions` among the events."""
    rows: list[tuple[object, ...]] = []
    for placed in events:
        header = placed.header
        if header.type != DayResolved.TYPE or placed.event is None:
            continue
        data = placed.event.data
        if isinstance(data, DayResolved):
            run, sequence = placed.key
            day = header.serviceday
            rows.append((run.site, run.stream, day, run.epoch, sequence, data.reason))
    return rows


async def store_restorations(connection: Connection, arrivals: Sequence[Arrival]) -> None:
    """Store what sites said of their restores, and of the days they looked into."""
    for table, columns, rows in (
        ("restorations", RESTORATION_COLUMNS, restoration_rows(arrivals)),
        ("resolutions", RESOLUTION_COLUMNS, resolution_rows(arrivals)),
    ):
        if rows:
            await connection.copy_records_to_table(table, columns=columns, records=rows)


async def store_manifests(connection: Connection, arrivals: Iterable[Arrival]) -> None:
    rows = manifest_rows(arrivals)
    if rows:
        await connection.copy_records_to_table("manifests", columns=MANIFEST_COLUMNS, records=rows)


def reached(events: Iterable[Placed]) -> dict[DayKey, Place]:
    """The last of the events of each stream and day, of those that the day's totals cover."""
    by_run: dict[tuple[EpochKey, date], int] = {}
    for placed in events:
        header = placed.header
        if placed.event is None or header.type in BESIDE_THE_TOTALS:
            continue
        run, sequence = placed.key
        key = (run, header.serviceday)
        if sequence > by_run.get(key, 0):
            by_run[key] = sequence
    days: dict[DayKey, Place] = {}
    for (run, day), sequence in by_run.items():
        at = Place(run.epoch, sequence)
        key = DayKey(run.site, day, run.stream)
        days[key] = max(at, days.get(key, at))
    return days


async def advance_days(connection: Connection, arrivals: Iterable[Arrival]) -> None:
    rows = [(*day, *at) for day, at in sorted(reached(arrivals).items())]
    if rows:
        await connection.execute(
            SQL.advance_days, *(list(column) for column in zip(*rows, strict=True))
        )
