# pyright: reportUnknownMemberType=false
# (aiokafka leaves its signatures untyped)
"""From Kafka to the ingest: one group, every stream, each batch committed after its transaction.

What keeps a message from being lost: the offset is committed when the handler has returned, so
after the database's commit; a failed batch is rewound (NACK_ON_ERROR, set on the subscriber
itself); a group that knows no offset begins at the earliest message.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import BaseSecurity, SASLScram512

from libs.clock import Clock, now
from libs.events.topics import STREAMS_PATTERN
from libs.service.health import Finding
from libs.stream import unpacking
from libs.stream.kafka import KafkaAccess
from libs.stream.retry import is_trouble
from services.reporting.consumer.assignor import EvenAssignor
from services.reporting.consumer.liveness import Progress
from services.reporting.consumer.metrics import Telemetry
from services.reporting.consumer.stopped_streams import Batch, StoppedStreams
from services.reporting.ingest.batch import Halt, Ingest, Taken

LOG = structlog.stdlib.get_logger()

GROUP = "reporting"
BATCH = 4000
"""Messages; more gain little, and a batch blocks the pages of its process while it is read."""
GOODBYE_S = 10.0
"""Seconds for a client's end: a broker that is away answers no goodbye."""
FIRST_DELAY = 0.2
LONGEST_DELAY = 5.0
"""Seconds between attempts at a batch, doubled each time up to the longest."""
DATABASE_S = 2.0
"""Seconds to be told which streams are stopped."""
PATIENCE = 60.0
"""Seconds of attempts before the batch goes back to Kafka; well under max_poll_interval_ms."""


class Consumer:
    """Reads the streams of all sites, shared with the other replicas of its group."""

    def __init__(
        self,
        ingest: Ingest,
        kafka: KafkaAccess,
        replica: str,
        telemetry: Telemetry,
        *,
        group: str = GROUP,
        pattern: str = STREAMS_PATTERN,
        clock: Clock = now,
    ) -> None:
        """``replica`` names this process among the replicas, also after a restart."""
        self.progress = Progress()
        self.halted: str | None = None
        """Why the consumer has stopped itself; a person must look."""
        self.stopped = StoppedStreams()
        self._ingest = ingest
        self._kafka = kafka
        self._replica = replica
        self._telemetry = telemetry
        self._group = group
        self._pattern = pattern
        self._clock = clock
        self._halt = asyncio.Event()
        self._next: dict[TopicPartition, int] = {}
        self._subscriber: BatchSubscriber | None = None
        telemetry.watch(self.lag, lambda: self.halted is not None, lambda: self.stopped.reasons)

    async def run(self) -> None:
        """Consume until cancelled, or for ever idle once halted; raises what Kafka raises."""
        broker = broker_of(self._kafka, self._replica)
        self._subscriber = subscribe(
            broker, self._handle, self._group, self._replica, self._pattern
        )
        try:
            await broker.start()
            self.progress.started()
            await self._watch_polls()
        finally:
            self.progress.stopped()
            await leave(broker)
        _end_if_cancelled()
        await for_ever()

    async def _watch_polls(self) -> None:
        """Note when the broker last answered, until the consumer halts."""
        while not self._halt.is_set():
            consumer = self._assigned()
            if consumer is not None:
                await self._follow_stops(consumer)
                if not await self._is_unread(consumer):
                    self.progress.polled(_since_last_poll(consumer))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._halt.wait(), 1.0)

    async def _follow_stops(self, consumer: AIOKafkaConsumer) -> None:
        """Pause and read on as the database says; with the database away, as it is."""
        try:
            async with asyncio.timeout(DATABASE_S):
                stops = await self._ingest.stops()
                self.stopped.follow(consumer, stops)
                for stop in stops:
                    if stop.due and await _is_at_its_end(consumer, stop.topic):
                        await self._ingest.lift(stop.topic)  # what could not be read is gone
        except Exception as error:
            if not is_trouble(error):
                raise
            LOG.warning("stopped streams wait", reason=f"{type(error).__name__}: {error}")

    def _assigned(self) -> AIOKafkaConsumer | None:
        return self._subscriber.consumer if self._subscriber else None

    async def _is_unread(self, consumer: AIOKafkaConsumer) -> bool:
        """Whether messages have been fetched that nobody takes up: then fetching is no progress."""
        with contextlib.suppress(TimeoutError, IllegalStateError):
            for part in consumer.assignment() - consumer.paused():
                position = await asyncio.wait_for(consumer.position(part), 1.0)
                if position < (_end(consumer, part) or 0):
                    return True
        return False

    async def check(self) -> Finding:
        """Ready while the consumer gets on, and has not halted."""
        if self.halted is not None:
            return Finding(ok=False, detail=self.halted)
        return await self.progress.check()

    async def notice(self) -> dict[str, object]:
        """What health shows beside the check."""
        return {"lag": self.lag(), "halted": self.halted, "stopped": self.stopped.reasons}

    def lag(self) -> int:
        """Messages on this replica's topics, seen by it, that it has not committed."""
        consumer = self._assigned()
        if consumer is None:
            return 0
        return sum(
            max(0, (_end(consumer, part) or 0) - self._next[part])
            for part in consumer.assignment()
            if part in self._next
        )

    async def _handle(self, message: KafkaMessage) -> None:
        batch = cast("Batch", message.raw_message)
        taken = await self._take_with_patience(batch)
        if consumer := self._assigned():
            self.stopped.after(consumer, batch, taken.stopped)
        for record in batch:
            part = TopicPartition(record.topic, record.partition)
            if record.topic in taken.stopped:
                self._next.setdefault(part, record.offset)
            else:
                self._next[part] = record.offset + 1

    async def _take_with_patience(self, batch: Batch) -> Taken:
        """Take the batch, again and again while it fails; raises what the last attempt did.

        Whatever the failure, the batch must not be skipped: an error that is no outage shows in
        the log and as a service that makes no progress.
        """
        delay, began = FIRST_DELAY, time.monotonic()
        while True:
            self.progress.attempted()
            try:
                taken = await self._take(batch)
            except Halt as reason:
                LOG.exception("ingest halted", reason=str(reason))
                self.halted = str(reason)
                self._halt.set()
                await for_ever()  # neither done nor given back, until run() stops the client
            except Exception as error:
                self._telemetry.failed()
                self.progress.failed(f"{type(error).__name__}: {error}")
                LOG.warning("batch failed", messages=len(batch), error=repr(error))
                if time.monotonic() - began + delay > PATIENCE:
                    raise
            else:
                self.progress.committed()
                return taken
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY)

    async def _take(self, batch: Batch) -> Taken:
        began = time.perf_counter()
        taken = await self._ingest.take(batch)
        self._telemetry.taken(taken, time.perf_counter() - began, self._clock())
        return taken


def _end_if_cancelled() -> None:
    """Be cancelled now, if a client library has swallowed it while it was stopped."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def for_ever() -> None:
    """Wait to be cancelled."""
    await asyncio.Event().wait()


def _end(consumer: AIOKafkaConsumer, part: TopicPartition) -> int | None:
    return cast("int | None", consumer.highwater(part))


async def _is_at_its_end(consumer: AIOKafkaConsumer, topic: str) -> bool:
    """Whether there is nothing to read on a topic that this replica reads."""
    part = TopicPartition(topic, 0)
    if part not in consumer.assignment() or (end := _end(consumer, part)) is None:
        return False
    return await consumer.position(part) >= end


def _since_last_poll(consumer: AIOKafkaConsumer) -> float | None:
    """Seconds since a broker last answered a fetch; None while there is nothing to fetch."""
    polls = [
        cast("int | None", consumer.last_poll_timestamp(part)) for part in consumer.assignment()
    ]
    answered = [poll for poll in polls if poll is not None]
    return time.time() - max(answered) / 1000 if answered else None


def broker_of(kafka: KafkaAccess, replica: str) -> KafkaBroker:
    """A client of ``kafka`` that creates nothing there, and that no site's batch can burst."""
    unpacking.install()
    return KafkaBroker(
        kafka.bootstrap,
        client_id=f"reporting-{replica}",
        security=_security(kafka),
        allow_auto_create_topics=False,
        consumer_only=True,
        request_timeout_ms=40_000,
        retry_backoff_ms=1000,
        # A new site's topics are found within ten seconds.
        metadata_max_age_ms=10_000,
        graceful_timeout=1.0,
        logger=logging.getLogger("services.reporting.kafka"),
        log_level=logging.DEBUG,
        apply_types=False,
    )


async def leave(broker: KafkaBroker) -> None:
    """Stop a client; one whose brokers don't say goodbye is left behind."""
    try:
        async with asyncio.timeout(GOODBYE_S):
            await broker.stop()
    except TimeoutError:
        LOG.warning("client left behind", seconds=GOODBYE_S)


def subscribe(
    broker: KafkaBroker,
    handler: Callable[[KafkaMessage], Any],
    group: str,
    replica: str,
    pattern: str,
) -> BatchSubscriber:
    """A subscriber that loses nothing; every setting that matters is said here."""
    subscriber = broker.subscriber(
        # FastStream takes single braces for its own parameters.
        pattern=pattern.replace("{", "{{").replace("}", "}}"),
        batch=True,
        max_records=BATCH,
        batch_timeout_ms=50,
        fetch_max_bytes=unpacking.POLL_BYTES,
        max_partition_fetch_bytes=unpacking.FETCH_BYTES,
        group_id=group,
        # A restarted replica takes up its streams at once, without waiting for its old session.
        group_instance_id=f"{group}-{replica}",
        partition_assignment_strategy=(EvenAssignor,),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        session_timeout_ms=10_000,
        heartbeat_interval_ms=3000,
        rebalance_timeout_ms=60_000,
        max_poll_interval_ms=300_000,
        parser=_as_it_is,
        decoder=_undecoded,
    )
    subscriber(handler)
    return subscriber


async def _as_it_is(batch: Batch, parse: Callable[[Batch], Any]) -> Any:
    """FastStream's own parser looks at the headers of every record; here the first speaks for
    all."""
    message = await parse(batch[:1])
    message.raw_message = batch
    return message


async def _undecoded(message: KafkaMessage) -> KafkaMessage:
    """The handler gets the message itself, whose records the ingest reads."""
    return message


def _security(kafka: KafkaAccess) -> BaseSecurity | None:
    settings = kafka.client_settings()
    if kafka.user is None:
        return None
    context = settings.get("ssl_context")
    return SASLScram512(
        kafka.user, kafka.current_password(), ssl_context=context, use_ssl=bool(context)
    )
