"""The outbox: a use case's rows and its events in one transaction, numbered in commit order."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import uuid_utils.compat

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Connection, Pool
from libs.events.bounds import LIVE, Span
from libs.events.codes import Origin
from libs.events.durations import cut_to_hour
from libs.events.envelope import day_span_of, span_of
from libs.events.payloads import Payload

SQL = statements("libs.stream", "sql/outbox.sql")


class OutOfSpan(ValueError):
    """An event at a time that no event can have: refused where it is made, before it is written.

    ``field`` is the envelope's: ``time`` or ``serviceday`` of what was asked for, ``recordedtime``
    where this machine's clock is wrong, as after a dead battery.
    """

    def __init__(self, field: str, value: datetime | date, span: Span) -> None:
        super().__init__(f"{field}: {value} is not between {span.first} and {span.last}")
        self.field = field
        self.value = value
        self.span = span


def fits(time: datetime, service_day: date, origin: Origin) -> bool:
    """Whether an event may happen at ``time`` and count to ``service_day``."""
    span = span_of(origin)
    return _holds(span, time) and span.holds(service_day)


def _holds(span: Span, moment: datetime) -> bool:
    """Whether ``moment`` lies in ``span``. The ends of the calendar have no date in UTC, or come
    from the database without a time zone: these do not."""
    try:
        return moment.tzinfo is not None and span.holds_instant(moment)
    except OverflowError:
        return False


def _check_spans(
    type_: str, time: datetime, service_day: date, recorded: datetime, origin: Origin
) -> None:
    if not _holds(LIVE, recorded):  # the other two come from the same clock, mostly
        raise OutOfSpan("recordedtime", recorded, LIVE)
    span, of_day = span_of(origin), day_span_of(type_, origin)
    if not _holds(span, time):
        raise OutOfSpan("time", time, span)
    if not of_day.holds(service_day):
        raise OutOfSpan("serviceday", service_day, of_day)


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event that waits for its number."""

    id: UUID
    data: Payload
    subject: UUID | None
    time: datetime
    recorded: datetime
    service_day: date
    origin: Origin


class Transaction:
    """One use case: its statements on ``connection``, then its events, then the commit."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self._clock = clock
        self._events: list[Emitted] = []

    async def share_day(self, day: date) -> None:
        """Take part in ``day``: the first statement of every use case that touches a visit.

        Waits while the day is being closed or corrected.
        """
        await self.connection.execute(SQL.share_day, day)

    async def close_day(self, day: date) -> None:
        """Have ``day`` alone: the first statement of its closing and of any later change to it.

        Waits for the use cases under way; no other commit can then slip between the sums and
        the manifest's number. Never after :meth:`share_day`: two such upgrades wait for ever.
        """
        await self.connection.execute(SQL.close_day, day)

    def emit(
        self,
        data: Payload,
        *,
        subject: UUID | None,
        time: datetime,
        service_day: date,
        origin: Origin,
    ) -> UUID:
        """Say that something happened; the event's id. Written at the end, in the order of these
        calls.

        Raises :class:`OutOfSpan` for what the nation would refuse.
        """
        recorded = self._clock()
        _check_spans(data.TYPE, time, service_day, recorded, origin)
        if data.HOURLY:
            time, recorded = cut_to_hour(time), cut_to_hour(recorded)
        event_id = _uuid7(recorded)
        self._events.append(Emitted(event_id, data, subject, time, recorded, service_day, origin))
        return event_id

    async def append(self) -> bool:
        """Write the events, taking the counter; whether there were any."""
        if self._events:
            await write(self.connection, self._events)
        return bool(self._events)


def _uuid7(moment: datetime) -> UUID:
    """A new UUIDv7 whose own time is ``moment``, so that it betrays no finer one."""
    return uuid_utils.compat.uuid7(nanoseconds=int(moment.timestamp() * 1000) * 1_000_000)


async def write(connection: Connection, events: Sequence[Emitted]) -> None:
    """Number and store ``events``: the last work of a transaction."""
    await connection.execute(
        SQL.append,
        len(events),
        [event.id for event in events],
        [event.data.TYPE for event in events],
        [event.subject for event in events],
        [event.time for event in events],
        [event.recorded for event in events],
        [event.service_day for event in events],
        [event.origin.value for event in events],
        [event.data.model_dump_json() for event in events],
    )


class Outbox:
    """The outbox of the schema that the pool's connections work in."""

    def __init__(self, pool: Pool, clock: Clock = now) -> None:
        """``clock`` is the real one, whatever clock the use cases run by: it stamps
        ``recordedtime``."""
        self.pool = pool
        self.appends = 0
        """How many transactions of this process have written events."""
        self.clock = clock
        self._grown = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """A transaction that ends by writing its events; an error undoes all of it."""
        async with self.pool.acquire() as connection:
            async with connection.transaction():
                transaction = Transaction(connection, self.clock)
                yield transaction
                grown = await transaction.append()
            if grown:
                self._wake()

    def _wake(self) -> None:
        self.appends += 1
        waited_for, self._grown = self._grown, asyncio.Event()
        waited_for.set()

    async def grown(self, seen: int, seconds: float) -> None:
        """Wait until ``appends`` is no longer ``seen``, or ``seconds`` have passed.

        A hint only: other processes append too.
        """
        if self.appends == seen:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), seconds)
