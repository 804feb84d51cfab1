"""A gap heals by itself: the centre asks, the site sends again."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from libs.events.codes import Stream
from libs.events.topics import StreamName
from libs.service.database import connections
from libs.service.sending import obey, without_staff
from libs.stream.inbox import Inbox
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay
from services.reporting import asking
from services.reporting.asking import ANSWER_WITHIN, PATIENCE, SQL, Asker
from tests.brokers import KafkaBroker
from tests.databases import FreshDatabase
from tests.reporting.nation import SQL as NATION_SQL
from tests.reporting.nation import nation_on
from tests.reporting.test_consumer import Country, running, until
from tests.stream.test_relay import until as until_told
from tests.stream.test_relay import write


@asynccontextmanager
async def tasks(*work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    started = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in started:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_what_kafka_lost_is_sent_again(
    kafka: KafkaBroker, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", timedelta(0))
    monkeypatch.setattr(asking, "LOOK_EVERY_S", 0.1)
    site = kafka.new_site()
    database = await fresh_database("ticketing")
    async with (
        nation_on(await fresh_database("reporting")) as nation,
        connections(database.app("ticketing"), "site") as pool,
    ):
        country = Country(site, nation, kafka.reporting(), {})
        outbox = Outbox(pool)
        await write(outbox, 30)
        relay = Relay(outbox, StreamName(site.code, Stream.TICKETING), site.access)
        inbox = Inbox(pool, site.access, site.code, obey(relay, without_staff))
        async with tasks(relay.run(), inbox.run()):
            await until_told(lambda: relay.sent == 30)
            kafka.lose(site.topic(Stream.TICKETING), 12)
            async with running(country.replica()):
                await until(lambda: stored(country, 18))
                gaps = await nation.rows("gaps")
                assert [(gap["first"], gap["last"]) for gap in gaps] == [(1, 12)]
                async with tasks(Asker(nation.pool, country.kafka).run()):
                    await until(lambda: stored(country, 30))
            assert await nation.rows("gaps") == []
            assert await nation.check() == []


async def stored(country: Country, count: int) -> bool:
    return await country.stored() == count


async def test_a_site_that_does_not_answer_is_asked_ever_more_rarely(
    fresh_database: FreshDatabase,
) -> None:
    async with nation_on(await fresh_database("reporting")) as nation:
        await nation.owner.execute(NATION_SQL.open_gap, "pjo-50", timedelta(hours=30))

        async def is_due() -> bool:
            return bool(await nation.pool.fetch(SQL.gaps_to_ask_for, PATIENCE, ANSWER_WITHIN))

        async def is_due_after(passed: timedelta) -> bool:
            await nation.owner.execute(NATION_SQL.let_pass, passed)
            return await is_due()

        assert await is_due()
        assert not await is_due_after(timedelta(minutes=4))
        assert await is_due_after(timedelta(minutes=2))
        assert not await is_due_after(timedelta(minutes=6))
        assert await is_due_after(timedelta(minutes=5))
        for _ in range(10):
            assert await is_due_after(timedelta(days=1, minutes=1))
        assert not await is_due_after(timedelta(hours=23))
