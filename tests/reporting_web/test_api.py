"""The API over HTTP, on a real database that the real ingest filled."""

from collections.abc import AsyncGenerator

import pytest

from tests.databases import FreshDatabase
from tests.reporting_web.country import SITES, Country, country


@pytest.fixture
async def nation(fresh_database: FreshDatabase) -> AsyncGenerator[Country]:
    async with country(await fresh_database("reporting")) as made:
        yield made


async def test_the_nation(nation: Country) -> None:
    await nation.play()
    async with nation.browser() as client:
        answer = await client.get("/api/national?from=2026-03-01&to=2026-03-31")
        assert answer.status_code == 200, answer.text
        body = answer.json()
    assert {site["site"]["code"] for site in body["sites"]} == set(SITES)
    assert body["working_model"] is True
