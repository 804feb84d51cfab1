"""The centre publishes its standards; a site takes them in, and begins with them when closed."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from libs.database.pool import connections
from libs.database.types import Pool
from libs.events.publication import read_publication
from libs.events.topics import NATIONAL_STANDARDS
from libs.site import standards as site_standards
from libs.site.standards import NewStandards, StandardsReader, in_use
from libs.standards import contents_of, load, made_of
from libs.stream.topic import read_newest
from services.reporting.sites.standards import Circulator
from tests.brokers import KafkaBroker
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on
from tests.service.running import STANDARDS

SITE = "pjo-50"
OLD = contents_of(STANDARDS)
NEW = {**OLD, "queue.yaml": OLD["queue.yaml"] + b"# reviewed\n"}
BROKEN = {**OLD, "queue.yaml": b"head_start: soon\n"}


@pytest.fixture
async def pool(fresh_database: FreshDatabase) -> AsyncGenerator[Pool]:
    database = await fresh_database("ticketing")
    async with connections(database.app("ticketing"), "tests") as pool:
        yield pool


@pytest.fixture
async def nation(fresh_database: FreshDatabase) -> AsyncGenerator[Nation]:
    async with nation_on(await fresh_database("reporting")) as nation:
        yield nation


def circulator(nation: Nation, kafka: KafkaBroker, files: dict[str, bytes]) -> Circulator:
    """A circulator of ``files``, which are taken to be in force whatever they are."""
    version = made_of(files).version if files is not BROKEN else "b" * 64
    return Circulator(nation.pool, kafka.reporting(), version, files)


async def in_force(nation: Nation, version: str) -> None:
    await nation.alter("put_in_force", version)


async def test_from_the_centre_to_the_next_start(
    nation: Nation, kafka: KafkaBroker, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_standards, "ASK_EVERY_S", 0.05)
    site = kafka.site(SITE)
    using = await in_use(pool, STANDARDS, SITE)
    assert (using.standards.version, using.published) == (load(STANDARDS).version, False)
    is_closed = False

    async def closed() -> bool:
        return is_closed

    reader = StandardsReader(pool, site.access, SITE, using, closed)
    old = circulator(nation, kafka, OLD)
    await in_force(nation, using.standards.version)
    await old.look()
    assert not await old.look(), "it is published already"
    raw = await read_newest(site.access, NATIONAL_STANDARDS)
    assert raw is not None
    assert set(OLD) - set(read_publication(raw).data.files) == {"endings.yaml"}
    await reader.look()
    assert (reader.waiting, reader.refused) == (None, None)

    new = circulator(nation, kafka, NEW)
    assert not await new.look(), "other standards are in force"
    version = made_of(NEW).version
    await in_force(nation, version)
    assert await new.look()
    task = asyncio.create_task(reader.run())
    async with asyncio.timeout(60):
        while reader.waiting is None:
            await asyncio.sleep(0.02)
    assert reader.waiting == version
    assert not task.done(), "a day is open"
    is_closed = True
    with pytest.raises(NewStandards):
        await asyncio.wait_for(task, 60)
    using = await in_use(pool, STANDARDS, SITE)
    assert (using.standards.version, using.published) == (version, True)

    newcomer = kafka.site("pjo-57")
    brought = await in_use(pool, STANDARDS, "pjo-57")
    assert not brought.published, "what the centre published has no part for it"
    early = StandardsReader(pool, newcomer.access, "pjo-57", brought, closed)
    await early.look()
    assert (early.waiting, early.refused) == (None, "sites.yaml: pjo-57 takes no part")

    await in_force(nation, "b" * 64)
    assert await circulator(nation, kafka, BROKEN).look()
    reader = StandardsReader(pool, site.access, SITE, using, closed)
    await reader.look()
    assert reader.waiting is None
    assert reader.refused is not None
    assert "queue.yaml" in reader.refused
    assert (await in_use(pool, STANDARDS, SITE)).standards.version == version
    assert (await reader.notice())["refused"] == reader.refused
