"""What must hold after everything was killed and came back: both sides, compared to the letter."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import asyncpg

from libs.database.pool import Database, connections
from libs.database.statements import statements
from libs.events.catalogue import Unknown, read
from libs.events.codes import Outcome, Stream
from libs.events.durations import between, plausible
from libs.events.envelope import Numbered, render, source_of
from libs.events.visits import DayClosed, ServiceTotals
from saduak.local.plan import Folder, Plan
from saduak.local.services import services
from services.reporting.model.visits import Step, Visit, advance, is_of_visit
from tests.chaos.topics import misplaced

SQL = statements("tests.chaos", "sql/both_sides.sql")

NO_HOLE = "a stream has no hole, and its order is commit order"
SENT_ONCE = "the topic holds every number once, in order: nothing had to be asked for again"
ARRIVED_ONCE = "every event arrived, once, to the letter"
CONTIGUOUS = "the watermark stands at the last event, without a gap"
MANIFESTS = "a manifest counts what was committed before it, and all of it"
NOTHING_REFUSED = "nothing was quarantined"
REBUILT = "visits and rollups are the fold of the events (rebuild --check)"
RECONCILED = "the nation's totals equal the sites' (reconcile)"

OUTCOMES = {
    Outcome.SERVED: "served",
    Outcome.NO_SHOW: "no_show",
    Outcome.LEFT: "left",
    Outcome.REMOVED: "removed",
    Outcome.FORGOTTEN: "forgotten",
}


@dataclass(slots=True)
class Findings:
    """What was compared, and the invariants that did not hold, each with its evidence."""

    events: int = 0
    visits: int = 0
    manifests: int = 0
    broken: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def hold(self, invariant: str, faults: Iterable[str]) -> None:
        found = list(faults)
        if found:
            self.broken.setdefault(invariant, []).extend(found)


async def rows(database: Database, statement: str, *arguments: object) -> list[asyncpg.Record]:
    async with connections(database, "invariants", most=1) as pool:
        return await pool.fetch(statement, *arguments)


async def examine(folder: Folder, country: Plan, but: Collection[str] = ()) -> Findings:
    """Compare every site with the nation, except those named in ``but``. All must be at rest."""
    sites = [site for site in country.sites if site not in but]
    findings = Findings()
    nation = folder.national_database(country).owner("reporting")
    highest: dict[tuple[str, str], int] = {}
    for site in sites:
        for stream in Stream:
            database = folder.site_database(country, site).owner(stream.value)
            outbox = await rows(database, SQL.outbox)
            arrived = await rows(nation, SQL.arrived, site, stream.value)
            findings.events += len(outbox)
            name = f"{site} {stream}"
            findings.hold(NO_HOLE, holes(name, [row["sequence"] for row in outbox]))
            findings.hold(
                SENT_ONCE, await misplaced(folder.site_kafka(country, site), site, stream)
            )
            sent = [render(source_of(site, stream), cast(Numbered, row)) for row in outbox]
            stored = [row["envelope"].encode() for row in arrived]
            findings.hold(ARRIVED_ONCE, differences(name, sent, stored))
            highest[site, stream.value] = max((row["sequence"] for row in outbox), default=0)
            if stream is Stream.TICKETING:
                findings.hold(MANIFESTS, miscounts(name, sent, findings))
    marks = await rows(nation, SQL.watermarks, sites)
    gaps = await rows(nation, SQL.gaps, sites)
    findings.hold(CONTIGUOUS, behind(highest, marks, gaps))
    refused = await rows(nation, SQL.quarantined, sites)
    findings.hold(NOTHING_REFUSED, (f"{row['topic']}: {row['detail']}" for row in refused))
    days = [date(2025, 10, 1), date(2027, 12, 31)]
    period = ["--from", str(days[0]), "--to", str(days[1])]
    for chosen in [["--site", site] for site in sites] if but else [[]]:
        findings.hold(REBUILT, command(folder, country, "rebuild", "--check", *chosen))
        findings.hold(RECONCILED, command(folder, country, "reconcile", *period, *chosen))
    return findings


def holes(name: str, sequences: Sequence[int]) -> Iterator[str]:
    for expected, found in enumerate(sequences, start=1):
        if found != expected:
            yield f"{name}: sequence {expected} should stand where {found} stands"
            return


def differences(name: str, sent: Sequence[bytes], stored: Sequence[bytes]) -> Iterator[str]:
    written, arrived = Counter(sent), Counter(stored)
    lost, surplus = written - arrived, arrived - written
    if lost:
        yield f"{name}: {lost.total()} of {len(sent)} events never arrived"
    if surplus:
        yield f"{name}: {surplus.total()} events arrived twice or were never written"


def behind(
    highest: dict[tuple[str, str], int],
    marks: Sequence[asyncpg.Record],
    gaps: Sequence[asyncpg.Record],
) -> Iterator[str]:
    reached = {(row["site"], row["stream"]): row["highest"] for row in marks}
    for (site, stream), last in highest.items():
        if reached.get((site, stream), 0) != last:
            yield f"{site} {stream}: written to {last}, arrived to {reached.get((site, stream))}"
    for gap in gaps:
        yield f"{gap['site']} {gap['stream']}: {gap['first']} to {gap['last']} are missing"


def miscounts(name: str, messages: Iterable[bytes], findings: Findings) -> Iterator[str]:
    """Hold each manifest against a count of its day made from the events before it."""
    days: dict[date, dict[str, Visit]] = {}
    closed: set[date] = set()
    changed: set[date] = set()
    """Days that changed after their last manifest; an open day has none yet."""
    for message in messages:
        event = read(message)
        assert not isinstance(event, Unknown)
        if is_of_visit(event):
            visits = days.setdefault(event.serviceday, {})
            visit = visits.setdefault(str(event.subject), {})
            findings.visits += not visit
            advance(visit, [event])
            changed |= closed & {event.serviceday}
        elif isinstance(event.data, DayClosed):
            findings.manifests += 1
            counted = totals(event.data.revision, days.get(event.serviceday, {}).values())
            closed.add(event.serviceday)
            changed.discard(event.serviceday)
            if event.data != counted:
                yield f"{name} {event.serviceday} revision {event.data.revision}: {event.data}"
    for day in sorted(changed):
        yield f"{name} {day}: visits changed after the last manifest"


def totals(revision: int, visits: Iterable[Visit]) -> DayClosed:
    """The manifest that these visits ask for."""
    counts: dict[str, Counter[str]] = {}
    number = 0
    for visit in visits:
        number += 1
        for step in visit.values():
            assert step.service is not None
            counts.setdefault(step.service, Counter()).update(counted(step))
    fields = [name for name in ServiceTotals.model_fields if name != "service"]
    services = tuple(
        ServiceTotals.model_validate({"service": code} | {name: count[name] for name in fields})
        for code, count in sorted(counts.items())
    )
    return DayClosed(revision=revision, visits=number, services=services)


def counted(step: Step) -> Counter[str]:
    count = Counter(steps=1)
    if step.outcome is not None:
        count[OUTCOMES[Outcome(step.outcome)]] = 1
    if step.outcome == Outcome.SERVED:
        for name, start, end in (
            ("wait_ms", step.entered_at, step.first_called_at),
            ("service_ms", step.started_at, step.ended_at),
        ):
            if start is not None and end is not None:
                ms = between(start, end)
                count[name if plausible(ms) else "implausible"] += ms if plausible(ms) else 1
    return count


def command(folder: Folder, country: Plan, *arguments: str) -> Iterator[str]:
    """Run a command of the reporting service, as its operator would."""
    replica = next(service for service in services(folder, country) if service.site is None)
    done = subprocess.run(
        [sys.executable, "-m", "saduak", "reporting", *arguments],
        env=os.environ | dict(replica.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        yield f"status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
