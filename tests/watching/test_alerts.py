"""What goes wrong is told: caused on a real broker and database, seen by a real Prometheus."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from libs.events.beats import SiteBeat, beat_of
from libs.events.codes import RelayState, Stream
from libs.events.topics import beats_topic
from libs.service.formats import local_date
from services.reporting.sites import metrics
from services.reporting.sites.beats import sighting, take
from tests.brokers import BrokerSite, KafkaBroker
from tests.databases import FreshDatabase
from tests.reporting.nation import Nation, nation_on
from tests.reporting.streams import Message, SiteStreams, uuid7
from tests.reporting.test_beats import Message as BeatMessage
from tests.watching.prometheus import Prometheus, alerts, watching
from tests.watching.service import reporting

SECONDS = 90
NOW = datetime.now(UTC)
DAY = local_date(NOW) - timedelta(days=1)
VISITS = 20


async def send(site: BrokerSite, messages: Iterable[tuple[str, bytes | None]]) -> None:
    """Write as the site does."""
    producer = AIOKafkaProducer(**site.access.client_settings())
    await producer.start()
    try:
        sent = [await producer.send(topic, value, partition=0) for topic, value in messages]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def beat(site: str, streams: SiteStreams, **said: object) -> tuple[str, bytes]:
    """A sign of life of the site's ticketing, well but for what is ``said``."""
    fields: dict[str, object] = {
        "stream": Stream.TICKETING,
        "epoch": 1,
        "last_sequence": streams.ticketing.sequence,
        "backlog": 0,
        "oldest_unsent": None,
        "relay": RelayState.SENDING,
        "version": "0.1.0",
        "standards": "0123456789ab",
        "disk_free_percent": 40,
        "certificate_until": NOW + timedelta(days=300),
    }
    ahead = said.pop("ahead", timedelta())
    assert isinstance(ahead, timedelta)
    data = SiteBeat.model_validate(fields | said)
    moment = datetime.now(UTC) + ahead
    made = beat_of(site, uuid7(streams.rng, moment), moment, data)
    return beats_topic(site), made.model_dump_json(by_alias=True).encode()


def played(site: str) -> SiteStreams:
    streams = SiteStreams(site, 1)
    streams.play(DAY, VISITS)
    return streams


def sendable(messages: Iterable[Message]) -> list[tuple[str, bytes | None]]:
    return [(message.topic, message.value) for message in messages]


async def all_is_well(site: BrokerSite) -> None:
    """A day arrives complete, and the site beats."""
    streams = played(site.code)
    await send(site, [*sendable(streams.messages), beat(site.code, streams)])


async def gap_and_silence(site: BrokerSite, nation: Nation) -> None:
    """Three events are lost on their way, and the site's last beat is an hour old."""
    streams = played(site.code)
    ticketing = streams.ticketing.sent
    await send(site, sendable([*ticketing[:10], *ticketing[13:], *streams.feedback.sent]))
    topic, value = beat(site.code, streams)
    stopped = int((NOW - timedelta(hours=1)).timestamp() * 1000)
    await take(nation.pool, [sighting(BeatMessage(topic, value, stopped))])


async def trouble(site: BrokerSite) -> None:
    """A day's totals are not what its events say; a poison message; a beat full of complaints."""
    streams = played(site.code)
    told = sendable(streams.messages)
    said, changed = f'"visits":{VISITS}'.encode(), f'"visits":{VISITS + 1}'.encode()
    told = [(topic, value and value.replace(said, changed)) for topic, value in told]
    complaints = beat(
        site.code,
        streams,
        ahead=timedelta(minutes=5),
        backlog=70,
        oldest_unsent=NOW - timedelta(hours=1),
        relay=RelayState.HALTED,
        disk_free_percent=2,
        certificate_until=NOW + timedelta(days=3),
    )
    await send(site, [*told, (site.topic(Stream.TICKETING), b"poison"), complaints])


async def fires(prometheus: Prometheus, expected: set[tuple[str, str | None]]) -> set[str]:
    """Wait until these alerts fire, by name and site; the names of all that fire then."""
    found: set[tuple[str, str | None]] = set()
    firing: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(SECONDS):
            while not expected <= found:
                await asyncio.sleep(0.2)
                firing = await prometheus.firing()
                found = {(a["labels"]["alertname"], a["labels"].get("site")) for a in firing}
    except TimeoutError:
        pytest.fail(f"not fired: {sorted(map(str, expected - found))}; fired: {found}")
    for alert in firing:
        for text in alert["annotations"].values():
            assert "no value" not in text, text
            assert "template" not in text, text
    return {f"{name} {site}" for name, site in found}


async def test_what_goes_wrong_is_told(
    kafka: KafkaBroker,
    fresh_database: FreshDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "LOOK_EVERY_S", 0.5)
    well, silent, ill = kafka.new_site(), kafka.new_site(), kafka.new_site()
    sites = [site.code for site in (well, silent, ill)]
    async with (
        nation_on(await fresh_database("reporting")) as nation,
        reporting(nation, kafka.reporting(), sites) as target,
        watching(tmp_path, target) as prometheus,
    ):
        await all_is_well(well)
        await gap_and_silence(silent, nation)
        await trouble(ill)
        fired = await fires(
            prometheus,
            {
                ("SiteSilent", silent.code),
                ("GapOpen", silent.code),
                ("DayDisputed", ill.code),
                ("QuarantineNotEmpty", None),
                ("ClockWrong", ill.code),
                ("DiskLow", ill.code),
                ("CertificateEnds", None),
                ("BacklogGrowing", ill.code),
                ("RelayHalted", ill.code),
                ("SiteNeverSeen", ill.code),  # its feedback, which has not beaten
            },
        )
        assert {name for name in fired if well.code in name} == {f"SiteNeverSeen {well.code}"}
        await send(ill, [(ill.topic(Stream.TICKETING), b"rubbish")] * 300)
        await fires(prometheus, {("StreamStopped", ill.code)})
        await nation.alter("put_other_standards_in_force")
        await send(well, [(well.topic(Stream.TICKETING), b"anything")])
        await fires(prometheus, {("IngestHalted", None)})
        await every_alert_can_be_asked(prometheus)


async def every_alert_can_be_asked(prometheus: Prometheus) -> None:
    """Every expression runs, and every metric it names is published."""
    known = {
        metric["metric"]["__name__"] for metric in await prometheus.query('{__name__=~"saduak_.+"}')
    }
    for alert in alerts():
        await prometheus.query(alert.expression)
        named = {word for word in _words(alert.expression) if word.startswith("saduak_")}
        assert named <= known | ONLY_AFTER_AN_ERROR, alert.name


ONLY_AFTER_AN_ERROR = {"saduak_http_errors_total"}
"""A counter by route is published from its first event on."""


def _words(expression: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "_" else " " for c in expression).split()


async def test_a_replica_that_is_gone_is_told(
    kafka: KafkaBroker, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with AsyncExitStack() as replica:
        nation = await replica.enter_async_context(nation_on(await fresh_database("reporting")))
        alive = reporting(nation, kafka.reporting(), [kafka.new_site().code])
        target = await replica.enter_async_context(alive)
        async with watching(tmp_path, target) as prometheus:
            await prometheus.until_there('up{job="reporting"} == 1')
            await replica.aclose()
            await fires(prometheus, {("ReplicaDown", None)})
