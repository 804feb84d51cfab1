# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
# (aiokafka leaves its protocol untyped)
"""``python -m tests.chaos.hostile.attacker STATE SITE SEED SECONDS``: the hostile site at work.

It has what the site has: the site's Kafka user over TLS. It prints a line when it begins, sends
each kind in turn on both streams until its standard input closes, and then prints what it sent: for
each kind, how many batches the broker took and how many it refused. At first honest messages lie
between the nasty ones, so that the streams are read on; in the last part of ``SECONDS`` nothing is
honest any more, and the kinds come that have a stream stopped.
"""

import asyncio
import json
import logging
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.produce import ProduceRequest

from libs.events.codes import Stream
from libs.stream.kafka import KafkaAccess
from saduak.local.plan import Folder
from tests.chaos.hostile.kinds import KINDS, LZ4, STOPPING, Kind, Own, packed_bombs, raw
from tests.chaos.hostile.packing import Record, batch

BEGINS = "begins"
PAUSE_S = 0.08
"""Between two batches."""
HONEST = 40
"""Honest messages after each batch of nasty ones, while there are any."""
ANSWER_S = 10
HONEST_SHARE = {Stream.TICKETING: 0.7, Stream.FEEDBACK: 0.4}
"""Of the time; then the site drops its mask."""


@dataclass
class Attacker:
    """A hostile site with a line to the broker."""

    access: KafkaAccess
    seed: int
    seconds: float
    stop: asyncio.Event
    client: Any = None
    taken: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])

    async def work(self, own: Own) -> None:
        """Send every kind, in an order that changes from round to round. One stream's order is
        the other's backwards: between them every kind comes soon, however slow the machine is."""
        began = time.monotonic()
        share = HONEST_SHARE[own.stream]
        order = random.Random(self.seed)
        while not self.stop.is_set():
            masked = time.monotonic() - began < share * self.seconds
            kinds = order.sample(KINDS, len(KINDS))
            if own.stream is Stream.FEEDBACK:
                kinds.reverse()
            if not masked:
                kinds = [*STOPPING, *kinds]
            for kind in kinds:
                await self.send_kind(own, kind, masked=masked)
                if self.stop.is_set():
                    return
                if masked and time.monotonic() - began > share * self.seconds:
                    break

    async def send_kind(self, own: Own, kind: Kind, *, masked: bool) -> None:
        for topic, packed in kind(own):
            taken = await self.send(kind.__name__, topic, packed)
            if masked and taken:
                honest = [Record(raw(own.honest())) for _ in range(HONEST)]
                await self.send("honest", own.topic, batch(honest, LZ4))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), PAUSE_S * own.chance.uniform(0.5, 1.5))
            if self.stop.is_set():
                return

    async def send(self, name: str, topic: str, packed: bytes) -> bool:
        """Send one batch as it is, and tell whether the broker took it; one that hangs up is
        called again."""
        try:
            code = await asyncio.wait_for(self._produce(topic, packed), ANSWER_S)
        except (KafkaError, OSError, TimeoutError):
            await self.hang_up()
            code = -1
        (self.refused if code else self.taken)[name] += 1
        return not code

    async def _produce(self, topic: str, packed: bytes) -> int:
        if self.client is None:
            client = AIOKafkaClient(**self.access.client_settings())
            await client.bootstrap()
            self.client = client
        request = ProduceRequest(None, 1, ANSWER_S * 1000, [(topic, [(0, packed)])])
        answer = await self.client.send(self.client.get_random_node(), request)
        return answer.topics[0][1][0][1]

    async def hang_up(self) -> None:
        """Close the line; the next batch opens another."""
        client, self.client = self.client, None
        if client is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(client.close(), ANSWER_S)

    def said(self) -> str:
        """What was sent, as JSON: for each kind the batches taken and refused."""
        kinds = self.taken.keys() | self.refused.keys()
        return json.dumps({kind: [self.taken[kind], self.refused[kind]] for kind in sorted(kinds)})


async def attack(state: Path, site: str, seed: int, seconds: float) -> str:
    folder = Folder(state)
    country = folder.plan()
    assert country is not None
    stop = asyncio.Event()
    reading = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    reading.add_done_callback(lambda _: stop.set())
    access = folder.site_kafka(country, site)
    # A line for each stream, as the site's two services have one each.
    attackers = {stream: Attacker(access, seed, seconds, stop) for stream in Stream}
    async with asyncio.TaskGroup() as group:
        for stream, attacker in attackers.items():
            own = Own(site, stream, random.Random(f"{seed} {stream}"))
            group.create_task(attacker.work(own))
    one, other = attackers.values()
    one.taken.update(other.taken)
    one.refused.update(other.refused)
    for attacker in attackers.values():
        await attacker.hang_up()
    return one.said()


def main() -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker is killed now and then
    state, site, seed, seconds = sys.argv[1:]
    packed_bombs()
    print(BEGINS, flush=True)
    print(uvloop.run(attack(Path(state), site, int(seed), float(seconds))))


if __name__ == "__main__":
    main()
