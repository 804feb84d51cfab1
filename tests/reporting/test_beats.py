"""Beats reach the nation's metrics; what is none of them changes nothing."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry

from libs.events.beats import NoBeat, SiteBeat, beat_of
from libs.events.bounds import CLOCK
from libs.events.codes import RelayState, Stream
from libs.events.examples import examples
from libs.events.topics import beats_topic
from libs.standards import load
from libs.stream.kafka import KafkaAccess
from services.reporting.sites.beats import (
    OF_A_TOPIC,
    BeatReader,
    Sighting,
    newest,
    newest_messages,
    sighting,
    take,
)
from services.reporting.sites.metrics import Vigil
from tests.brokers import KafkaBroker
from tests.nasty import OUT_OF_SPAN_TIMES
from tests.reporting.nation import Nation
from tests.reporting.streams import SiteStreams

STANDARDS = load(Path(__file__).parents[2] / "standards")
SITE = "pjo-50"
DAY = date(2026, 3, 16)
NOON = datetime(2026, 3, 16, 5, tzinfo=UTC)
EXAMPLE = examples()["site.beat.v1.1.json"]


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    value: bytes | None
    timestamp: int = 1_773_628_261_000


def test_the_frozen_example_is_read() -> None:
    seen = sighting(Message("site.pjo-50.beats", EXAMPLE))
    assert (seen.site, seen.stream, seen.backlog) == ("pjo-50", "ticketing", 12)
    assert seen.received_at == datetime(2026, 3, 16, 2, 31, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        ("site.led-bkk4.beats", EXAMPLE),
        ("site.pjo-50.beats", EXAMPLE.replace(b'"stream":"ticketing"', b'"stream":"feedback"')),
        ("site.pjo-50.beats", EXAMPLE.replace(b'"relay":"waiting"', b'"relay":"x","name":"y"')),
        ("site.pjo-50.beats", b"\x00"),
        ("site.pjo-50.beats", None),
    ],
)
def test_what_is_no_beat_of_the_site_is_refused(topic: str, value: bytes | None) -> None:
    with pytest.raises(NoBeat):
        sighting(Message(topic, value))


def beat(moment: datetime, **said: object) -> Message:
    fields: dict[str, object] = {
        "stream": Stream.TICKETING,
        "epoch": 1,
        "last_sequence": 9,
        "backlog": 4,
        "oldest_unsent": moment - timedelta(seconds=90),
        "relay": RelayState.WAITING,
        "version": "0.1.0",
        "standards": "0123456789ab",
        "disk_free_percent": 40,
        "certificate_until": NOON + timedelta(days=30),
    }
    data = SiteBeat.model_validate(fields | said)
    raw = beat_of(SITE, UUID(int=1), moment, data).model_dump_json().encode()
    return Message(beats_topic(SITE), raw, int(NOON.timestamp() * 1000))


def test_the_newest_of_each_service_is_kept() -> None:
    early = sighting(beat(NOON))._replace(received_at=NOON - timedelta(minutes=1))
    late = sighting(beat(NOON, backlog=0))
    other = sighting(beat(NOON, stream=Stream.FEEDBACK))
    assert newest([late, other, early]) == [other, late]


def test_a_flood_of_one_site_is_hardly_looked_at() -> None:
    other = Message("site.led-bkk4.beats", b"x")
    flood = [Message(beats_topic(SITE), bytes([number % 250])) for number in range(10_000)]
    found = newest_messages([*flood[:5000], other, *flood[5000:], beat(NOON)])
    assert len(found) == OF_A_TOPIC + 1
    assert found[0] == beat(NOON)
    assert other in found


@pytest.mark.parametrize("stamp", [-1, 2**62, -(2**62), 253_402_300_800_000])
def test_a_stamp_that_is_no_time_is_no_beat(stamp: int) -> None:
    raw = beat(NOON)
    with pytest.raises(NoBeat, match="stamp"):
        sighting(Message(raw.topic, raw.value, stamp))


@pytest.mark.parametrize("when", sorted(OUT_OF_SPAN_TIMES.values()))
@pytest.mark.parametrize("place", [b'"time":"', b'"oldest_unsent":"'])
def test_no_time_outside_the_calendar_is_a_beat(place: bytes, when: str) -> None:
    start = EXAMPLE.index(place) + len(place)
    end = EXAMPLE.index(b'"', start)
    raw = EXAMPLE[:start] + when.encode() + EXAMPLE[end:]
    try:
        found = sighting(Message(beats_topic(SITE), raw))
    except NoBeat:
        return
    for moment in (found.sent_at, found.oldest_unsent):
        assert moment is None or CLOCK.holds_instant(moment)


async def test_what_one_site_says_keeps_no_other_from_being_seen(nation: Nation) -> None:
    """Though the database refuses it."""
    odd = sighting(beat(NOON))._replace(site="pjo-31", backlog=2**40)
    sane = sighting(beat(NOON))
    reader = BeatReader(nation.pool, KafkaAccess("127.0.0.1:1"), "one")
    await reader._take([odd, sane])  # pyright: ignore[reportPrivateUsage]
    assert [row["site"] for row in await nation.rows("beats")] == [SITE]
    assert reader.refused == 1
    with pytest.raises(asyncpg.DataError):
        await reader._take([odd])  # pyright: ignore[reportPrivateUsage]


async def metrics(nation: Nation, moment: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    vigil = Vigil(nation.pool, STANDARDS, registry)
    vigil.show(await vigil.look(moment))
    return registry


async def test_a_site_is_seen_by_its_beats_and_by_what_is_missing(nation: Nation) -> None:
    streams = SiteStreams(SITE, 1)
    streams.play(DAY, 20)
    messages = streams.ticketing.sent
    await nation.take_all([*messages[:10], *messages[13:], *streams.feedback.sent])
    behind = timedelta(seconds=3)
    sightings: Sequence[Sighting] = [sighting(beat(NOON - behind))]
    await take(nation.pool, sightings)
    await take(nation.pool, [sightings[0]._replace(received_at=NOON - timedelta(hours=1))])

    registry = await metrics(nation, NOON)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"site": SITE, "stream": "ticketing", **labels})

    assert value("saduak_site_last_seen_timestamp_seconds") == NOON.timestamp()
    assert value("saduak_site_last_seen_timestamp_seconds", stream="feedback") == 0
    assert value("saduak_site_backlog_events") == 4
    assert value("saduak_site_oldest_unsent_seconds") == 90
    assert value("saduak_site_clock_offset_seconds") == -3
    assert value("saduak_site_disk_free_ratio") == 0.4
    assert value("saduak_site_missing_events") == 3
    assert value("saduak_site_missing_events", stream="feedback") == 0
    assert value("saduak_site_relay_state", state="waiting") == 1
    assert value("saduak_site_relay_state", state="sending") == 0
    assert value("saduak_site_build_info", version="0.1.0", standards="0123456789ab") == 1
    days = {"site": SITE, "state": "arriving"}
    assert registry.get_sample_value("saduak_site_days", days) == 1
    assert registry.get_sample_value("saduak_quarantined_messages") == 0


async def test_beats_come_from_the_broker(nation: Nation, kafka: KafkaBroker) -> None:
    site = kafka.site(SITE)
    producer = AIOKafkaProducer(**site.access.client_settings())
    await producer.start()
    try:
        await producer.send_and_wait(beats_topic(SITE), b"rubbish", partition=0)
        moment = datetime.now(UTC)
        raw = beat(moment).value
        await producer.send_and_wait(beats_topic(SITE), raw, partition=0)
    finally:
        await producer.stop()
    group = f"reporting-beats-{re.sub('[^a-z0-9]', '', str(moment))}"
    reader = BeatReader(nation.pool, kafka.reporting(), "one", group)
    task = asyncio.create_task(reader.run())
    try:
        async with asyncio.timeout(60):
            while not (rows := await nation.rows("beats")):
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert reader.refused >= 1
    assert rows[0]["sent_at"] == moment
    assert abs(rows[0]["received_at"] - moment) < timedelta(minutes=1)
