"""One odd row of one site: every page, the API, the dashboards and the metrics show all others."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import cast

import asyncpg
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from services.reporting.dashboards import publisher
from services.reporting.dashboards.publisher import Publisher, RoundFailed
from services.reporting.sites.metrics import Vigil
from tests.databases import FreshDatabase
from tests.reporting_web.country import DAYS, NOW, SITES, STANDARDS, Country, country
from tests.reporting_web.test_api import MARCH, Json, at, get

SQL = statements("tests.reporting_web", "sql/odd_rows.sql")
LOOKING = statements("tests.watching", "sql/looking.sql")
ODD = "pjo-50"
OFFICES = (ODD, "led-bkk4", "moj-jsc")
"""Of which something has come."""


@pytest.fixture
async def owner(fresh_database: FreshDatabase) -> AsyncGenerator[tuple[Country, Pool]]:
    database = await fresh_database("reporting")
    async with (
        country(database) as nation,
        connections(database.owner("reporting"), "by-hand", most=1) as pool,
    ):
        await nation.play(visits=8, sites=OFFICES)
        yield nation, pool


def sites_of(answer: Json) -> dict[object, Json]:
    sites = cast("list[Json]", answer["sites"])
    return {at(one, "site", "code"): one for one in sites}


@pytest.mark.parametrize("oddity", ["too_large_a_sum", "no_class", "no_cell", "too_many_answers"])
async def test_an_odd_row_of_a_site_takes_no_page_down(
    owner: tuple[Country, Pool], oddity: str
) -> None:
    nation, by_hand = owner
    async with nation.browser() as client:
        before = await get(client, f"/api/national?{MARCH}")
        await by_hand.execute(getattr(SQL, oddity), ODD)
        nation.forget()
        answer = await get(client, f"/api/national?{MARCH}")
        sites = sites_of(answer)
        assert sites.pop(ODD)["unreadable"], "the culprit is named"
        others = sites_of(before)
        assert sites == {code: others[code] for code in SITES if code != ODD}
        assert at(answer, "nation", "sites") == len(SITES) - 1

        page = await client.get("/?period=month&of=2026-03-16&lang=en")
        assert page.status_code == 200
        assert "can't be read" in page.text
        for code in OFFICES:
            page = await client.get(f"/sites/{code}?period=month&of=2026-03-16&lang=en")
            assert page.status_code == 200
            assert ("left out here" in page.text) == (code == ODD)
            detail = await get(client, f"/api/sites/{code}?{MARCH}")
            assert bool(detail["unreadable"]) == (code == ODD)
        assert (await client.get("/?lang=th")).status_code == 200
        assert (await get(client, f"/api/scorecards?{MARCH}"))["scorecards"]


@pytest.mark.parametrize("oddity", ["too_large_a_sum", "no_cell"])
async def test_the_dashboards_go_on_without_it(owner: tuple[Country, Pool], oddity: str) -> None:
    nation, by_hand = owner
    registry = CollectorRegistry()
    one = Publisher(nation.pool, STANDARDS, registry)
    await by_hand.execute(getattr(SQL, oddity), ODD)
    assert await one.publish(NOW)
    rows = await by_hand.fetch(LOOKING.figures, "day", DAYS[0])
    assert {row["place"] for row in rows} == {*SITES, "nation", "pilots"} - {ODD}
    assert registry.get_sample_value("saduak_publisher_unreadable_sites") == 1
    assert (registry.get_sample_value("saduak_publisher_failed_periods") or 0) >= 3
    assert await one.notice() == {"unreadable": [ODD]}
    stale = {tuple(row) for row in await by_hand.fetch(LOOKING.stale)}
    assert ("day", DAYS[0]) in stale, "it is tried again"
    assert (await one.rounds.check()).ok


async def test_what_is_mended_is_published(owner: tuple[Country, Pool]) -> None:
    nation, by_hand = owner
    registry = CollectorRegistry()
    one = Publisher(nation.pool, STANDARDS, registry)
    await by_hand.execute(SQL.no_class, ODD)
    await one.publish(NOW)
    failed = registry.get_sample_value("saduak_publisher_failed_periods")
    await by_hand.execute(SQL.a_class, ODD)
    await one.publish(NOW + timedelta(seconds=15))
    assert registry.get_sample_value("saduak_publisher_failed_periods") == failed == 3, "it waits"
    for hours in (1, 2, 3):
        await one.publish(NOW + timedelta(hours=hours))
    assert registry.get_sample_value("saduak_publisher_failed_periods") == 0
    assert registry.get_sample_value("saduak_publisher_unreadable_sites") == 0
    rows = await by_hand.fetch(LOOKING.figures, "day", DAYS[0])
    assert ODD in {row["place"] for row in rows}


async def test_no_infinity_of_one_site_blinds_the_vigil_or_the_queues(
    owner: tuple[Country, Pool],
) -> None:
    nation, by_hand = owner
    for row in await by_hand.fetch(SQL.allow_infinity):
        await by_hand.execute(row["command"])
    for code in (ODD, "led-bkk4"):
        await by_hand.execute(SQL.beat, code, NOW)
    await by_hand.execute(SQL.endless_beat, ODD)
    await by_hand.execute(SQL.endless_queue, ODD)
    registry = CollectorRegistry()
    vigil = Vigil(nation.pool, STANDARDS, registry)
    vigil.show(await vigil.look(NOW))
    assert generate_latest(registry)
    seen = "saduak_site_last_seen_timestamp_seconds"
    labels = {"site": "led-bkk4", "stream": "ticketing"}
    assert registry.get_sample_value(seen, labels) == NOW.timestamp()
    assert registry.get_sample_value("saduak_site_unreadable", {"site": ODD}) == 1
    assert registry.get_sample_value("saduak_site_unreadable", {"site": "led-bkk4"}) == 0
    one = Publisher(nation.pool, STANDARDS, CollectorRegistry())
    assert await one.publish(NOW - timedelta(days=1))
    (row,) = await by_hand.fetch(LOOKING.queues, ODD)
    assert (row["waiting"], row["withheld"]) == (None, False)
    assert await one.notice() == {"unreadable": [ODD]}


async def test_a_part_that_fails_takes_no_other_with_it_and_is_told(
    owner: tuple[Country, Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    nation, by_hand = owner

    async def broken(*_: object) -> frozenset[str]:
        raise asyncpg.UndefinedColumnError("column waiting does not exist")

    monkeypatch.setattr(publisher, "put_queues", broken)
    one = Publisher(nation.pool, STANDARDS, CollectorRegistry())
    with pytest.raises(RoundFailed, match="queues: UndefinedColumnError"):
        await one.publish(NOW)
    rows = await by_hand.fetch(LOOKING.figures, "day", DAYS[0])
    assert {row["place"] for row in rows} == {*SITES, "nation", "pilots"}
