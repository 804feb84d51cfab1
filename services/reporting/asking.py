"""Asks the sites for what is missing: a gap heals by itself while its site can be reached."""

from datetime import timedelta

import asyncpg

from libs.events.codes import Stream
from libs.events.inbox import ResendAsked
from libs.stream.clock import Clock, now
from libs.stream.kafka import KafkaAccess
from libs.stream.outbox import Pool
from libs.stream.patience import keep_looking
from libs.stream.sql import statements
from services.reporting.saying import say

SQL = statements("services.reporting", "sql/sites.sql")

LOOK_EVERY_S = 5.0
PATIENCE = timedelta(seconds=10)
"""How long a gap is open before its site is asked: two replicas may have swapped batches."""
ANSWER_WITHIN = timedelta(minutes=5)
"""After which the site is asked again, and then ever more rarely."""


class Asker:
    """Looks for gaps and asks for what is in them. Any number may run beside each other."""

    def __init__(self, pool: Pool, kafka: KafkaAccess, clock: Clock = now) -> None:
        self._pool = pool
        self._kafka = kafka
        self._clock = clock

    async def run(self) -> None:
        """Look for ever; ends only by cancellation."""
        await keep_looking(self.look, LOOK_EVERY_S, "asking for gaps")

    async def look(self) -> None:
        """Ask the sites whose turn it is. Raises what Kafka and the database raise."""
        gaps = await self._pool.fetch(SQL.gaps_to_ask_for, PATIENCE, ANSWER_WITHIN)
        moment = self._clock()
        await say(self._kafka, [(gap["site"], moment, _asked(gap)) for gap in gaps])


def _asked(gap: asyncpg.Record) -> ResendAsked:
    return ResendAsked(
        stream=Stream(gap["stream"]), epoch=gap["epoch"], first=gap["first"], last=gap["last"]
    )
