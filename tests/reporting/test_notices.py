"""A notice of the centre reaches the staff of its sites, whoever is away meanwhile."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from aiokafka.errors import KafkaError

from libs.database.pool import connections
from libs.events.inbox import NoticeGiven
from libs.stream.inbox import Inbox
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from services.reporting.sites import notices
from services.reporting.sites.notices import Notifier
from services.ticketing import reads
from services.ticketing.office import Office
from services.ticketing.usecases.notices import hear
from tests.brokers import BrokerSite, KafkaBroker
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, standards

NOON = datetime(2026, 3, 16, 5, tzinfo=UTC)


def at_noon() -> datetime:
    return NOON


def notice(text: str, until: datetime = NOON + timedelta(days=1)) -> NoticeGiven:
    return NoticeGiven(notice=uuid4(), th=f"{text} ไทย", en=text, until=until)


@asynccontextmanager
async def office_of(fresh_database: FreshDatabase, site: BrokerSite) -> AsyncGenerator[Office]:
    """A ticketing service that hears what the centre says."""
    database = await fresh_database("ticketing")
    async with connections(database.app("ticketing"), "site") as pool:
        office = Office("pjo-50", Outbox(pool), standards(), at_noon)
        inbox = Inbox(pool, site.access, site.code, partial(hear, office))
        task = asyncio.create_task(inbox.run())
        try:
            yield office
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def shows(office: Office, *texts: str) -> None:
    """Wait until the staff see exactly these."""
    async with asyncio.timeout(60):
        while [one.text_en for one in await reads.notices(office)] != list(texts):
            await asyncio.sleep(0.05)


async def told(nation: Nation) -> dict[UUID, tuple[int, int]]:
    return {one.id: (one.said, one.sites) for one in await notices.newest(nation.pool)}


async def test_from_the_centre_to_the_staff_and_back(
    nation: Nation, kafka: KafkaBroker, fresh_database: FreshDatabase
) -> None:
    here, there = kafka.new_site(), kafka.new_site()
    notifier = Notifier(nation.pool, kafka.reporting(), at_noon)
    async with office_of(fresh_database, here) as office:
        first, second = notice("power cut at noon"), notice("training on Friday")
        await notices.give(nation.pool, first, [here.code, there.code], NOON)
        await notices.give(nation.pool, second, [here.code], NOON + timedelta(seconds=1))
        assert await notifier.look() == 3
        await shows(office, "training on Friday", "power cut at noon")
        assert await notifier.look() == 0
        assert await told(nation) == {first.notice: (2, 2), second.notice: (1, 1)}

        assert await notices.withdraw(nation.pool, first.notice, NOON) == 2
        assert await told(nation) == {first.notice: (0, 2), second.notice: (1, 1)}
        with pytest.raises(ValueError, match="no such notice holds"):
            await notices.withdraw(nation.pool, first.notice, NOON)
        assert await notifier.look() == 2
        await shows(office, "training on Friday")


async def test_a_site_that_was_never_let_in_holds_up_nobody(
    nation: Nation, kafka: KafkaBroker
) -> None:
    here, nowhere = kafka.new_site().code, f"tst-{secrets.token_hex(2)}"
    given = notice("to all")
    await notices.give(nation.pool, given, [nowhere, here], NOON)
    notifier = Notifier(nation.pool, kafka.reporting(), at_noon)
    assert await notifier.look() == 1
    assert await told(nation) == {given.notice: (1, 2)}
    assert await notifier.look() == 0
    kafka.site(nowhere)
    assert await notifier.look() == 1


async def test_a_broker_that_is_away_is_waited_for(
    nation: Nation, kafka: KafkaBroker, fresh_database: FreshDatabase
) -> None:
    site = kafka.new_site()
    given = notice("the broker moves tonight")
    await notices.give(nation.pool, given, [site.code], NOON)
    with pytest.raises((KafkaError, OSError, TimeoutError)):
        await Notifier(nation.pool, KafkaAccess("127.0.0.1:1"), at_noon).look()
    assert await told(nation) == {given.notice: (0, 1)}
    async with office_of(fresh_database, site) as office:
        assert await Notifier(nation.pool, kafka.reporting(), at_noon).look() == 1
        await shows(office, "the broker moves tonight")


async def test_replicas_say_it_once(nation: Nation, kafka: KafkaBroker) -> None:
    sites = [kafka.new_site().code for _ in range(3)]
    for number in range(4):
        await notices.give(nation.pool, notice(f"notice {number}"), sites, NOON)
    replicas = [Notifier(nation.pool, kafka.reporting(), at_noon) for _ in range(3)]
    assert sum(await asyncio.gather(*(one.look() for one in replicas))) == 12


async def test_what_is_over_is_not_said(nation: Nation, kafka: KafkaBroker) -> None:
    over = notice("over", until=NOON - timedelta(minutes=1))
    await notices.give(nation.pool, over, [kafka.new_site().code], NOON - timedelta(hours=1))
    assert await Notifier(nation.pool, kafka.reporting(), at_noon).look() == 0
    with pytest.raises(ValueError, match="no such notice holds"):
        await notices.withdraw(nation.pool, over.notice, NOON)


async def test_the_process_tells_by_itself(
    nation: Nation, kafka: KafkaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "LOOK_EVERY_S", 0.05)
    given = notice("hello")
    task = asyncio.create_task(Notifier(nation.pool, kafka.reporting(), at_noon).run())
    try:
        await notices.give(nation.pool, given, [kafka.new_site().code], NOON)
        async with asyncio.timeout(60):
            while await told(nation) != {given.notice: (1, 1)}:
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.wait([task])
