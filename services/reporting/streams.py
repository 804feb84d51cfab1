"""The watermarks in the database: locked by a batch, moved by it."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from libs.stream.outbox import Connection
from libs.stream.sql import statements
from libs.stream.watermark import Gap, Watermark
from services.reporting.intake import EpochKey, EventKey

SQL = statements("services.reporting", "sql/ingest.sql")

FIRST_EPOCH = 1


async def lock(connection: Connection, runs: Collection[EpochKey]) -> dict[EpochKey, Watermark]:
    """The watermarks of ``runs``; their streams are this transaction's alone until it ends.

    Each stream's first run is locked too, so that two processes that hold different epochs of
    one stream, as in a rebalance, still take turns: a visit may have events in both.
    """
    if not runs:
        return {}
    wanted = sorted({*runs, *(run._replace(epoch=FIRST_EPOCH) for run in runs)})
    await begin(connection, wanted)
    columns = _columns(wanted)
    rows = await connection.fetch(SQL.lock_streams, *columns)
    gaps: dict[EpochKey, list[Gap]] = {}
    for site, stream, epoch, first, last in await connection.fetch(SQL.gaps_of, *columns):
        gaps.setdefault(EpochKey(site, stream, epoch), []).append(Gap(first, last))
    return {
        (run := EpochKey(site, stream, epoch)): Watermark(highest, tuple(gaps.get(run, ())))
        for site, stream, epoch, highest in rows
    }


async def begin(connection: Connection, runs: Sequence[EpochKey]) -> None:
    """Make the rows of ``runs`` that are not there yet, in this order."""
    await connection.execute(SQL.begin_streams, *_columns(runs))


async def ids_at(connection: Connection, keys: Sequence[EventKey]) -> dict[EventKey, UUID]:
    """The ids of the stored events at some places."""
    if not keys:
        return {}
    places = _columns([(*key.run, key.sequence) for key in keys])
    return {
        EventKey(EpochKey(site, stream, epoch), sequence): id_
        for site, stream, epoch, sequence, id_ in await connection.fetch(SQL.ids_at, *places)
    }


async def move(
    connection: Connection,
    before: Mapping[EpochKey, Watermark],
    after: Mapping[EpochKey, Watermark],
) -> None:
    """Store the watermarks that changed. A gap that stays keeps the time it was noticed."""
    moved = [(run, mark) for run, mark in after.items() if mark.highest != before[run].highest]
    if moved:
        await connection.execute(
            SQL.move_streams, *_columns([(*run, mark.highest) for run, mark in moved])
        )
    closed = _gaps_only_in(before, after)
    if closed:
        await connection.execute(SQL.close_gaps, *_columns([row[:4] for row in closed]))
    opened = _gaps_only_in(after, before)
    if opened:
        await connection.execute(SQL.open_gaps, *_columns(opened))


def _gaps_only_in(
    these: Mapping[EpochKey, Watermark], those: Mapping[EpochKey, Watermark]
) -> list[tuple[object, ...]]:
    return [
        (*run, gap.first, gap.last)
        for run, mark in these.items()
        if mark.gaps != those[run].gaps
        for gap in mark.gaps
        if gap not in those[run].gaps
    ]


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
