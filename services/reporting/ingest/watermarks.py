"""The watermarks in the database: locked by a batch, moved by it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from libs.database.statements import statements
from libs.database.types import Connection
from libs.stream.watermark import Gap, Watermark
from services.reporting.ingest.messages import EpochKey, EventKey, StreamKey

SQL = statements("services.reporting", "sql/ingest.sql")

FIRST_EPOCH = 1


class Standing(NamedTuple):
    """How far some streams have arrived."""

    watermarks: dict[EpochKey, Watermark]
    open_gaps: Counter[StreamKey]
    """How many gaps each stream has, over all its runs."""


async def lock(connection: Connection, runs: Collection[EpochKey]) -> Standing:
    """Where ``runs`` stand; their streams are this transaction's alone until it ends.

    Each stream's first run is locked too, so that two processes that hold different epochs of
    one stream, as in a rebalance, still take turns: a visit may have events in both.
    """
    if not runs:
        return Standing({}, Counter())
    wanted = sorted({*runs, *(run._replace(epoch=FIRST_EPOCH) for run in runs)})
    await begin(connection, wanted)
    rows = await connection.fetch(SQL.lock_streams, *_columns(wanted))
    of_streams = _columns(sorted({run.of for run in wanted}))
    gaps: dict[EpochKey, list[Gap]] = {}
    open_gaps: Counter[StreamKey] = Counter()
    for site, stream, epoch, first, last in await connection.fetch(SQL.gaps_of, *of_streams):
        gaps.setdefault(EpochKey(site, stream, epoch), []).append(Gap(first, last))
        open_gaps[StreamKey(site, stream)] += 1
    marks = {
        (run := EpochKey(site, stream, epoch)): Watermark(highest, tuple(gaps.get(run, ())))
        for site, stream, epoch, highest in rows
    }
    return Standing(marks, open_gaps)


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


class Shift(NamedTuple):
    """What a batch changes of the gaps, in key order."""

    opened: list[tuple[EpochKey, Gap]]
    closed: list[tuple[EpochKey, Gap]]


def shift(before: Mapping[EpochKey, Watermark], after: Mapping[EpochKey, Watermark]) -> Shift:
    """The gaps that are only in ``after``, and those only in ``before``."""
    opened: list[tuple[EpochKey, Gap]] = []
    closed: list[tuple[EpochKey, Gap]] = []
    for run, mark in after.items():
        was = before[run].gaps
        if mark.gaps != was:
            opened += [(run, gap) for gap in sorted(set(mark.gaps).difference(was))]
            closed += [(run, gap) for gap in sorted(set(was).difference(mark.gaps))]
    return Shift(opened, closed)


async def move(
    connection: Connection,
    before: Mapping[EpochKey, Watermark],
    after: Mapping[EpochKey, Watermark],
) -> Shift:
    """Store the watermarks that changed. A gap that stays keeps the time it was noticed."""
    moved = [(run, mark) for run, mark in after.items() if mark.highest != before[run].highest]
    if moved:
        await connection.execute(
            SQL.move_streams, *_columns([(*run, mark.highest) for run, mark in moved])
        )
    changed = shift(before, after)
    if changed.closed:
        rows = [(*run, gap.first) for run, gap in changed.closed]
        await connection.execute(SQL.close_gaps, *_columns(rows))
    if changed.opened:
        rows = [(*run, gap.first, gap.last) for run, gap in changed.opened]
        await connection.execute(SQL.open_gaps, *_columns(rows))
    return changed


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
