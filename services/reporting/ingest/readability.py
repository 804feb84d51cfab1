"""How much of a topic can be read. Too little, and a person must look before it is read on.

Either this release can't read what a newer one sends, or a site sends rubbish; in neither case
would the quarantine be the place for all of it. Counted over the batches of a day, so that rubbish
that comes drop by drop counts too, and without repeats.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from libs.database.statements import statements
from libs.database.types import Connection
from services.reporting.ingest.messages import Intake, Refusal

SQL = statements("services.reporting", "sql/ingest.sql")

INVALID_AT_MOST = 100
INVALID_SHARE = 0.5
"""More invalid messages of one topic than both stop its stream."""
KEPT_AT_MOST = 1000
"""The most messages of one topic in quarantine, however many others are fine."""


class Read(NamedTuple):
    """How many messages of a topic were events of its stream, and how many were not."""

    valid: int = 0
    invalid: int = 0
    in_quarantine: int = 0
    """Of those that nobody has settled."""


def counted(intake: Intake, fresh: Iterable[Refusal], watched: Collection[str]) -> dict[str, Read]:
    """What a batch adds, of the topics of ``fresh``, the refusals that were not kept before, and
    of those that are ``watched``, since something could not be read lately."""
    invalid = Counter(one.record.topic for one in fresh)
    valid = Counter(one.record.topic for one in intake.arrivals)
    return {
        topic: Read(valid[topic], invalid[topic])
        for topic in {*invalid, *watched}
        if valid[topic] or invalid[topic]
    }


def unreadable(
    batch: Mapping[str, Read], before: Mapping[str, Read], fresh: Sequence[Refusal]
) -> dict[str, str]:
    """The topics of which so much is invalid that a person must look, each with the reason."""
    reasons: dict[str, str] = {}
    for topic, read in batch.items():
        if not read.invalid:
            continue
        earlier = before.get(topic, Read())
        invalid = read.invalid + earlier.invalid
        whole = invalid + read.valid + earlier.valid
        kept = earlier.in_quarantine + read.invalid
        first = next(one for one in fresh if one.record.topic == topic)
        at = f"the first of them now at offset {first.record.offset}: {first.reason}: "
        if invalid > INVALID_AT_MOST and invalid > INVALID_SHARE * whole:
            of = f"{invalid} of {whole} messages on {topic} are invalid, "
            reasons[topic] = of + at + first.detail
        elif kept > KEPT_AT_MOST:
            of = f"{kept} messages on {topic} would be in quarantine, "
            reasons[topic] = of + at + first.detail
    return reasons


async def before(connection: Connection, topics: Collection[str]) -> dict[str, Read]:
    """What was counted of these topics in the last day, and what lies in quarantine."""
    rows = await connection.fetch(SQL.read_lately, sorted(topics))
    return {topic: Read(*counts) for topic, *counts in rows}


async def add(connection: Connection, batch: Mapping[str, Read]) -> None:
    """Count a batch, in the transaction that stores it."""
    rows = [(topic, read.valid, read.invalid) for topic, read in sorted(batch.items())]
    if rows:
        await connection.execute(SQL.count_read, *map(list, zip(*rows, strict=True)))
