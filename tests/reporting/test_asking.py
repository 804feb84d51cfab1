"""A gap heals by itself: the centre asks, the site sends again."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import KafkaError
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from prometheus_client import CollectorRegistry

from libs.database.pool import connections
from libs.events.codes import Stream
from libs.events.topics import StreamName, inbox_topic
from libs.service.stream_tasks import obey, without_staff
from libs.stream.inbox import Inbox
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay
from saduak.provision.kafka import client_settings
from services.reporting.sites import resend
from services.reporting.sites.metrics import Vigil
from services.reporting.sites.resend import ANSWER_WITHIN, AT_A_TIME, PATIENCE, SQL, Asker
from tests.brokers import KafkaBroker
from tests.databases import FreshDatabase
from tests.reporting.nation import SQL as NATION_SQL
from tests.reporting.nation import Nation, nation_on, standards
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
    monkeypatch.setattr(resend, "PATIENCE", timedelta(0))
    monkeypatch.setattr(resend, "LOOK_EVERY_S", 0.1)
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


async def due(nation: Nation) -> list[asyncpg.Record]:
    """The gaps to ask for; they count as asked for then."""
    found = await nation.pool.fetch(SQL.gaps_to_ask_for, PATIENCE, ANSWER_WITHIN, AT_A_TIME)
    columns = [[gap[name] for gap in found] for name in ("site", "stream", "epoch", "first")]
    await nation.pool.execute(SQL.asked, *columns)
    return found


async def test_a_site_that_does_not_answer_is_asked_ever_more_rarely(
    fresh_database: FreshDatabase,
) -> None:
    async with nation_on(await fresh_database("reporting")) as nation:
        await nation.owner.execute(NATION_SQL.open_gap, "pjo-50", timedelta(hours=30))

        async def is_due_after(passed: timedelta) -> bool:
            await nation.owner.execute(NATION_SQL.let_pass, passed)
            return bool(await due(nation))

        assert await due(nation)
        assert not await is_due_after(timedelta(minutes=4))
        assert await is_due_after(timedelta(minutes=2))
        assert not await is_due_after(timedelta(minutes=6))
        assert await is_due_after(timedelta(minutes=5))
        for _ in range(100):
            assert await is_due_after(timedelta(days=1, minutes=1))
        assert not await is_due_after(timedelta(hours=23))
        (gap,) = await nation.pool.fetch(NATION_SQL.asked)
        assert gap["asked"] == 100


async def test_after_a_hundred_askings_of_one_gap_the_others_are_asked_for(
    fresh_database: FreshDatabase,
) -> None:
    async with nation_on(await fresh_database("reporting")) as nation:
        await nation.owner.execute(NATION_SQL.open_gaps, "pjo-31", 1, 100)
        await nation.owner.execute(NATION_SQL.open_gap, "pjo-50", timedelta(minutes=1))
        assert [gap["site"] for gap in await due(nation)] == ["pjo-50"]


async def test_sites_are_asked_in_turns(fresh_database: FreshDatabase) -> None:
    """One site's thousand gaps, older than all others, keep nobody's waiting."""
    async with nation_on(await fresh_database("reporting")) as nation:
        await nation.owner.execute(NATION_SQL.open_gaps, "pjo-31", 1000, 0)
        for site in ("pjo-3", "led-bkk4"):
            await nation.owner.execute(NATION_SQL.open_gap, site, timedelta(minutes=1))
        found = await due(nation)
        assert len(found) == AT_A_TIME
        assert {gap["site"] for gap in found[:3]} == {"pjo-31", "pjo-3", "led-bkk4"}
        again = await due(nation)
        assert {gap["site"] for gap in again} == {"pjo-31"}
        assert not {gap["first"] for gap in again} & {gap["first"] for gap in found}


async def test_what_could_not_be_said_does_not_count_as_asked(
    fresh_database: FreshDatabase, kafka: KafkaBroker
) -> None:
    async with nation_on(await fresh_database("reporting")) as nation:
        site, nowhere = kafka.new_site(), f"tst-{secrets.token_hex(2)}"
        for code in (site.code, nowhere):
            await nation.owner.execute(NATION_SQL.open_gap, code, timedelta(minutes=1))
        with pytest.raises((KafkaError, OSError, TimeoutError)):
            await Asker(nation.pool, KafkaAccess("127.0.0.1:1")).look()
        assert await asked(nation) == {site.code: 0, nowhere: 0}
        await Asker(nation.pool, kafka.reporting()).look()
        assert await asked(nation) == {site.code: 1, nowhere: 0}


async def test_an_inbox_that_the_broker_refuses_delays_no_other(
    fresh_database: FreshDatabase, kafka: KafkaBroker
) -> None:
    async with nation_on(await fresh_database("reporting")) as nation:
        sites = [kafka.new_site() for _ in range(3)]
        refuse_everything(kafka, inbox_topic(sites[0].code))
        for one in sites:
            await nation.owner.execute(NATION_SQL.open_gap, one.code, timedelta(minutes=1))
        await Asker(nation.pool, kafka.reporting()).look()
        expected = {one.code: 1 for one in sites} | {sites[0].code: 0}
        assert await asked(nation) == expected


async def test_a_gap_whose_numbers_are_out_of_bounds_ends_nothing(
    fresh_database: FreshDatabase, kafka: KafkaBroker
) -> None:
    async with nation_on(await fresh_database("reporting")) as nation:
        odd, sane = kafka.new_site(), kafka.new_site()
        await nation.owner.execute(NATION_SQL.open_huge_gaps, odd.code)
        await nation.owner.execute(NATION_SQL.open_gap, sane.code, timedelta(minutes=1))
        await Asker(nation.pool, kafka.reporting()).look()
        assert await asked(nation) == {odd.code: 1, sane.code: 1}
        vigil = Vigil(nation.pool, standards(), CollectorRegistry())
        watched = await vigil.look(datetime.now(UTC))
        assert watched.missing[odd.code, "ticketing"] > 2.0**63
        assert watched.missing[sane.code, "ticketing"] == 3


async def asked(nation: Nation) -> dict[str, int]:
    """How often each site's gap was asked for, the most."""
    return {row["site"]: row["asked"] for row in await nation.pool.fetch(NATION_SQL.asked)}


def refuse_everything(kafka: KafkaBroker, topic: str) -> None:
    """Let the broker refuse whatever is written to ``topic``: it is too large."""
    setting = ConfigEntry("max.message.bytes", "1", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[setting])
    admin = AdminClient(client_settings(kafka.admin))
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(30)
