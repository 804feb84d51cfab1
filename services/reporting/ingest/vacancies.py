"""Numbers of a stream that have no event and wait for none: refused, or given up as lost."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.stream.watermark import Gap, Moving, Watermark
from services.reporting.ingest.messages import EpochKey, EventKey, Refusal, StreamKey
from services.reporting.ingest.quarantine import Finding

SQL = statements("services.reporting", "sql/streams.sql")


class Vacancy(NamedTuple):
    """A row of the table `vacancies`."""

    site: str
    stream: str
    epoch: int
    first: int
    last: int
    reason: str
    service_day: object
    finding: str | None
    noted_at: object


async def vacate(connection: Connection, vacant: Mapping[EventKey, Refusal]) -> None:
    """Keep the numbers that refused messages have taken."""
    rows = [
        (*key.run, key.sequence, one.service_day, one.record.offset)
        for key, one in sorted(vacant.items())
    ]
    if rows:
        await connection.execute(SQL.vacate, *_columns(rows))


async def fill(connection: Connection, filled: Sequence[EventKey]) -> None:
    """The events of these places have come after all: nothing is vacant there any more."""
    if not filled:
        return
    places = [(*key.run, key.sequence) for key in filled]
    rows = await connection.fetch(SQL.vacancies_at, *_columns(places))
    held = [Vacancy(*row) for row in rows]
    if not held:
        return
    await connection.execute(SQL.drop_vacancies, *_columns([one[:4] for one in held]))
    rest = [part for one in held for part in _without(one, filled)]
    if rest:
        await connection.execute(SQL.narrow_vacancies, *_columns(rest))


def _without(vacancy: Vacancy, filled: Iterable[EventKey]) -> Iterable[Vacancy]:
    """What is left of a vacancy."""
    run = EpochKey(vacancy.site, vacancy.stream, vacancy.epoch)
    left = Moving(Watermark(vacancy.last, (Gap(vacancy.first, vacancy.last),)))
    for key in filled:
        if key.run == run and vacancy.first <= key.sequence <= vacancy.last:
            left.admit(key.sequence)
    for gap in left.mark().gaps:
        yield vacancy._replace(first=gap.first, last=gap.last)


async def of_site(connection: Connection, site: str) -> dict[EpochKey, list[Gap]]:
    """The numbers of a site's runs that have no event, in ascending order."""
    found: dict[EpochKey, list[Gap]] = {}
    for *run, first, last in await connection.fetch(SQL.vacancies_of_site, site):
        found.setdefault(EpochKey(*run), []).append(Gap(first, last))
    return found


class Accepted(NamedTuple):
    """What a person has given up."""

    gaps: int
    numbers: int


async def accept_loss(pool: Pool, stream: StreamKey, finding: Finding) -> Accepted:
    """Give up every missing number of a stream as lost, and let it be read on.

    A number that comes all the same is taken. Raises ValueError where nothing is missing.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(SQL.hold_stream, *stream)
        rows = await connection.fetch(SQL.accept_gaps, *stream, finding.text.strip())
        if not rows:
            raise ValueError(
                f"{stream.site} {stream.stream} has no missing numbers. Nothing was done."
            )
        await connection.execute(SQL.lift, [stream.site], [stream.stream])
    return Accepted(len(rows), sum(row["last"] - row["first"] + 1 for row in rows))


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
