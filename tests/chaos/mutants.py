"""Six mistakes that such a system is prone to, planted on purpose.

``python -m tests.chaos.mutants NAME ARGUMENT…`` plants one and then is ``saduak ARGUMENT…``, or
the loader where the first argument is ``load``. The product itself has no switch for any of this.
Each mutant also waits for a moment between the two halves that it tears apart, so that a kill
falls between them soon.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from faststream.kafka import KafkaMessage

from libs.database.statements import statements
from libs.events.codes import Stream
from libs.stream import outbox, relay
from libs.stream.outbox import Transaction
from libs.stream.relay import Relay
from libs.stream.resume import Sent
from libs.stream.watermark import Watermark
from saduak import cli
from saduak.local.country import Country
from services.reporting.consumer.consumer import Consumer
from services.reporting.ingest import batch as ingest
from services.reporting.ingest import rollup_store
from services.reporting.ingest.admission import Admission
from services.reporting.ingest.batch import Ingest
from services.reporting.ingest.messages import Arrival, EpochKey, EventKey, Found, StreamKey
from services.ticketing.usecases import days
from tests.chaos import invariants, load
from tests.chaos.invariants import SQL, rows

MUTANTS_SQL = statements("tests.chaos", "sql/mutants.sql")
MOMENT_S = 0.25


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake: how it is planted in a process, and which invariants it breaks."""

    plant: Callable[[], None]
    breaks: frozenset[str]
    """At least one of these must be named."""
    prepare: Callable[[Country], Awaitable[None]] | None = None


def cursor_before_ack() -> None:
    """The cursor moves before the broker has acknowledged, and a new start believes it.

    A relay that asks its topic at every start would heal the first half of this by itself.
    """

    async def drain(self: Any, connection: Any, producer: Any, cursor: Sent) -> Sent:
        while batch := await self._unsent(connection, cursor):
            cursor = relay._sent(batch[-1])
            await self.advance(connection, cursor)
            await asyncio.sleep(MOMENT_S)
            await self.ship(producer, batch)
            self.sent += len(batch)
        return cursor

    def believe(cursor: Sent, *_: object) -> Sent:
        return cursor

    Relay.drain = drain
    relay.resume = believe


def identity_for_counter() -> None:
    """Events are numbered by a sequence: rollbacks leave holes, and commits come out of order."""
    outbox.SQL._bodies["append"] = MUTANTS_SQL.append_by_sequence


def totals_without_day_lock() -> None:
    """The day closes without having it alone: a commit slips between the sum and its number."""

    counted = days._manifest

    async def close_day(self: Transaction, day: object) -> None:
        del self, day

    async def manifest(*arguments: Any, **named: Any) -> Any:
        found = await counted(*arguments, **named)
        await asyncio.sleep(MOMENT_S)
        return found

    Transaction.close_day = close_day
    days._manifest = manifest


def no_watermark() -> None:
    """Whatever comes is taken for new."""

    def admit(
        found: Iterable[Found],
        watermarks: Mapping[EpochKey, Watermark],
        stored: Mapping[EventKey, UUID],
        open_gaps: Mapping[StreamKey, int],
    ) -> Admission:
        del stored, open_gaps
        marks = dict(watermarks)
        taken = [one for one in found if isinstance(one, Arrival)]
        for arrival in taken:
            marks[arrival.key.run] = marks[arrival.key.run].admit(arrival.key.sequence)
        return Admission(taken, 0, [], marks)

    ingest.admit = admit
    wait_after_commit()


def wait_after_commit() -> None:
    """Leave room for a kill between the commit and the offset: the batch then comes again."""

    take = Ingest.take

    async def slowly(self: Ingest, records: Any) -> Any:
        taken = await take(self, records)
        await asyncio.sleep(MOMENT_S)
        return taken

    Ingest.take = slowly


async def forget_uniqueness(country: Country) -> None:
    """Without their keys, the tables of events and manifests take one twice."""
    nation = country.national_database().owner("reporting")
    await rows(nation, SQL.let_events_repeat)
    await rows(nation, SQL.let_manifests_repeat)


def offset_before_transaction() -> None:
    """Kafka is told that a batch is done before the database has it."""

    async def handle(self: Any, message: KafkaMessage) -> None:
        await message.ack()
        await asyncio.sleep(MOMENT_S)
        await self._take_with_patience(message.raw_message)

    Consumer._handle = handle


def rollup_outside_transaction() -> None:
    """The rollups are committed by themselves, before the events they count."""

    async def count(self: Ingest, connection: object, figures: Any) -> None:
        del connection
        async with self._pool.acquire() as other, other.transaction():
            await rollup_store.apply(other, figures)
        await asyncio.sleep(MOMENT_S)

    Ingest._count = count


async def number_by_sequence(country: Country) -> None:
    for site in country.plan.sites:
        for stream in Stream:
            owner = country.site_database(site).owner(stream)
            await rows(owner, SQL.number_by_sequence)
            await rows(owner, SQL.grant_sequence)


MUTANTS = {
    "cursor-before-ack": Mutant(cursor_before_ack, frozenset({invariants.SENT_ONCE})),
    "identity-for-counter": Mutant(
        identity_for_counter, frozenset({invariants.NO_HOLE}), number_by_sequence
    ),
    "no-watermark": Mutant(no_watermark, frozenset({invariants.ARRIVED_ONCE}), forget_uniqueness),
    "offset-before-transaction": Mutant(
        offset_before_transaction, frozenset({invariants.SENT_ONCE})
    ),
    "rollup-outside-transaction": Mutant(
        rollup_outside_transaction, frozenset({invariants.REBUILT})
    ),
    "totals-without-day-lock": Mutant(totals_without_day_lock, frozenset({invariants.MANIFESTS})),
}


def run(arguments: Sequence[str]) -> None:
    """Become the process that ``arguments`` name, with the mutant that the first of them names."""
    name, first, *rest = arguments
    MUTANTS[name].plant()
    sys.argv = [first, *rest] if first == "load" else ["saduak", first, *rest]
    (load.main if first == "load" else cli.main)()


if __name__ == "__main__":
    run(sys.argv[1:])
