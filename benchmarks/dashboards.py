"""Dashboards over a year of all sites: how long publishing takes, and each query."""

import asyncio
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_hex

from prometheus_client import CollectorRegistry

from benchmarks.ground import Line
from benchmarks.nation import standards
from libs.database.migrations import upgrade
from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.standards import Standards
from saduak.local.plan import NATIONAL
from saduak.local.postgres import EmbeddedPostgres
from saduak.provision.postgres import (
    NATIONAL_SCHEMAS,
    SiteDatabase,
    described,
    login_names,
    provision,
    session,
)
from services.reporting.cli import VERSIONS
from services.reporting.dashboards.publisher import Publisher
from services.reporting.model.periods import PeriodKind, period_of
from tests.watching.grafana import Query, Shown, queries
from tests.watching.seeding import seed
from tests.watching.test_queries import CHOSEN

SQL = statements("benchmarks", "sql/dashboards.sql")
DAYS = 365
LAST = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 9, tzinfo=UTC)
AIM_S = 1.0
RUNS = 3
PUBLISHED = {
    PeriodKind.DAY: "a day, its month and year",
    PeriodKind.MONTH: "a month and its year",
    PeriodKind.YEAR: "a fiscal year",
}
"""What a mark makes the publisher do, once the longer periods have rested."""


def main() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="saduak-bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        postgres.start()
        try:
            return asyncio.run(_measure(postgres))
        finally:
            postgres.stop()


async def _measure(postgres: EmbeddedPostgres) -> list[Line]:
    passwords = {login: token_hex(16) for login in login_names(NATIONAL, NATIONAL_SCHEMAS)}
    database = described(postgres.admin, NATIONAL, NATIONAL_SCHEMAS, passwords, NATIONAL)
    await provision(postgres.admin, database)
    await upgrade(database.owner("reporting"), "reporting", VERSIONS)
    known = standards()
    sites = {code: replace(site, active=True) for code, site in known.sites.items()}
    everywhere = replace(known, sites=sites)
    async with (
        connections(database.owner("reporting"), "bench", most=1) as owner,
        connections(database.app("reporting"), "bench", most=2) as app,
    ):
        await _roll_up(owner, list(sites))
        lines = await _publish(owner, app, everywhere)
        await seed(owner, LAST, DAYS)
        (size,) = await owner.fetch(SQL.size)
    lines.insert(0, Line("sites, days", f"{len(sites)}, {DAYS}"))
    lines.insert(1, Line("rows: steps, cells", f"{size['steps']:,}, {size['cells']:,}"))
    lines.append(Line("rows: published figures", f"{size['figures']:,}"))
    return lines + await _ask(database)


async def _roll_up(owner: Pool, sites: list[str]) -> None:
    await owner.execute(SQL.steps, LAST, DAYS, sites, timeout=900)
    for wording in (SQL.cells, SQL.answers, SQL.offers, SQL.visits):
        await owner.execute(wording, timeout=900)
    await owner.execute("VACUUM ANALYZE", timeout=900)


async def _publish(owner: Pool, app: Pool, known: Standards) -> list[Line]:
    publisher = Publisher(app, known, CollectorRegistry())
    await publisher.publish(NOW)  # names and days
    lines: list[Line] = []
    for passed, (kind, what) in enumerate(PUBLISHED.items(), 1):
        await owner.execute(SQL.mark, kind, period_of(kind, LAST - timedelta(days=40)).first)
        began = time.perf_counter()
        await publisher.publish(NOW + timedelta(hours=2 * passed))
        taken = time.perf_counter() - began
        lines.append(Line(f"{what} published", f"{taken:.1f} s"))
    return lines


async def _ask(database: SiteDatabase) -> list[Line]:
    found: list[tuple[float, Query]] = []
    async with session(database.dashboard("reporting")) as grafana:
        for query in queries():
            if query.sql is None:
                continue
            shown = Shown(NOW - timedelta(days=DAYS), NOW, CHOSEN)
            taken: list[float] = []
            for _ in range(RUNS):
                began = time.perf_counter()
                if not await grafana.fetch(shown.sql(query.sql)):
                    raise RuntimeError(f"{query} gives no row: its time would tell nothing")
                taken.append(time.perf_counter() - began)
            found.append((sorted(taken)[RUNS // 2], query))
    found.sort(key=lambda one: one[0], reverse=True)
    slowest, query = found[0]
    return [
        Line("queries of panels and variables", str(len(found))),
        Line("slowest query", f"{slowest * 1000:.0f} ms", f"{AIM_S * 1000:.0f} ms"),
        Line("which", str(query)),
        Line("median query", f"{found[len(found) // 2][0] * 1000:.1f} ms"),
    ]
