"""An office that was closed or merged: nothing is due of it any more, and who goes on is named."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from prometheus_client import CollectorRegistry

from libs.standards import Standards
from services.reporting.dashboards.publisher import Publisher
from services.reporting.sites.metrics import Vigil
from tests.databases import FreshDatabase
from tests.reporting.streams import SiteStreams
from tests.reporting_web.country import DAYS, NOW, SITES, STANDARDS, Country, country

ENDED, SUCCESSOR = "pjo-50", "pjo-30"
MARCH = "from=2026-03-01&to=2026-03-31"
Json = Mapping[str, object]


def with_ended(*, active: bool) -> Standards:
    """The office worked on the first of the days only."""
    last = replace(STANDARDS.sites[ENDED], last_day=DAYS[0], successor=SUCCESSOR, active=active)
    service = replace(STANDARDS.services["INF"], last_day=DAYS[0])
    return replace(
        STANDARDS,
        sites={**STANDARDS.sites, ENDED: last},
        services={**STANDARDS.services, "INF": service},
    )


@pytest.fixture(params=[True, False], ids=["switched on", "switched off"])
async def nation(
    fresh_database: FreshDatabase, request: pytest.FixtureRequest
) -> AsyncGenerator[Country]:
    standards = with_ended(active=request.param)
    async with country(await fresh_database("reporting"), standards) as made:
        for site, days in ((ENDED, DAYS[:1]), (SUCCESSOR, DAYS)):
            streams = SiteStreams(site, 1)
            for day in days:
                streams.play(day, visits=20)
            await made.take(streams)
        yield made


async def test_nothing_is_due_after_its_last_day(nation: Country) -> None:
    async with nation.browser() as client:
        answer = (await client.get(f"/api/sites/{ENDED}?{MARCH}")).json()
    assert [(day["day"], day["state"]) for day in answer["days"]] == [(str(DAYS[0]), "complete")]
    assert answer["last_day"] == str(DAYS[0])
    assert answer["successor"]["code"] == SUCCESSOR


async def test_its_page_names_the_last_day_and_who_goes_on(nation: Country) -> None:
    successor = STANDARDS.sites[SUCCESSOR]
    async with nation.browser() as client:
        for language, day, name in (
            ("th", "16 มีนาคม 2569", successor.name_th),
            ("en", "16 March", successor.name_en),
        ):
            page = (await client.get(f"/sites/{ENDED}?{MARCH}&lang={language}")).text
            assert day in page
            assert name in page
            assert f'href="/sites/{SUCCESSOR}' in page
        other = (await client.get(f"/sites/{SUCCESSOR}?{MARCH}&lang=en")).text
        assert "Last day" not in other
        assert "until 16 Mar" in other, "the service that ended is named with its last day"


async def test_the_national_table_shows_it_for_as_long_as_it_worked(nation: Country) -> None:
    async with nation.browser() as client:
        for period, shown in (("2026-03-16", True), ("2026-03-17", False)):
            body = (await client.get(f"/api/national?from={period}&to={period}")).json()
            codes = {row["site"]["code"] for row in cast("list[dict[str, Json]]", body["sites"])}
            assert (ENDED in codes) is shown
            assert SUCCESSOR in codes


async def test_nobody_watches_for_it_any_more(nation: Country) -> None:
    watched = await Vigil(nation.pool, nation.standards, CollectorRegistry()).look(NOW)
    assert ENDED not in watched.sites
    assert [day.day for day in watched.days[ENDED]] == [DAYS[0]], "it may still be disputed"
    assert set(watched.sites) == set(SITES) - {ENDED}
    later = await Vigil(nation.pool, nation.standards, CollectorRegistry()).look(
        NOW + timedelta(days=30)
    )
    assert ENDED not in later.days


async def test_the_dashboards_count_no_missing_day_of_it(nation: Country) -> None:
    publisher = Publisher(nation.pool, nation.standards, CollectorRegistry())
    assert await publisher.publish(NOW)
    of_site = "SELECT service_day, state FROM published_days WHERE site = $1"
    rows = await nation.pool.fetch(of_site, ENDED)
    assert [tuple(row) for row in rows] == [(DAYS[0], "complete")]
    active = await nation.pool.fetch("SELECT site FROM published_sites WHERE active")
    assert {row["site"] for row in active} == set(SITES) - {ENDED}
