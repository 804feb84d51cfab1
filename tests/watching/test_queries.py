"""Every query of every panel, as Grafana sends it, by the login that Grafana has."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from libs.service.formats import local_date
from saduak.dashboards.compliance import FIRST_SITES
from saduak.provision.postgres import session
from services.reporting.dashboards.publisher import Publisher
from services.reporting.sites import metrics
from tests.brokers import KafkaBroker
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on, standards
from tests.reporting.streams import played
from tests.watching.grafana import Query, Shown, queries
from tests.watching.prometheus import watching
from tests.watching.seeding import seed
from tests.watching.service import reporting
from tests.watching.test_alerts import all_is_well, send, trouble

LARGE = {
    "events",
    "steps",
    "step_rollup",
    "step_cells",
    "feedback_rollup",
    "rating_rollup",
    "manifests",
    "published_figures",
    "published_criteria",
    "published_days",
}
"""Tables that grow with every day of every site: no panel may read one from end to end."""
NOW = datetime.now(UTC)
TODAY = local_date(NOW)
CHOSEN = {"site": FIRST_SITES, "period": ("month",), "criterion": ("R1",), "portal": ("/pages",)}
SPANS = {
    "saduak-national": timedelta(days=1),
    "saduak-site": timedelta(days=30),
    "saduak-compliance": timedelta(days=90),
}
"""As far back as each dashboard shows at first, roughly."""
DAYS = 100


def shown(query: Query) -> Shown:
    """As the dashboard opens; a panel with a time of its own, with that."""
    lately = query.panel.get("timeFrom")
    span = timedelta(days=int(lately[:-1])) if lately else SPANS[query.dashboard]
    return Shown(NOW - span, NOW, CHOSEN)


SQL_QUERIES = [query for query in queries() if query.sql]
PROMQL_QUERIES = [query for query in queries() if query.promql]


async def published(nation: Nation) -> None:
    """Real days at three sites, published as the service does; and many rows beside them."""
    days = [TODAY - timedelta(days=passed) for passed in (2, 1, 0)]
    for streams in played(("led-bkk4", "pjo-50", "moj-jsc"), days, 30):
        await nation.take(streams.messages)
    assert await Publisher(nation.pool, standards(), CollectorRegistry()).publish(NOW)
    await seed(nation.owner, TODAY, DAYS)


async def test_every_query_of_a_panel_answers(fresh_database: FreshDatabase) -> None:
    database = await fresh_database("reporting")
    async with nation_on(database) as nation:
        await published(nation)
    async with session(database.dashboard("reporting")) as grafana:
        for query in SQL_QUERIES:
            text = shown(query).sql(query.sql or "")
            began = time.monotonic()
            prepared = await grafana.prepare(text)
            rows = await prepared.fetch()
            assert time.monotonic() - began < 10, f"{query}: too slow"
            assert rows, f"{query}: no row"
            fits(query, prepared.get_attributes(), rows)
            scanned = LARGE & set(scans(await plan(grafana, text)))
            assert not scanned, f"{query}: reads all of {scanned}"
    assert len(SQL_QUERIES) > 25


async def plan(grafana: Any, text: str) -> Mapping[str, Any]:
    (row,) = await grafana.fetch(f"EXPLAIN (FORMAT JSON) {text}")
    return json.loads(row[0])[0]["Plan"]


def scans(plan: Mapping[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from scans(part)


def test_a_scan_is_noticed() -> None:
    inner = {"Node Type": "Seq Scan", "Relation Name": "steps"}
    assert list(scans({"Node Type": "Sort", "Plans": [inner]})) == ["steps"]


def fits(query: Query, columns: Any, rows: list[asyncpg.Record]) -> None:
    """The columns are what the panel's type needs, and every one it names is there."""
    kinds = {column.name: column.type.name for column in columns}
    names = list(kinds)
    if not query.panel:
        assert names == ["__value", "__text"], str(query)
        return
    look = query.panel["type"]
    overrides = query.panel["fieldConfig"]["overrides"]
    for override in overrides:
        assert override["matcher"]["options"] in names, f"{query}: no column {override}"
    for used in re.findall(r"__data\.fields\.(\w+)", json.dumps(query.panel)):
        assert used in names, f"{query}: a link names {used}"
    for change in query.panel["transformations"]:
        if change["id"] == "groupingToMatrix":
            needed = {change["options"][key] for key in ("rowField", "columnField", "valueField")}
            assert needed <= set(names), str(query)
    if look == "timeseries":
        assert query.target["format"] == "time_series"
        assert kinds["time"] == "timestamptz", str(query)
        assert numbers(rows, set(names) - {"time", "metric"}), str(query)
    else:
        assert query.target["format"] == "table"
    if look == "stat" and not query.panel["options"]["reduceOptions"]["fields"]:
        assert len(rows) == 1, str(query)
        assert numbers(rows, set(names)), str(query)
    if look == "barchart":
        assert kinds[names[0]] == "text", str(query)
        assert numbers(rows, set(names[1:])), str(query)


def numbers(rows: list[asyncpg.Record], columns: set[str]) -> bool:
    """Whether these columns hold numbers, and each of them somewhere one."""
    kinds = (int, float, Decimal)
    return bool(columns) and all(
        any(row[column] is not None for row in rows)
        and all(row[column] is None or isinstance(row[column], kinds) for row in rows)
        for column in columns
    )


async def test_every_promql_of_a_panel_answers(
    kafka: KafkaBroker,
    fresh_database: FreshDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "LOOK_EVERY_S", 0.5)
    well, ill = kafka.new_site(), kafka.new_site()
    async with (
        nation_on(await fresh_database("reporting")) as nation,
        reporting(nation, kafka.reporting(), [well.code, ill.code]) as target,
        watching(tmp_path, target) as prometheus,
    ):
        await all_is_well(well)
        await trouble(ill)
        await send(ill, [])
        await prometheus.until_there('ALERTS{alertname="QuarantineNotEmpty"}')
        await prometheus.until_there("count_over_time(saduak_ingest_quarantined_total[1m]) > 2")
        await prometheus.until_there(f'saduak_site_backlog_events{{site="{ill.code}"}}')
        choices = Shown(NOW, NOW, {"site": (ill.code,)})
        for query in PROMQL_QUERIES:
            found = await prometheus.query(choices.promql(query.promql or ""))
            assert found, f"{query}: nothing"
    assert len(PROMQL_QUERIES) > 25
