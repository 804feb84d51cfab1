# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportAssignmentType=false
# (aiokafka leaves its protocol untyped)
"""How large the sites' topics are at the brokers, so that a site that has run wild is seen in time.

A topic that reaches its bound loses its oldest records, read or not. Only the brokers know its
size: no Python client offers this call, so its message is written down here, as Kafka's protocol
guide gives it (DescribeLogDirs, version 1).
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Int64, Schema, String
from prometheus_client import CollectorRegistry, Gauge

from libs.events.topics import BEATS_PATTERN, RETENTION_BYTES, STREAMS_PATTERN
from libs.stream.kafka import KafkaAccess
from libs.stream.retry import keep_looking

LOOK_EVERY_S = 300.0
ANSWER_SECONDS = 20.0
OF_A_SITE = re.compile(f"{STREAMS_PATTERN}|{BEATS_PATTERN}")
_TEXT = String("utf-8")


class _Response(Response):
    API_KEY = 35
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            Array(
                ("error_code", Int16),
                ("log_dir", _TEXT),
                (
                    "topics",
                    Array(
                        ("name", _TEXT),
                        (
                            "partitions",
                            Array(
                                ("partition_index", Int32),
                                ("partition_size", Int64),
                                ("offset_lag", Int64),
                                ("is_future_key", Boolean),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )


class _Struct(RequestStruct):
    API_KEY = 35
    API_VERSION = 1
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(("topics", Array(("topic", _TEXT), ("partitions", Array(Int32)))))


class _DescribeLogDirs(Request[_Struct]):
    API_KEY = 35

    def build(self, request_struct_class: type[_Struct]) -> _Struct:
        return request_struct_class(None)


async def sizes(kafka: KafkaAccess) -> Mapping[str, int]:
    """The bytes of every topic, of its largest replica. Raises what Kafka raises."""
    found: dict[str, int] = {}
    async with asyncio.timeout(ANSWER_SECONDS):
        client = AIOKafkaClient(**kafka.client_settings())
        try:
            await client.bootstrap()
            for broker in client.cluster.brokers():
                for topic, size in await _on(client, broker.nodeId):
                    found[topic] = max(size, found.get(topic, 0))
        finally:
            await client.close()
    return found


async def _on(client: AIOKafkaClient, broker: int) -> list[tuple[str, int]]:
    answer: Any = await client.send(broker, _DescribeLogDirs())
    found: list[tuple[str, int]] = []
    for code, _folder, topics in answer.results:
        if code:
            raise for_code(code)
        found += [(name, sum(part[1] for part in parts)) for name, parts in topics]
    if not answer.results:  # how a broker answers somebody who may not ask
        raise PermissionError("the broker does not tell the sizes of its topics: provision it")
    return found


class TopicSizes:
    """Asks the brokers every five minutes, and publishes what they say."""

    def __init__(self, kafka: KafkaAccess, registry: CollectorRegistry) -> None:
        self._kafka = kafka
        self._full = Gauge(
            "saduak_topic_full_ratio",
            "How full a site's topic is: at 1 the broker drops its oldest records",
            ["topic"],
            registry=registry,
        )

    async def run(self) -> None:
        """Look for ever; ends only by cancellation."""
        await keep_looking(self.look, LOOK_EVERY_S, "asking for the topics' sizes")

    async def look(self) -> None:
        """Publish how full each topic of a site is. Raises what Kafka raises."""
        for topic, size in (await sizes(self._kafka)).items():
            if OF_A_SITE.fullmatch(topic):
                self._full.labels(topic).set(size / RETENTION_BYTES)
