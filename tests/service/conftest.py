"""A running ticketing service for each test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from libs.standards import Standards, load
from saduak.provision.postgres import SiteDatabase
from tests.databases import FreshDatabase
from tests.service.running import STANDARDS, Ticketing, running


@pytest.fixture(scope="session")
def standards() -> Standards:
    return load(STANDARDS)


@pytest.fixture
async def site_database(fresh_database: FreshDatabase) -> SiteDatabase:
    return await fresh_database("ticketing")


@pytest.fixture
async def ticketing(
    site_database: SiteDatabase, tmp_path: Path, standards: Standards
) -> AsyncGenerator[Ticketing]:
    async with running(site_database, tmp_path, standards) as service:
        yield service
