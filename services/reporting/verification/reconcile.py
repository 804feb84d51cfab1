"""Does the nation count what the sites count? Every control total of every manifest, one by one.

The sites sum in SQL over their own rows, the nation folds events: two ways, so that agreement
proves something.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from libs.database.statements import statements
from libs.database.types import Connection, Pool
from services.reporting.figures.coverage import DayState
from services.reporting.ingest.event_store import digest

SQL = statements("services.reporting", "sql/reconcile.sql")
AT_A_TIME = 5000


@dataclass(frozen=True, slots=True)
class Question:
    """Which days, and of which site (None: of all)."""

    first: date
    last: date
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared, at one moment, and all that differs."""

    days: int
    """Site-days whose totals were compared."""
    totals: int
    events: int
    """Stored messages whose fingerprint was checked."""
    streams: int
    waiting: Sequence[str]
    """Days that are open or arriving, with what is awaited: no errors."""
    unknown: Sequence[str]
    """Days on which services are counted that the standards don't know, with their codes."""
    refused: Sequence[str]
    """Days of which messages were refused, into which nobody has looked."""
    lost: Sequence[str]
    """Numbers that a person has given up; of any day."""
    resolved: Sequence[str]
    """Days of which the site lost records, and which a person there has looked into."""
    differences: Sequence[str]


async def reconcile(pool: Pool, question: Question) -> Reconciliation:
    """Compare everything in one snapshot; ingest goes on beside it."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        asked = (question.first, question.last, question.site)
        rows = await connection.fetch(SQL.days, *asked)
        closed = {
            (row["site"], row["service_day"])
            for row in rows
            if row["state"] in {DayState.COMPLETE, DayState.DISPUTED} and not _waiting(row)
        }
        totals, wrong_totals = await _totals(connection, asked, closed)
        streams, wrong_streams = await _streams(connection, question.site)
        events, wrong_events = await _messages(connection, asked)
        unknown = await _unknown(connection, rows)
        refused = [
            f"{row['site']} {row['service_day']}: {row['messages']} refused"
            for row in await connection.fetch(SQL.refused, *asked)
        ]
        lost = [
            f"{row['site']} {row['stream']} epoch {row['epoch']}, {row['first']} to "
            f"{row['last']}: {row['finding']}"
            for row in await connection.fetch(SQL.lost, question.site)
        ]
    return Reconciliation(
        days=len(closed),
        totals=totals,
        events=events,
        streams=streams,
        waiting=[
            f"{row['site']} {row['service_day']}: {why}" for row in rows if (why := _waiting(row))
        ],
        unknown=unknown,
        refused=refused,
        lost=lost,
        resolved=[
            f"{row['site']} {row['service_day']}: {row['detail'].removeprefix('resolved_')}"
            for row in rows
            if row["state"] == DayState.RESOLVED
        ],
        differences=[*wrong_totals, *wrong_streams, *wrong_events],
    )


def _waiting(row: asyncpg.Record) -> str | None:
    """What is awaited of a day; None of one whose totals can be compared, or need not be."""
    if row["state"] == DayState.RESOLVED:
        return None
    if row["awaited"]:
        return f"{DayState.ARRIVING}, {row['awaited'].replace('_', ' ')}"
    return None if row["ticketing_revision"] else str(DayState.OPEN)


async def _unknown(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[str]:
    days = [(row["site"], row["service_day"]) for row in rows if row["detail"] == "service_unknown"]
    if not days:
        return []
    codes = {
        (row["site"], row["service_day"]): row
        for row in await connection.fetch(SQL.unknown_services, *map(list, zip(*days, strict=True)))
    }
    return [f"{site} {day}: {_named(codes.get((site, day)))}" for site, day in days]


def _named(row: asyncpg.Record | None) -> str:
    if row is None:
        return "asked to rate"
    more = ", …" if row["codes"] > len(row["first"]) else ""
    codes = "code" if row["codes"] == 1 else "codes"
    return f"{row['codes']} {codes}: {', '.join(row['first'])}{more}"


async def _totals(
    connection: Connection,
    asked: tuple[date, date, str | None],
    closed: set[tuple[str, date]],
) -> tuple[int, list[str]]:
    compared, wrong = 0, list[str]()
    for row in await connection.fetch(SQL.totals, *asked):
        if (row["site"], row["service_day"]) not in closed:
            continue
        compared += 1
        if row["said"] != row["counted"]:
            wrong.append(
                f"{row['site']} {row['service_day']} {row['stream']} revision {row['revision']}, "
                f"{row['service'] or 'all services'}, {row['total']}: "
                f"the site says {row['said']}, the nation counts {row['counted']}"
            )
    return compared, wrong


async def _streams(connection: Connection, site: str | None) -> tuple[int, list[str]]:
    rows = await connection.fetch(SQL.streams, site)
    wrong = [
        f"{row['site']} {row['stream']} epoch {row['epoch']}: {row['expected']} events should be "
        f"stored up to sequence {row['highest']}, {row['stored']} are, the last is "
        f"{row['highest_stored']}"
        for row in rows
        if (row["expected"], row["highest"]) != (row["stored"], row["highest_stored"])
    ]
    return len(rows), wrong


async def _messages(
    connection: Connection, asked: tuple[date, date, str | None]
) -> tuple[int, list[str]]:
    checked, wrong = 0, list[str]()
    cursor = await connection.cursor(SQL.messages, *asked)
    while rows := await cursor.fetch(AT_A_TIME):
        checked += len(rows)
        wrong += [
            f"{site} {stream} epoch {epoch} sequence {sequence}: the stored message is not the one "
            "that came"
            for site, stream, epoch, sequence, envelope, fingerprint in rows
            if digest(envelope.encode()) != fingerprint
        ]
    return checked, wrong


def report(question: Question, found: Reconciliation) -> Iterable[str]:
    """The findings as an operator reads them."""
    yield from (f"difference: {line}" for line in found.differences)
    yield from (f"not yet: {line}" for line in found.waiting)
    yield from (f"services that the standards don't know: {line}" for line in found.unknown)
    yield from (f"messages to look into (quarantine): {line}" for line in found.refused)
    yield from (f"given up as lost: {line}" for line in found.lost)
    yield from (f"resolved after a restore: {line}" for line in found.resolved)
    yield (
        f"{question.first} to {question.last}, {question.site or 'all sites'}: "
        f"{found.days} site-days, {found.totals} totals compared, {found.streams} streams counted, "
        f"{found.events} stored messages checked, {len(found.differences)} differences"
    )
