"""Asks the sites for what is missing: a gap heals by itself while its site can be reached."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg
import structlog
from pydantic import ValidationError

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.codes import Stream
from libs.events.inbox import ResendAsked
from libs.stream.kafka import KafkaAccess
from libs.stream.retry import keep_looking
from services.reporting.background.turns import turn
from services.reporting.sites.inbox import Line, say

SQL = statements("services.reporting", "sql/sites.sql")
LOG = structlog.stdlib.get_logger()

LOOK_EVERY_S = 5.0
PATIENCE = timedelta(seconds=10)
"""How long a gap is open before its site is asked: two replicas may have swapped batches."""
ANSWER_WITHIN = timedelta(minutes=5)
"""After which the site is asked again, and then ever more rarely."""
AT_A_TIME = 100
"""Gaps in one look."""


class Asker:
    """Looks for gaps and asks for what is in them. Any number may run beside each other."""

    def __init__(self, pool: Pool, kafka: KafkaAccess, clock: Clock = now) -> None:
        self._pool = pool
        self._kafka = kafka
        self._clock = clock

    async def run(self) -> None:
        """Look for ever; ends only by cancellation, or by what no waiting mends."""
        await keep_looking(self.look, LOOK_EVERY_S, "asking for gaps")

    async def look(self) -> None:
        """Ask the sites whose turn it is. Raises what Kafka and the database raise.

        A gap counts as asked for once its site's inbox has the question, and not before: what
        could not be said is said at the next look.
        """
        async with turn(self._pool, "asker") as connection:
            if connection is None:
                return
            gaps = await connection.fetch(SQL.gaps_to_ask_for, PATIENCE, ANSWER_WITHIN, AT_A_TIME)
            lines, unaskable = _lines(gaps, self._clock())
            told = await say(self._kafka, lines)
            asked = [gap for gap in gaps if gap["site"] in told] + unaskable
            await connection.execute(SQL.asked, *_places(asked))


def _lines(
    gaps: Iterable[asyncpg.Record], moment: datetime
) -> tuple[list[Line], list[asyncpg.Record]]:
    """What to say, and the gaps that no site could be asked for: their numbers are out of bounds.

    Those count as asked for, so that they stand behind all others, and are looked at ever more
    rarely.
    """
    lines: list[Line] = []
    unaskable: list[asyncpg.Record] = []
    for gap in gaps:
        try:
            lines.append((gap["site"], moment, _asked(gap)))
        except ValidationError as error:
            LOG.warning("gap that nobody can be asked for", gap=dict(gap), error=str(error))
            unaskable.append(gap)
    return lines, unaskable


def _asked(gap: asyncpg.Record) -> ResendAsked:
    return ResendAsked(
        stream=Stream(gap["stream"]), epoch=gap["epoch"], first=gap["first"], last=gap["last"]
    )


def _places(gaps: Sequence[asyncpg.Record]) -> list[list[object]]:
    """The gaps' keys as columns."""
    return [[gap[name] for gap in gaps] for name in ("site", "stream", "epoch", "first")]
