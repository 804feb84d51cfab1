# pyright: reportPrivateImportUsage=false
# (confluent-kafka exports without saying so)
"""The centre knows how full a site's topic is, by the broker's own word."""

from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    ResourceType,
)
from prometheus_client import CollectorRegistry

from libs.events.codes import Stream
from libs.events.topics import RETENTION_BYTES
from saduak.provision.kafka import client_settings
from services.reporting.sites.topic_sizes import TopicSizes
from tests.brokers import KafkaBroker
from tests.stream.hostile import batch, record, send_raw, sending


async def test_a_topic_s_size_is_the_broker_s_word(kafka: KafkaBroker) -> None:
    site = kafka.new_site()
    topic = site.topic(Stream.TICKETING)
    async with sending(site.access) as producer:
        for _ in range(10):
            await send_raw(producer, topic, batch(record(0, b"x" * 100_000)))
    registry = CollectorRegistry()
    await TopicSizes(kafka.reporting(), registry).look()

    def full(topic: str) -> float | None:
        return registry.get_sample_value("saduak_topic_full_ratio", {"topic": topic})

    assert 1_000_000 < (full(topic) or 0) * RETENTION_BYTES < 1_010_000
    assert full(f"site.{site.code}.beats") == 0
    assert full("national.standards") is None


async def test_a_topic_s_bounds_are_the_broker_s(kafka: KafkaBroker) -> None:
    site = kafka.new_site()
    admin = AdminClient(client_settings(kafka.admin))
    resource = ConfigResource(ResourceType.TOPIC, site.topic(Stream.FEEDBACK))
    found = admin.describe_configs([resource])[resource].result(30)
    assert found["max.message.bytes"].value == str(2**20)
    assert found["retention.bytes"].value == str(8 * 2**30)
