"""Single messages of a site, good and otherwise, as a hostile or broken client makes them."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from uuid import UUID

from libs.events.codes import Origin, Stream
from libs.events.visits import VisitCalled
from tests.reporting.streams import Message, SiteStreams, Writer, local, uuid7

SITE = "pjo-50"
DAY = date(2026, 3, 2)
TOPIC = f"site.{SITE}.ticketing"
NEIGHBOUR = "led-bkk4"


def one_day(visits: int = 6, site: str = SITE, seed: int = 1) -> SiteStreams:
    streams = SiteStreams(site, seed)
    streams.play(DAY, visits)
    return streams


def altered(message: Message, **changed: object) -> Message:
    """The message with other values in its envelope; None takes one out."""
    assert message.value is not None
    envelope = json.loads(message.value) | changed
    kept = {name: value for name, value in envelope.items() if value is not None}
    return message._replace(value=json.dumps(kept).encode())


def rewritten(message: Message, change: Callable[[bytes], bytes]) -> Message:
    """The message with other bytes."""
    assert message.value is not None
    return message._replace(value=change(message.value))


def calls(count: int, site: str = SITE, visit: UUID | None = None) -> list[Message]:
    """That many good events of a stream, calls of one visitor."""
    rng = Random(count)
    writer = Writer(site, Stream.TICKETING, rng, origin=Origin.LIVE)
    visit = visit or uuid7(rng, local(DAY, 9, 0))
    for number in range(count):
        at = local(DAY, 9, 0) + timedelta(seconds=number)
        writer.emit(
            VisitCalled(step=1, counter=1, call=1 + number % 5, out_of_order=None), visit, at, DAY
        )
    return writer.sent


def visits_apart(count: int, site: str = SITE) -> list[Message]:
    """That many good events of a stream, each of another visit."""
    rng = Random(count)
    writer = Writer(site, Stream.TICKETING, rng, origin=Origin.LIVE)
    for number in range(count):
        at = local(DAY, 9, 0) + timedelta(milliseconds=number)
        writer.emit(
            VisitCalled(step=1, counter=1, call=1, out_of_order=None), uuid7(rng, at), at, DAY
        )
    return writer.sent
