"""What the nation counts of a step is what the site's own statement counts of its row, also where
a time was corrected into a year that cannot be."""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from libs.database.statements import statements
from libs.events.bounds import LIVE
from libs.events.catalogue import Unknown, read
from libs.events.codes import Outcome
from saduak.provision.postgres import Connection, session
from services.reporting.model.contributions import of_visit
from services.reporting.model.rollups import STEPS, Ledger
from services.reporting.model.targets import Yardsticks
from services.reporting.model.visits import VisitEvent, fold, is_of_visit
from tests.databases import PostgresServer
from tests.reporting.nation import standards

SITE_SQL = statements("services.ticketing", "sql/days.sql")
YARDSTICKS = Yardsticks(standards())
SITE, DAY, SERVICE = "pjo-50", date(2026, 3, 2), "INF"
VISIT = "0190163d-8694-7f00-8000-00000000c0de"
MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TOTALS = {"left": "left_waiting"}
COUNTED = ("steps", "served", "no_show", "left", "removed", "forgotten", "wait_ms", "service_ms",
           "implausible")  # fmt: skip

TEMPORARY = """
CREATE TEMPORARY TABLE step (
    day date, service text, outcome text, queued_at timestamptz, first_called_at timestamptz,
    started_at timestamptz, ended_at timestamptz
)
"""
"""What the site's statement reads, without the constraints of today: rows of earlier releases."""

MOMENTS = st.integers(-3 * 3600_000_000, 30 * 3600_000_000).map(
    lambda microseconds: MORNING + timedelta(microseconds=microseconds)
)
"""Around the day, in any order: a clock may run wrong."""
FAR = st.sampled_from([2, 543, 1969, 2014, 2101, 2569, 9998]).map(
    lambda year: datetime(year, 6, 1, 9, tzinfo=UTC)
)
CORRECTED = st.none() | MOMENTS | FAR


class Told(NamedTuple):
    """A step as it happened, and what it was corrected to."""

    outcome: Outcome
    queued: datetime
    called: datetime | None
    started: datetime | None
    ended: datetime
    start: datetime | None
    end: datetime | None


STEPS_TOLD = st.builds(
    Told, st.sampled_from(Outcome), MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS, MOMENTS,
    CORRECTED, CORRECTED,
)  # fmt: skip


def event(number: int, type_: str, moment: datetime, **data: object) -> VisitEvent:
    """As it comes from a site, which may be of an earlier release."""
    text = moment.isoformat().replace("+00:00", "Z")
    envelope = {
        "specversion": "1.0",
        "id": str(UUID(int=7 << 76 | 2 << 62 | number)),
        "source": f"/sites/{SITE}/ticketing",
        "type": type_,
        "subject": VISIT,
        "time": text,
        "datacontenttype": "application/json",
        "dataschema": f"urn:saduak:event:{type_}",
        "recordedtime": text,
        "serviceday": str(DAY),
        "origin": "live",
        "streamepoch": 1,
        "streamseq": number,
        "data": {"step": 1, **data},
    }
    found = read(json.dumps(envelope).encode())
    assert not isinstance(found, Unknown)
    assert is_of_visit(found)
    return found


def events(told: Told) -> list[VisitEvent]:
    happened: list[tuple[str, datetime, Mapping[str, object]]] = [
        ("visit.issued.v1", told.queued, {
            "ticket": "A001", "service": SERVICE, "channel": "kiosk", "visitor_class": "normal",
            "appointment": None, "estimate": None, "feedback_link": False,
        }),
    ]  # fmt: skip
    if told.called:
        call = {"counter": 1, "call": 1, "out_of_order": None}
        happened.append(("visit.called.v1", told.called, call))
    if told.started:
        happened.append(("visit.started.v1", told.started, {"counter": 1}))
    ended = {"outcome": told.outcome, "time_quality": "actual"}
    happened.append(("visit.ended.v1", told.ended, ended))
    for field, new in (("started_at", told.start), ("ended_at", told.end)):
        if new is not None:
            text = new.isoformat().replace("+00:00", "Z")
            correction = {"field": field, "old": None, "new": text.rjust(20, "0")}
            said = {"correction": correction, "reason": "wrong_clock"}
            happened.append(("visit.corrected.v1", MORNING, said))
    return [event(n, type_, at, **data) for n, (type_, at, data) in enumerate(happened, 1)]


@pytest.fixture
async def site(postgres: PostgresServer) -> AsyncGenerator[Connection]:
    async with session(postgres.admin) as connection:
        await connection.execute(TEMPORARY)
        yield connection


def is_out_of_span(moment: datetime | None) -> bool:
    return moment is not None and not LIVE.holds_instant(moment)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=STEPS_TOLD)
async def test_what_the_nation_counts_is_what_the_site_counts(site: Connection, told: Told) -> None:
    # Two times in one year that cannot be are minutes apart for the site; here both are unknown.
    assume(not (is_out_of_span(told.start) and is_out_of_span(told.end)))
    started, ended = told.start or told.started, told.end or told.ended
    await site.execute("TRUNCATE step")
    await site.execute(
        "INSERT INTO step VALUES ($1, $2, $3, $4, $5, $6, $7)",
        *(DAY, SERVICE, told.outcome, told.queued, told.called, started, ended),
    )
    (said,) = await site.fetch(SITE_SQL.service_totals, DAY)
    ledger = Ledger()
    ledger.add(of_visit(SITE, fold(events(told)), YARDSTICKS))
    (row,) = ledger.rows(STEPS)
    counted = dict(zip(STEPS.counters, row.counts, strict=True))
    assert {name: counted[TOTALS.get(name, name)] for name in COUNTED} == {
        name: said[name] for name in COUNTED
    }
