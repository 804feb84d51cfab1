"""A nation of one test's own."""

from collections.abc import AsyncGenerator

import pytest

from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on


@pytest.fixture
async def nation(fresh_database: FreshDatabase) -> AsyncGenerator[Nation]:
    async with nation_on(await fresh_database("reporting")) as made:
        yield made
