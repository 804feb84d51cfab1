"""What dashboards read is what the pages show; small numbers are withheld from both."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from libs.database.statements import statements
from libs.database.types import Connection
from libs.standards.values import Name
from saduak.provision.postgres import SiteDatabase, session
from services.reporting.dashboards import publisher
from services.reporting.dashboards.publisher import Publisher
from services.reporting.dashboards.rows import Queue, queue_row
from services.reporting.figures.views import NationalView
from services.reporting.ingest import changed_periods
from services.reporting.model.periods import Period, PeriodKind, period_of
from services.reporting.reads import questions, rollup_sums
from services.reporting.reads.questions import Asked
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on, standards
from tests.reporting.streams import SiteStreams, local, played

SQL = statements("tests.watching", "sql/looking.sql")
PUBLISH_SQL = statements("services.reporting", "sql/publish.sql")
SITES = ("led-bkk4", "pjo-50", "moj-jsc")
DAYS = (date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 18))
NOON = datetime(2026, 3, 19, 5, tzinfo=UTC)


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> SiteDatabase:
    return await fresh_database("reporting")


@pytest.fixture
async def nation(database: SiteDatabase) -> AsyncGenerator[Nation]:
    async with nation_on(database) as made:
        yield made


def publisher_of(nation: Nation) -> Publisher:
    return Publisher(nation.pool, standards(), CollectorRegistry())


async def publish_all(nation: Nation, moment: datetime = NOON) -> None:
    """As after hours of rounds."""
    one = publisher_of(nation)
    for passed in range(3):
        assert await one.publish(moment + timedelta(hours=2) * passed)
    assert await nation.owner.fetch(SQL.stale) == []


async def take(nation: Nation, visits: Mapping[str, int]) -> None:
    for site, count in visits.items():
        for streams in played([site], DAYS, count):
            await nation.take(streams.messages)


async def shown_on_pages(nation: Nation, period: Period) -> NationalView:
    async with rollup_sums.snapshot(nation.pool) as connection:
        return await questions.nation(connection, Asked(standards(), period, NOON.date()))


@pytest.mark.parametrize("kind", [PeriodKind.DAY, PeriodKind.MONTH, PeriodKind.YEAR])
async def test_published_is_what_the_pages_show(nation: Nation, kind: PeriodKind) -> None:
    await take(nation, dict(zip(SITES, (60, 40, 25), strict=True)))
    await publish_all(nation)
    period = period_of(kind, DAYS[1])
    view = await shown_on_pages(nation, period)
    rows = await nation.owner.fetch(SQL.figures, kind, period.first)
    read = {(row["place"], row["figure"]): tuple(row)[2:] for row in rows}
    shown = {
        (row.site.code, name): (one.value, one.n, one.suppressed)
        for row in view.rows
        for name, one in row.figures.items()
    }
    for place, total in (("nation", view.nation), ("pilots", view.pilots)):
        for name, one in total.figures.items():
            shown[place, name] = (one.value, one.n, one.suppressed)
    assert read == shown
    assert sum(value is not None for value, _, _ in read.values()) > 100


async def test_the_published_criteria_are_the_scorecards(nation: Nation) -> None:
    await take(nation, {"led-bkk4": 60})
    await publish_all(nation)
    period = period_of(PeriodKind.MONTH, DAYS[0])
    view = await shown_on_pages(nation, period)
    card = next(row.scorecard for row in view.rows if row.site.code == "led-bkk4")
    assert card is not None
    rows = await nation.owner.fetch(SQL.criteria, "month", period.first)
    read = {row["code"]: row for row in rows if row["site"] == "led-bkk4"}
    for finding in card.findings:
        row = read[finding.criterion.code]
        assert (row["state"], row["gap"]) == (finding.state, finding.gap)
        assert row["value"] == (finding.figure.value if finding.figure else None)
        assert row["working_model"]
    assert {row["state"] for row in read.values()} > {"met", "attested_none"}


async def test_fewer_than_five_are_withheld(nation: Nation) -> None:
    await take(nation, {"pjo-50": 3, "led-bkk4": 60})
    await publish_all(nation)
    rows = await nation.owner.fetch(SQL.figures, "day", DAYS[0])
    of_site = [row for row in rows if row["place"] == "pjo-50"]
    visits = next(row for row in of_site if row["figure"] == "visits")
    assert (visits["value"], visits["n"], visits["withheld"]) == (None, None, True)
    assert all(row["value"] is None or row["n"] == 0 or row["n"] >= 5 for row in rows)
    month = await nation.owner.fetch(SQL.criteria, "month", date(2026, 3, 1))
    assert all(row["n"] is None or row["n"] == 0 or row["n"] >= 5 for row in month)


async def test_a_late_event_is_published_again(nation: Nation) -> None:
    streams = SiteStreams("pjo-50", 1)
    for day in DAYS:
        streams.play(day, 30)
    late = streams.ticketing.sent.pop(12)
    await nation.take(streams.messages)
    await publish_all(nation)
    assert {row["state"] for row in await nation.owner.fetch(SQL.days)} >= {"arriving"}
    await nation.take([late])
    assert [tuple(row) for row in await nation.owner.fetch(SQL.stale)] == [("day", DAYS[0])]
    await publish_all(nation)
    states = {row["service_day"]: row["state"] for row in await nation.owner.fetch(SQL.days)}
    assert states == dict.fromkeys(DAYS, "complete")
    view = await shown_on_pages(nation, period_of(PeriodKind.DAY, DAYS[0]))
    rows = await nation.owner.fetch(SQL.figures, "day", DAYS[0])
    read = {row["figure"]: row["value"] for row in rows if row["place"] == "pjo-50"}
    row = next(row for row in view.rows if row.site.code == "pjo-50")
    assert read == {name: one.value for name, one in row.figures.items()}


async def test_a_day_on_which_nothing_came_is_missing(nation: Nation) -> None:
    streams = SiteStreams("pjo-50", 1)
    streams.play(DAYS[0], 10)
    await nation.take(streams.messages)
    await publish_all(nation)
    states = [row["state"] for row in await nation.owner.fetch(SQL.days)]
    assert states == ["complete", "missing", "missing"]


async def test_a_day_is_missed_no_more_once_it_is_a_holiday(nation: Nation) -> None:
    streams = SiteStreams("pjo-50", 1)
    streams.play(DAYS[0], 10)
    await nation.take(streams.messages)
    await publish_all(nation)
    known = standards()
    flood = {DAYS[1]: Name("น้ำท่วม", "Flood")}
    calendar = replace(known.calendar, closures=MappingProxyType({"pjo-50": flood}))
    taught = replace(known, calendar=calendar)
    assert await Publisher(nation.pool, taught, CollectorRegistry()).publish(NOON)
    rows = await nation.owner.fetch(SQL.days)
    assert [row["service_day"] for row in rows] == [DAYS[0], DAYS[2]]


async def test_a_day_that_was_missing_long_ago_is_looked_at_now_and_then(nation: Nation) -> None:
    streams = SiteStreams("pjo-50", 1)
    for day in DAYS:
        streams.play(day, 10)
    opening = next(m for m in streams.ticketing.sent if b"day.opened" in (m.value or b""))
    streams.ticketing.sent.remove(opening)
    await nation.take(streams.messages)
    later = NOON + timedelta(days=90)
    one = publisher_of(nation)
    await one.publish(later)
    await nation.take([opening])
    await one.publish(later + timedelta(seconds=15))
    assert await old_states(nation) == {"complete", "arriving"}, "its own day alone is marked"
    await one.publish(later + timedelta(hours=1))
    assert await old_states(nation) == {"complete"}


async def old_states(nation: Nation) -> set[str]:
    rows = await nation.owner.fetch(SQL.days)
    return {row["state"] for row in rows if row["service_day"] <= DAYS[-1]}


async def test_old_days_are_published_when_they_come(nation: Nation) -> None:
    later = NOON + timedelta(days=90)
    await publish_all(nation, later)
    await take(nation, {"pjo-50": 10})
    await publish_all(nation, later)
    rows = [row for row in await nation.owner.fetch(SQL.days) if row["service_day"] <= DAYS[-1]]
    assert [row["state"] for row in rows] == ["complete"] * 3


async def test_longer_periods_take_their_time(nation: Nation) -> None:
    await take(nation, {"pjo-50": 10})
    one = publisher_of(nation)
    await one.publish(NOON)
    await take(nation, {"led-bkk4": 10})
    await one.publish(NOON + timedelta(seconds=15))
    assert {row["kind"] for row in await nation.owner.fetch(SQL.stale)} == {"month"}
    await one.publish(NOON + timedelta(minutes=5))
    assert {row["kind"] for row in await nation.owner.fetch(SQL.stale)} == {"year"}
    await one.publish(NOON + timedelta(hours=1))
    assert await nation.owner.fetch(SQL.stale) == []


async def test_a_thousand_stale_days_of_one_site_starve_nobody(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are newer than any others, and marked anew in every round."""
    tried: list[date] = []

    async def put(connection: Connection, asked: Asked) -> frozenset[str]:
        period = asked.period
        if period.kind is PeriodKind.DAY:
            tried.append(period.first)
        for row in await connection.fetch(PUBLISH_SQL.stale_rows, period.kind, period.first):
            await connection.execute(PUBLISH_SQL.settle, [row["id"]])
        return frozenset()

    async def nothing(*_: object) -> frozenset[str]:
        return frozenset()

    monkeypatch.setattr(publisher, "put_period", put)
    monkeypatch.setattr(publisher, "put_days", nothing)
    today, honest_old = NOON.date(), date(2024, 5, 6)
    hostile = [today + timedelta(days=n) for n in range(-30, 970) if n not in {0, -3}]
    one = publisher_of(nation)
    await one.publish(NOON)
    async with nation.pool.acquire() as connection:
        await changed_periods.mark(connection, PeriodKind.DAY, hostile[:300])
        await changed_periods.mark(connection, PeriodKind.DAY, [honest_old, DAYS[0]])
        await changed_periods.mark(connection, PeriodKind.DAY, hostile[300:])
    for number in range(1, 40):
        async with nation.pool.acquire() as connection:
            await changed_periods.mark(connection, PeriodKind.DAY, [today])
            await changed_periods.mark(connection, PeriodKind.DAY, hostile[-40:] + hostile[:29])
        tried.clear()
        await one.publish(NOON + number * timedelta(seconds=15))
        assert tried[0] == today, "today is published first in every round"
        assert len(tried) == publisher.AT_A_TIME
        if number == 4:
            left = {row["first_day"] for row in await nation.owner.fetch(SQL.stale)}
            assert DAYS[0] not in left, "a recent day is waited for some rounds at most"
    left = {row["first_day"] for row in await nation.owner.fetch(SQL.stale)}
    assert honest_old not in left, "nor is an old one forgotten"


async def test_a_period_that_fails_is_put_behind_and_told(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(nation, {"pjo-50": 10})
    real, tried = publisher.put_period, list[date]()

    async def put(connection: Connection, asked: Asked) -> frozenset[str]:
        if asked.period.first == DAYS[1] and asked.period.kind is PeriodKind.DAY:
            tried.append(DAYS[1])
            await connection.execute("SELECT 1 / 0")
        return await real(connection, asked)

    monkeypatch.setattr(publisher, "put_period", put)
    registry = CollectorRegistry()
    one = Publisher(nation.pool, standards(), registry)
    for seconds in (0, 15, 30, 45):
        await one.publish(NOON + timedelta(seconds=seconds))
    assert len(tried) == 1, "it waits its time"
    await one.publish(NOON + timedelta(seconds=75))
    await one.publish(NOON + timedelta(seconds=135))
    assert len(tried) == 2, "and longer each time"
    assert registry.get_sample_value("saduak_publisher_failed_periods") == 1
    days = await nation.owner.fetch(SQL.stale)
    assert ("day", DAYS[1]) in {tuple(row) for row in days}
    assert await nation.owner.fetch(SQL.figures, "day", DAYS[2])
    monkeypatch.setattr(publisher, "put_period", real)
    await one.publish(NOON + timedelta(hours=2))
    assert registry.get_sample_value("saduak_publisher_failed_periods") == 0
    assert await nation.owner.fetch(SQL.figures, "day", DAYS[1])


async def test_today_that_fails_is_not_ready(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def put(connection: Connection, _: Asked) -> frozenset[str]:
        await connection.execute("SELECT 1 / 0")
        return frozenset()

    monkeypatch.setattr(publisher, "put_period", put)
    one = publisher_of(nation)
    with pytest.raises(publisher.RoundFailed, match="today: DivisionByZeroError"):
        await one.run(lambda: NOON)
    found = await one.rounds.check()
    assert not found.ok
    assert "DivisionByZeroError" in (found.detail or "")


async def test_no_period_outside_of_the_calendar_is_marked(nation: Nation) -> None:
    async with nation.pool.acquire() as connection:
        await changed_periods.mark(
            connection, PeriodKind.DAY, [date.min, date(2569, 3, 16), date.max, DAYS[0]]
        )
    assert [tuple(row) for row in await nation.owner.fetch(SQL.stale)] == [("day", DAYS[0])]


async def test_replicas_publish_in_turns(nation: Nation, database: SiteDatabase) -> None:
    async with session(database.app("reporting")) as other:
        assert await other.fetchval(SQL.take_turn)
        assert not await publisher_of(nation).publish(NOON)
    assert await publisher_of(nation).publish(NOON)


async def test_a_rebuild_is_published(nation: Nation) -> None:
    await take(nation, {"pjo-50": 10})
    await publish_all(nation)
    await nation.rebuild()
    assert [row["first_day"] for row in await nation.owner.fetch(SQL.stale)] == list(DAYS)


async def test_who_waits_now(nation: Nation) -> None:
    day = DAYS[0]
    moment = local(day, 13, 0)
    streams = SiteStreams("pjo-50", 3)
    streams.open(day)
    streams.serve(day, 240)
    before = [
        message
        for message in streams.ticketing.sent
        if (found := re.search(rb'"time":"([^"]+)"', message.value or b""))
        and datetime.fromisoformat(found[1].decode()) <= moment
    ]
    await nation.take(before)
    waits = [
        told
        for told in streams.visits[day]
        if told.entered <= moment and (told.called or told.ended or moment) > moment
    ]
    await publisher_of(nation).publish(moment)
    (row,) = await nation.owner.fetch(SQL.queues, "pjo-50")
    assert row["waiting"] == len(waits) > 0
    if len(waits) < 5:
        assert (row["longest_wait_ms"], row["withheld"]) == (None, True)


def test_the_longest_wait_needs_five_who_wait() -> None:
    since = NOON - timedelta(minutes=50)
    told = [queue_row("pjo-50", Queue(n, since, 40), NOON)[1:] for n in (4, 5)]
    assert told == [(4, None, True), (5, 3_000_000, False)]
    assert queue_row("pjo-50", Queue(2, since, 4), NOON)[1:] == (None, None, True)
    assert queue_row("pjo-50", Queue(0, None, 40), NOON)[1:] == (0, None, False)
    assert queue_row("pjo-50", Queue(0, None, 0), NOON)[1:] == (0, None, False)


async def test_a_dashboard_reads_the_views_and_nothing_else(
    nation: Nation, database: SiteDatabase
) -> None:
    login = database.dashboard("reporting")
    relations = await nation.owner.fetch(SQL.relations)
    assert len(relations) > 30
    for name, schema in relations:
        row = await nation.owner.fetchrow(SQL.allowed, login.user, name)
        assert row is not None
        assert tuple(row) == (schema == "watch", False), name
    async with session(login) as grafana:
        settings = await grafana.fetchrow(SQL.settings)
        assert settings is not None
        assert tuple(settings) == ("10s", "on", "watch")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await grafana.fetch(SQL.read_beats)
        with pytest.raises(asyncpg.PostgresError):
            await grafana.execute(SQL.make_table)
        assert await grafana.fetchval(SQL.functions) == 0


async def test_the_process_publishes_by_itself(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "ROUND_S", 0.01)
    registry = CollectorRegistry()
    one = Publisher(nation.pool, standards(), registry)
    task = asyncio.create_task(one.run())
    try:
        async with asyncio.timeout(60):
            while registry.get_sample_value("saduak_publisher_stale_periods") != 0:
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.wait([task])
