"""Imports an export's visits: day by day, in order of arrival, one transaction a visit.

Every commit waits for the disk. Without that (``synchronous_commit = off``) a crash could take
back visits that the relay has already sent, and the site's stream would fork: the speed is not
worth it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from libs.clock import now
from libs.database.statements import statements
from libs.events.codes import Origin
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.imports.files import LineError, Reading
from services.ticketing.imports.parsing import ImportedVisit, RowError, numbered_counters
from services.ticketing.imports.profile import Profile
from services.ticketing.imports.recording import Recorder
from services.ticketing.imports.report import DayReport, Report
from services.ticketing.office import Office
from services.ticketing.usecases.days import begin_day, finish_day, revise_day

DAYS = statements("services.ticketing", "sql/days.sql")
SQL = statements("services.ticketing", "sql/imports.sql")

Progress = Callable[[int], None]
"""Told how many more visits are done."""
Started = Callable[[Report], Progress]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What is to be imported of one day."""

    day: date
    new: tuple[ImportedVisit, ...]
    """In order of arrival."""
    counters: dict[str, int]
    closed: bool
    """Whether the day was imported and closed before."""
    begun: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The report, and the work that it stands for."""

    report: Report
    days: tuple[DayPlan, ...]


async def plan(office: Office, profile: Profile, reading: Reading) -> Plan:
    """What importing ``reading`` would do. Changes nothing."""
    by_day: dict[date, list[ImportedVisit]] = {}
    for visit in reading.visits:
        by_day.setdefault(visit.day, []).append(visit)
    found = list(reading.errors)
    days: list[DayPlan] = []
    reports: list[DayReport] = []
    for day, visits in sorted(by_day.items()):
        report, work, conflicts = await _plan_day(office, profile, day, visits)
        reports.append(report)
        found.extend(conflicts)
        if work is not None:
            days.append(work)
    repairs = Counter(repair for visit in reading.visits for repair in visit.repairs)
    report = Report(
        rows=reading.rows,
        visits=len(reading.visits),
        skipped=dict(reading.skipped),
        repaired=dict(repairs),
        repaired_rows=sum(bool(visit.repairs) for visit in reading.visits),
        errors=tuple(sorted(found, key=lambda error: (error.file, error.line))),
        days=tuple(reports),
    )
    return Plan(report, tuple(days))


async def _plan_day(
    office: Office, profile: Profile, day: date, visits: Sequence[ImportedVisit]
) -> tuple[DayReport, DayPlan | None, list[LineError]]:
    state = await office.pool.fetchrow(DAYS.state_of_day, day)
    if state is not None and state["origin"] != Origin.IMPORT.value:
        return DayReport(day, len(visits), 0, "it was worked in this system"), None, []
    try:
        counters = numbered_counters(visits, profile.counter.unknown_number)
    except RowError as error:
        return DayReport(day, len(visits), 0, str(error)), None, []
    rows = await office.pool.fetch(SQL.imported_lines, profile.name, day)
    known: dict[int, bytes] = {row["line"]: row["fingerprint"] for row in rows}
    conflicts = [_conflict(visit) for visit in visits if _other_row(known, visit)]
    new = [visit for visit in visits if visit.line not in known]
    new.sort(key=lambda visit: (visit.arrival, visit.line))
    work = DayPlan(
        day=day,
        new=tuple(new),
        counters=counters,
        closed=state is not None and state["state"] == "closed",
        begun=state is not None,
    )
    return DayReport(day, len(visits), len(new), None), work, conflicts


def _other_row(known: dict[int, bytes], visit: ImportedVisit) -> bool:
    return known.get(visit.line, visit.fingerprint) != visit.fingerprint


def _conflict(visit: ImportedVisit) -> LineError:
    return LineError(
        visit.file,
        visit.line,
        f"another row was imported before as this line of {visit.day}",
        "give the file that was imported first, with new rows at its end",
    )


async def import_visits(
    office: Office, profile: Profile, reading: Reading, started: Started
) -> Report:
    """Import what is new in ``reading``. Stopped half-way and begun again, it goes on where it was.

    ``started`` gets the report before the work begins, and gives whom to tell of its progress.
    Raises ImportUnderWay while another import of this site runs, SeriesFull; what was committed
    stays.
    """
    async with office.pool.acquire() as connection:
        # Held by this session until the connection goes back to the pool.
        if not await connection.fetchval(SQL.lock_imports):
            raise errors.ImportUnderWay
        work = await plan(office, profile, reading)
        progress = started(work.report)
        for day in work.days:
            if day.closed:
                await _add_to_closed(office, profile, day, progress)
            else:
                await _import_day(office, profile, day, progress)
    return work.report


async def _import_day(office: Office, profile: Profile, work: DayPlan, progress: Progress) -> None:
    """The day opens when its first visitor comes and closes when its last one goes."""
    if not work.begun:
        opening = _at(office, min(visit.arrival for visit in work.new))
        async with opening.outbox.transaction() as tx:
            await tx.close_day(work.day)
            await begin_day(tx, opening, work.day)
    recorder = Recorder(office, profile, work.day, work.counters)
    # One connection for all: handing it back to the pool between visits would cost a round trip.
    async with office.pool.acquire() as connection:
        for visit in work.new:
            async with connection.transaction():
                tx = Transaction(connection, now)
                await tx.share_day(work.day)
                await recorder.record(tx, visit)
                await tx.append()
            progress(1)
    async with office.outbox.transaction() as tx:
        await tx.close_day(work.day)
        state = await tx.connection.fetchrow(DAYS.state_of_day, work.day)
        if state is None or state["state"] == "closed":
            raise errors.ImportUnderWay
        last: datetime | None = await tx.connection.fetchval(SQL.last_end, work.day)
        await finish_day(tx, _at(office, last or state["opened_at"]), work.day)


async def _add_to_closed(
    office: Office, profile: Profile, work: DayPlan, progress: Progress
) -> None:
    """New rows of a day that was closed: all in one transaction, with the next revision."""
    if not work.new:
        return
    recorder = Recorder(office, profile, work.day, work.counters)
    async with office.outbox.transaction() as tx:
        await tx.close_day(work.day)
        for visit in work.new:
            await recorder.record(tx, visit)
            progress(1)
        last = max(visit.ended for visit in work.new)
        await revise_day(tx, _at(office, last), work.day)


def _at(office: Office, moment: datetime) -> Office:
    return replace(office, clock=lambda: moment, origin=Origin.IMPORT)
