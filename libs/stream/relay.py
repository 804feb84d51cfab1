# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (aiokafka leaves its signatures untyped)
"""The relay: sends the outbox to Kafka, in order, for as long as it takes.

One runs a stream. The cursor moves only after the broker's acknowledgement; the producer is
rebuilt after any error, and every new start asks the topic itself how far it got.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.codes import RelayState
from libs.events.envelope import Numbered, render, source_of
from libs.events.topics import StreamName
from libs.stream.kafka import HEADERS, KafkaAccess, discard
from libs.stream.outbox import Outbox
from libs.stream.restore import Broken, heal
from libs.stream.resume import EpochsUsedUp, Place, Restored, Sent, TwoOfUs, resume
from libs.stream.retry import is_trouble
from libs.stream.topic import Ours, read_end
from libs.stream.wishes import Run, Wishes

SQL = statements("libs.stream", "sql/relay.sql")
LOG = structlog.stdlib.get_logger(__name__)

ROWS = 2000
"""Events read from the outbox at a time."""
ROWS_AGAIN = 100
"""Of events that are sent again; so few that they and the newest are one batch for the broker,
which takes all of it or nothing."""
BATCH_BYTES = 524_288
"""Over 100 ms of distance, small batches send 300 events a second and these 9,000."""
ACK_PATIENCE_S = 30.0
"""The client's own future may never end; after this the producer is thrown away."""
POLL_S = 0.5
"""Other processes append too, and only a look at the table shows it."""
FIRST_PAUSE_S = 0.5
LONGER = 1.5
"""By how much each pause is longer than the one before: after an outage, what is left of the last
pause is at most half of the outage."""
LONGEST_PAUSE_S = 10.0
HALTED_PAUSE_S = 30.0
"""A halted relay waits for a person."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the broker has not acknowledged yet."""

    events: int
    oldest: datetime | None
    """When the oldest of them was recorded."""


class Relay:
    """Sends one stream of one site."""

    def __init__(self, outbox: Outbox, name: StreamName, kafka: KafkaAccess) -> None:
        self._outbox = outbox
        self._kafka = kafka
        self.name = name
        self.topic = name.topic
        self._source = source_of(name.site, name.stream)
        self.state = RelayState.STARTING
        self.detail = ""
        """What stands in the way, in words; empty when nothing does."""
        self.sent = 0
        """Events acknowledged since this process started."""
        self.sent_again = 0
        """Of those that had been sent before, at the centre's wish."""
        self._wishes = Wishes()

    async def backlog(self) -> Backlog:
        """What is unsent at this moment, whatever the relay is doing."""
        (row,) = await self._outbox.pool.fetch(SQL.backlog)
        return Backlog(row["events"], row["oldest"])

    def send_again(self, epoch: int, first: int, last: int) -> None:
        """Send these numbers of an epoch (both ends inclusive) once more, as soon as may be.

        A wish is forgotten with the process: whoever misses something asks again.
        """
        self._wishes.add(Run(epoch, first, last))

    async def run(self) -> None:
        """Relay for ever; ends only by cancellation."""
        pause = FIRST_PAUSE_S
        while True:
            sent_before = self.sent
            try:
                await self._relay()
            except (EpochsUsedUp, TwoOfUs) as error:
                self._turn(RelayState.HALTED, str(error))
                pause = HALTED_PAUSE_S
            except Exception as error:
                if not is_trouble(error):
                    raise
                self._turn(RelayState.WAITING, f"{type(error).__name__}: {error}")
                longer = min(pause * LONGER, LONGEST_PAUSE_S)
                pause = FIRST_PAUSE_S if self.sent > sent_before else longer
            await asyncio.sleep(pause)

    def _turn(self, state: RelayState, detail: str = "") -> None:
        if (state, detail) != (self.state, self.detail):
            log = LOG.info if state is RelayState.SENDING else LOG.warning
            log("relay", topic=self.topic, state=state.value, detail=detail)
        self.state, self.detail = state, detail

    async def _relay(self) -> None:
        async with self._outbox.pool.acquire() as connection:
            if not await connection.fetchval(SQL.lock_relay):
                self._turn(RelayState.STANDBY, "another process relays this stream")
                return
            async with self._producer() as producer:
                cursor = await self._recover(connection)
                self._turn(RelayState.SENDING)
                while True:
                    seen = self._outbox.appends
                    cursor = await self.drain(connection, producer, cursor)
                    while run := self._wishes.next():
                        await self._repeat(connection, producer, run, cursor)
                        self._wishes.done(run)
                    await self._outbox.grown(seen, POLL_S)

    @asynccontextmanager
    async def _producer(self) -> AsyncGenerator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=int(ACK_PATIENCE_S * 1000),
            **self._kafka.client_settings(),
        )
        try:
            async with asyncio.timeout(ACK_PATIENCE_S):
                await producer.start()
            yield producer
        finally:
            await discard(producer)

    async def _recover(self, connection: Connection) -> Sent:
        ours = Ours(self._source, await connection.fetchval(SQL.epoch))
        end = await read_end(self._kafka, self.topic, ours)
        (row,) = await connection.fetch(SQL.cursor)
        twin = None
        if end.newest is not None:
            twin = await connection.fetchrow(SQL.twin, end.newest.epoch, end.newest.sequence)
        known = _sent(row)
        try:
            cursor = resume(known, end, _sent(twin) if twin else None)
        except Restored as reason:
            LOG.warning("restored", topic=self.topic, reason=str(reason))
            stream = Broken(self._kafka, self.topic, ours)
            cursor = await heal(connection, stream, known, self._outbox.clock)
        if cursor != known:
            await self.advance(connection, cursor)
        return cursor

    async def drain(self, connection: Connection, producer: AIOKafkaProducer, cursor: Sent) -> Sent:
        """Send all that is unsent, a batch at a time; the cursor after the last of it."""
        rows = await self._unsent(connection, cursor)
        while rows:
            following = await self._ship_and_read_on(connection, producer, rows)
            cursor = _sent(rows[-1])
            await self.advance(connection, cursor)
            self.sent += len(rows)
            rows = following
        return cursor

    async def _unsent(self, connection: Connection, cursor: Sent) -> Sequence[asyncpg.Record]:
        return await connection.fetch(SQL.unsent, cursor.position, ROWS)

    async def _ship_and_read_on(
        self, connection: Connection, producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]
    ) -> Sequence[asyncpg.Record]:
        """Send ``rows``, and read the next ones while they travel."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self.ship(producer, rows))
                reading = both.create_task(self._unsent(connection, _sent(rows[-1])))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return reading.result()

    async def ship(self, producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> None:
        """Send ``rows`` and wait until the broker has acknowledged all of them."""
        batch = producer.create_batch()
        for row in rows:
            message = render(self._source, cast(Numbered, row))
            if _append(batch, message) is None:
                await self._send(producer, batch)
                batch = producer.create_batch()
                _append(batch, message)
        await self._send(producer, batch)

    async def _send(self, producer: AIOKafkaProducer, batch: BatchBuilder) -> None:
        acknowledged = await producer.send_batch(batch, self.topic, partition=0)
        await asyncio.wait_for(acknowledged, ACK_PATIENCE_S)

    async def _repeat(
        self, connection: Connection, producer: AIOKafkaProducer, run: Run, cursor: Sent
    ) -> None:
        """Send a run of numbers again, and behind each stretch, in the same batch, the newest
        event too: it must stay the topic's last, whenever this ends, since that is where a new
        start looks for where it was."""
        newest = await connection.fetch(SQL.at_position, cursor.position)
        position = 0
        while rows := await connection.fetch(
            SQL.sent_before, run.epoch, run.first, run.last, position, cursor.position, ROWS_AGAIN
        ):
            await self.ship(producer, [*rows, *newest])
            self.sent_again += len(rows)
            position = rows[-1]["position"]
        LOG.info("sent again", topic=self.topic, run=str(run), until_position=position)

    async def advance(self, connection: Connection, cursor: Sent) -> None:
        """Remember that everything up to ``cursor`` is acknowledged."""
        place = cursor.place
        await connection.execute(
            SQL.advance,
            cursor.position,
            place.epoch if place else None,
            place.sequence if place else None,
            place.event_id if place else None,
        )


def _append(batch: BatchBuilder, message: bytes) -> object | None:
    """Add ``message``; None where the batch is full."""
    return batch.append(key=None, value=message, timestamp=None, headers=HEADERS)


def _sent(row: asyncpg.Record) -> Sent:
    if row["event_id"] is None:
        return Sent(row["position"], None)
    return Sent(row["position"], Place(row["epoch"], row["sequence"], row["event_id"]))
