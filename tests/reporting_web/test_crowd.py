"""A crowd at the pages waits for its own turn, and never takes ingest's or the loop."""

import asyncio
import threading
from collections import Counter
from datetime import date

import pytest

from libs.database.pool import connections
from services.reporting.figures import views
from services.reporting.figures.sums import Sums
from services.reporting.figures.views import row
from services.reporting.ingest.batch import Ingest
from services.reporting.model.targets import Yardsticks
from services.reporting.pools import PAGES, pools
from services.reporting.reads import rollup_sums
from tests.databases import FreshDatabase
from tests.reporting.streams import SiteStreams
from tests.reporting_web.country import SITES, STANDARDS, country
from tests.reporting_web.test_api import MARCH


async def test_a_crowd_is_told_to_come_again_and_ingest_goes_on(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup_sums, "FREE_WITHIN_S", 0.1)
    database = await fresh_database("reporting")
    async with country(database) as nation, pools(database.app("reporting"), "test") as opened:
        object.__setattr__(nation.portal, "pool", opened.pages)
        held = [await opened.pages.acquire() for _ in range(PAGES)]
        async with nation.browser() as client:
            for path in ("/", "/sites/pjo-50", f"/api/national?{MARCH}"):
                answer = await client.get(path, headers={"accept-language": "th"})
                assert answer.status_code == 503, path
                assert answer.headers["retry-after"] == "15"
            body = answer.json()
            assert body["code"] == "busy"
            assert body["what"]["th"] != body["what"]["en"]
            streams = SiteStreams("pjo-50", 1)
            streams.play(date(2026, 3, 16), 5)
            async with asyncio.timeout(30):
                await Ingest(opened.ingest, Yardsticks(STANDARDS)).take(streams.messages)
            for one in held:
                await opened.pages.release(one)
            assert (await client.get("/")).status_code == 200


async def test_each_site_has_its_formulas_once_and_off_the_loop(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Counter[str] = Counter()

    def counted(sums: Sums) -> views.Row:
        made[threading.current_thread().name.split("_")[0]] += 1
        return row(sums)

    monkeypatch.setattr(views, "row", counted)
    async with country(await fresh_database("reporting")) as nation, nation.browser() as client:
        await nation.play(visits=5, sites=SITES[:2])
        async with asyncio.TaskGroup() as crowd:
            for _ in range(10):
                crowd.create_task(client.get(f"/api/national?{MARCH}"))
    assert made == {"formulas": len(SITES)}


async def test_the_pools_are_named_and_bounded(fresh_database: FreshDatabase) -> None:
    database = await fresh_database("reporting")
    async with (
        pools(database.app("reporting"), "reporting") as opened,
        connections(database.owner("reporting"), "by-hand", most=1) as owner,
    ):
        names = await owner.fetch(
            "SELECT application_name FROM pg_stat_activity WHERE application_name ~ '^reporting-'"
        )
        assert {row[0] for row in names} == {
            "reporting-ingest",
            "reporting-pages",
            "reporting-tasks",
        }
        assert opened.pages.get_max_size() == PAGES
