"""A service knows whether it can keep anything, by its database's word and by its disk's room."""

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from libs.database.troubles import LEAST_ROOM, Disk, Trouble, trouble_of
from libs.service.storage import LATELY_SECONDS, Storage
from saduak.provision.postgres import session
from tests.databases import FreshDatabase
from tests.small_disk import SmallDisk

AWAY = ConnectionRefusedError()


async def test_a_database_away_while_its_disk_is_full_is_away_for_that(
    small_disk: SmallDisk,
) -> None:
    registry = CollectorRegistry()
    storage = Storage(registry, Disk(small_disk.root))

    def free() -> float | None:
        return registry.get_sample_value("saduak_disk_free_bytes")

    assert (await storage.check()).ok
    assert storage.trouble_of(AWAY) is Trouble.AWAY
    assert (free() or 0) > LEAST_ROOM
    small_disk.fill()
    found = await storage.check()
    assert not found.ok
    assert "disk full: 0.0 MiB free" in (found.detail or "")
    assert storage.trouble_of(AWAY) is Trouble.DISK_FULL
    assert storage.trouble_of(RuntimeError()) is None
    assert free() == 0
    small_disk.make_room()
    assert (await storage.check()).ok


@pytest.mark.parametrize("trouble", [Trouble.DISK_FULL, Trouble.READ_ONLY])
async def test_a_refusal_counts_for_a_while_wherever_the_disk_is(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("libs.service.storage.time.monotonic", lambda: now)
    storage = Storage(CollectorRegistry(), None)
    storage.note(Trouble.AWAY, AWAY)
    assert (await storage.check()).ok, "that is the check of the database"
    storage.note(trouble, asyncpg.DiskFullError())
    now += 5
    assert "refused to write 5 s ago" in ((await storage.check()).detail or "")
    now += LATELY_SECONDS
    assert (await storage.check()).ok


async def test_a_database_that_takes_no_changes(fresh_database: FreshDatabase) -> None:
    database = await fresh_database("ticketing", migrated=False)
    async with session(database.owner("ticketing")) as owner:
        await owner.execute("SET default_transaction_read_only = on")
        with pytest.raises(asyncpg.PostgresError) as refused:
            await owner.execute("CREATE TABLE mine (id int)")
    assert trouble_of(refused.value) is Trouble.READ_ONLY


async def test_a_database_that_ends_or_interrupts_a_session(fresh_database: FreshDatabase) -> None:
    database = await fresh_database("ticketing", migrated=False)
    async with session(database.owner("ticketing")) as owner:
        await owner.execute("SET statement_timeout = 10")
        with pytest.raises(asyncpg.PostgresError) as slow:
            await owner.execute("SELECT pg_sleep(60)")
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as ended:
            await owner.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert trouble_of(slow.value) is Trouble.AWAY
    assert trouble_of(ended.value) is Trouble.AWAY


async def test_a_mistake_of_ours_is_no_trouble_that_passes(fresh_database: FreshDatabase) -> None:
    database = await fresh_database("ticketing", migrated=False)
    async with session(database.owner("ticketing")) as owner:
        with pytest.raises(asyncpg.PostgresError) as wrong:
            await owner.execute("SELECT * FROM nothing")
    assert trouble_of(wrong.value) is None
