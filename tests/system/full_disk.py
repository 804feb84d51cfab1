"""What is asked of an office while its disk is full, and how its answers are judged."""

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.database.statements import statements
from libs.events.codes import Dimension, Stream
from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from saduak.local.country import Country
from saduak.provision.postgres import session
from tests.system.desk import Desk, Worker

SQL = statements("tests.system", "sql/full_disk.sql")
THAI = re.compile(r"[\u0e00-\u0e7f]{5}")
CODES = {507: "disk_full", 503: "database_away"}


def assert_clear(answer: httpx.Response) -> str:
    """An error for people: what it is and what to do, in both languages. Gives its code."""
    assert answer.status_code in CODES, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["Retry-After"] == "15"
    assert "Traceback" not in answer.text
    said: dict[str, Any] = answer.json()
    assert said["code"] == CODES[answer.status_code]
    for part in ("what", "mend"):
        assert THAI.search(said[part]["th"])
        assert len(said[part]["en"].split()) > 3
    return said["code"]


@dataclass(slots=True)
class Visitors:
    """Visitors at the kiosk. Each has a wish of its own name, which is said again as a kiosk says
    it again: the same wish never gets two tickets."""

    worker: Worker
    granted: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    """What was acknowledged: by the wish, the ticket."""
    turned_away: list[UUID] = field(default_factory=list[UUID])

    def ask(self, wish: UUID) -> httpx.Response:
        return self.worker.http.post(
            "/api/tickets",
            json={"service": "INF", "wish": str(wish)},
            headers={"X-CSRF-Token": self.worker.csrf},
        )

    def come(self) -> httpx.Response:
        """One more comes, and gets a ticket or a clear answer."""
        wish = uuid4()
        answer = self.ask(wish)
        if answer.is_success:
            self.granted[wish] = answer.json()
        else:
            assert_clear(answer)
            self.turned_away.append(wish)
        return answer

    def come_back(self) -> None:
        """Everybody asks once more: who had a ticket has the same, all others get theirs now."""
        for wish, ticket in self.granted.items():
            assert self.ask(wish).json()["visit"] == ticket["visit"]
        for wish in self.turned_away:
            self.granted[wish] = self.ask(wish).raise_for_status().json()

    @property
    def visits(self) -> list[str]:
        return sorted(ticket["visit"] for ticket in self.granted.values())


@dataclass(slots=True)
class Rating:
    """An answer that a phone keeps until it is taken."""

    desk: Desk
    token: str
    number: UUID = field(default_factory=uuid4)
    stamp: str = ""

    @property
    def base(self) -> str:
        return self.desk.country.address(self.desk.site, Stream.FEEDBACK)

    def open(self) -> None:
        """Load the page of the ticket."""
        answer = httpx.get(f"{self.base}/api/offers/{self.token}", trust_env=False)
        self.stamp = answer.raise_for_status().json()["stamp"]

    def send(self) -> httpx.Response:
        body = {
            "token": self.token,
            "response": str(self.number),
            "ratings": {Dimension.STAFF.value: 4},
            "language": "th",
            "stamp": self.stamp,
            "took_ms": 20_000,
        }
        return httpx.post(f"{self.base}/api/responses", json=body, timeout=30, trust_env=False)


def stop_the_log(country: Country) -> None:
    """Make PostgreSQL begin the next segment of its log, for which there is no room: it panics."""

    async def switch() -> None:
        async with session(country.postgres_admin()) as admin:
            await admin.execute(SQL.next_segment)
            await admin.execute(SQL.write_log)

    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        asyncio.run(switch())


def on_topic(kafka: KafkaAccess, name: StreamName) -> list[dict[str, Any]]:
    """Every message of a stream's topic, in order."""

    async def read() -> list[dict[str, Any]]:
        consumer = AIOKafkaConsumer(auto_offset_reset="earliest", **kafka.client_settings())
        await consumer.start()
        try:
            partition = TopicPartition(name.topic, 0)
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            records = [await consumer.getone(partition) for _ in range(end)]
            return [json.loads(record.value or b"") for record in records]
        finally:
            await consumer.stop()

    return asyncio.run(read())


def metric(text: str, name: str) -> float:
    """The value of the one sample that begins with ``name``."""
    (line,) = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(line.rsplit(" ", 1)[1])
