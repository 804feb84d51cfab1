"""What a hostile site sends: every kind of nasty message, its numbers kept as it goes.

A kind yields batches for one stream (:class:`Own`), or for the beats. What is bad takes the next
number, so that honest messages of the same site may follow it; a kind that spoils the numbers
does so in an epoch of its own.
"""

import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from libs.events.bounds import EPOCH, OPEN_GAPS, VALUE_BYTES, VISIT_EVENTS
from libs.events.codes import Stream
from libs.events.envelope import source_of
from libs.events.topics import StreamName, beats_topic
from tests.chaos.hostile.packing import (
    GZIP,
    LZ4,
    SNAPPY,
    ZSTD,
    Record,
    batch,
    bomb,
    claims,
    corrupted,
    crowd,
)
from tests.nasty import INTEGERS, NO_OBJECTS, OUT_OF_SPAN_TIMES, mangled, tokens

Event = dict[str, Any]
Sent = tuple[str, bytes]
"""A topic, and a batch for it."""

A_SHOT = 24
"""How many nasty messages go in one batch."""
BOMBS: Final = {GZIP: 100, SNAPPY: 12, LZ4: 100, ZSTD: 400}
"""Megabytes that a record of each codec unpacks to; each packs into well under one."""
HOLE = "@@here@@"


@dataclass
class Own:
    """One of the site's own streams, and how far its numbers went."""

    site: str
    stream: Stream
    chance: random.Random
    number: int = 0
    epoch: int = 1
    next_epoch: int = 2
    last: bytes = b""
    """The newest honest message, for repeats and forks."""
    _visit: UUID = field(default=UUID(int=0))

    @property
    def topic(self) -> str:
        return StreamName(self.site, self.stream).topic

    def id(self) -> str:
        """A UUIDv7 of this moment."""
        milliseconds = int(datetime.now(UTC).timestamp() * 1000)
        bits = milliseconds << 80 | 7 << 76 | self.chance.getrandbits(12) << 64 | 2 << 62
        return str(UUID(int=bits | self.chance.getrandbits(62)))

    def event(self, type_: str, data: Event, subject: str | None = None, **named: Any) -> Event:
        """An event in order, at the next number."""
        self.number += 1
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        whole = {
            "specversion": "1.0",
            "id": self.id(),
            "source": source_of(self.site, self.stream),
            "type": type_,
            "subject": subject,
            "time": now,
            "recordedtime": now,
            "serviceday": str(date.today()),  # noqa: DTZ011 - a hostile site cares for no zone
            "origin": "demo",
            "streamepoch": self.epoch,
            "streamseq": self.number,
            "datacontenttype": "application/json",
            "dataschema": f"urn:saduak:event:{type_}",
            "data": data,
        }
        whole |= named
        if whole["subject"] is None:
            del whole["subject"]
        return whole

    def honest(self) -> Event:
        """An event that nobody can find fault with."""
        if self.stream is Stream.FEEDBACK:
            return self.event("feedback.offered.v1", {"step": 1, "service": "INF"}, self.id())
        return self.event("visit.issued.v1", issued(), self.id())

    def fresh_epoch(self) -> int:
        """An epoch that the site did not use yet, within the bounds."""
        self.next_epoch = self.next_epoch % (EPOCH - 1) + 1
        return self.next_epoch + 1


def issued(**named: Any) -> Event:
    return {
        "step": 1,
        "ticket": "A001",
        "service": "INF",
        "channel": "kiosk",
        "visitor_class": "normal",
        "appointment": None,
        "estimate": None,
        "feedback_link": True,
    } | named


def totals(service: str, count: int = 0) -> Event:
    names = ("steps", "served", "no_show", "left", "removed", "forgotten")
    sums = {"wait_ms": count * 1000, "service_ms": count * 1000, "implausible": count}
    return {"service": service, **dict.fromkeys(names, count), **sums}


def raw(event: Event) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


def with_token(event: Event, path: tuple[str, ...], token: str) -> bytes:
    """The event with a token of JSON, right or wrong, in the place that ``path`` names."""
    changed = json.loads(json.dumps(event))
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = HOLE
    return raw(changed).replace(json.dumps(HOLE).encode(), token.encode("utf-8", "surrogatepass"))


def sampled(own: Own, kept: Callable[[str], bool], count: int = A_SHOT) -> list[str]:
    """Some of the nasty tokens whose names are ``kept``."""
    fitting = [token for name, token in _tokens() if kept(name)]
    return own.chance.sample(fitting, min(count, len(fitting)))


@cache
def _tokens() -> tuple[tuple[str, str], ...]:
    return tuple(tokens())


def shot(own: Own, values: Sequence[bytes | None], codec: int = LZ4) -> Sent:
    return own.topic, batch([Record(value) for value in values], codec)


def times(own: Own) -> Iterator[Sent]:
    """Every nasty time and day, in every field that holds one."""
    for path in (("time",), ("recordedtime",), ("serviceday",), ("data", "appointment")):
        found = sampled(own, lambda name: "time" in name or "day" in name or "number" in name, 10)
        yield shot(own, [with_token(own.honest(), path, token) for token in found])


def imported_days(own: Own) -> Iterator[Sent]:
    """Well-formed events of the calendar's every corner: 1990 to 2100, and beyond."""
    days = [date(own.chance.randint(1985, 2102), own.chance.randint(1, 12), 1) for _ in range(30)]
    events: list[bytes | None] = []
    for day in days:
        told = {"time": f"{day}T03:00:00Z", "serviceday": str(day)}
        origin = own.chance.choice(["import", "demo", "live"])
        events.append(raw(own.honest() | told | {"origin": origin}))
    yield shot(own, events)


def corrections(own: Own) -> Iterator[Sent]:
    """Visits whose ends are corrected to before the calendar and after it."""
    values: list[bytes | None] = []
    for at, named in itertools.product(OUT_OF_SPAN_TIMES.values(), ("started_at", "ended_at")):
        visit = own.id()
        values.append(raw(own.event("visit.issued.v1", issued(appointment=at), visit)))
        values.append(raw(own.event("visit.called.v1", called(1), visit)))
        ended = {"step": 1, "outcome": "served", "time_quality": "actual"}
        values.append(raw(own.event("visit.ended.v1", ended, visit)))
        data = {
            "step": own.chance.choice([1, 2, 99]),
            "correction": {"field": named, "old": at, "new": own.chance.choice([at, own_now()])},
            "reason": "wrong_clock",
        }
        values.append(raw(own.event("visit.corrected.v1", data, visit)))
    yield shot(own, values)


def own_now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def called(call: int, counter: int = 1) -> Event:
    return {"step": 1, "counter": counter, "call": call, "out_of_order": None}


def texts(own: Own) -> Iterator[Sent]:
    """Every nasty text in every field that holds one, in identifiers and types too."""
    paths = [("data", "service"), ("data", "ticket"), ("id",), ("subject",), ("type",),
             ("source",), ("dataschema",), ("origin",), ("specversion",)]  # fmt: skip
    for path in own.chance.sample(paths, 4):
        found = sampled(own, lambda name: name.startswith("text"), 8)
        yield shot(own, [with_token(own.honest(), path, token) for token in found])


def names(own: Own) -> Iterator[Sent]:
    """Messages broken as a whole: field names, keys twice, nesting, encodings."""
    found = list(mangled(raw(own.honest())))
    yield shot(own, [value for _, value in own.chance.sample(found, A_SHOT)])
    yield shot(own, [own.chance.choice(list(mangled(raw(own.honest()))))[1] for _ in range(8)])


def twice(own: Own) -> Iterator[Sent]:
    """Keys twice, deep inside, in events that are right otherwise."""
    values: list[bytes | None] = []
    for _ in range(8):
        text = raw(own.honest())
        values += [
            text.replace(b'"step":1', b'"step":2,"step":1'),
            raw(own.honest()).replace(b'"streamseq":', b'"streamseq":1,"streamseq":'),
            raw(own.honest()).replace(b'"specversion"', b'"spec\\u0076ersion":"1.0","specversion"'),
        ]
    yield shot(own, values)


def wrong_numbers(own: Own) -> Iterator[Sent]:
    """Numbers that no field holds."""
    paths = [("streamepoch",), ("streamseq",), ("data", "step"), ("data", "estimate")]
    for path in paths:
        found = sampled(own, lambda name: "number" in name or "wrong type" in name, 8)
        yield shot(own, [with_token(own.honest(), path, token) for token in found])


def no_objects(own: Own) -> Iterator[Sent]:
    """Bytes that are no message at all, and no bytes."""
    some: list[bytes | None] = [*own.chance.sample(NO_OBJECTS, 10), None, None]
    yield shot(own, some)


def too_large(own: Own) -> Iterator[Sent]:
    """Values around the bound, and far above it, that do not pack."""
    for size in (VALUE_BYTES - 1, VALUE_BYTES, VALUE_BYTES + 1, 200_000, 700_000):
        room = size - len(raw(own.honest())) - 10
        noise = own.chance.randbytes(room // 2).hex()
        yield shot(own, [raw(own.honest() | {"more": noise})], 0)


@cache
def packed_bombs() -> Mapping[str, bytes]:
    """Made once, since packing hundreds of megabytes takes seconds."""
    return {f"{codec}": bomb(codec, size * 2**20) for codec, size in BOMBS.items()}


def crowds(own: Own) -> Iterator[Sent]:
    """Batches of twenty thousand records, each of which is refused."""
    for codec in BOMBS:
        yield own.topic, crowd(codec, 20_000)


def bombs(own: Own) -> Iterator[Sent]:
    """Small batches that unpack to hundreds of megabytes, in every codec."""
    for packed in packed_bombs().values():
        yield own.topic, packed


def broken_batches(own: Own) -> Iterator[Sent]:
    """Batches that are none, and such as claim to be huge."""
    good = [Record(raw(own.honest())) for _ in range(3)]
    for packed in (*corrupted(own.chance, good), *claims()):
        yield own.topic, packed


def odd_records(own: Own) -> Iterator[Sent]:
    """Honest values with huge keys, headers by the thousand, nasty headers, no value."""
    long = own.chance.randbytes(60_000)
    headers = tuple((f"h{n}\x00\x1b[2J", b"v" * 20) for n in range(1000))
    yield own.topic, batch([Record(raw(own.honest()), key=long)])
    yield own.topic, batch([Record(raw(own.honest()), headers=headers)], GZIP)
    yield (
        own.topic,
        batch([Record(raw(own.honest()), b"\x00", (("content-type", None), ("", b"")))]),
    )
    yield own.topic, batch([Record(None, key=b"tombstone"), Record(b"", key=b"")])
    yield own.topic, batch([Record(raw(own.honest()))] * 2, ZSTD, at=2**41)


def epochs(own: Own) -> Iterator[Sent]:
    """Epochs out of bounds, and many within."""
    values: list[bytes | None] = [
        with_token(own.honest(), ("streamepoch",), str(number)) for number in INTEGERS
    ]
    values += [
        raw(own.honest() | {"streamepoch": own.fresh_epoch(), "streamseq": 1}) for _ in range(20)
    ]
    yield shot(own, values)


def jumps(own: Own) -> Iterator[Sent]:
    """Jumps of numbers: small ones here, to the end of all numbers in an epoch of their own."""
    own.number += own.chance.randint(2, 50)
    epoch = own.fresh_epoch()
    ends = (1, 10**6, 2**31, 2**53 - 2, 2**53 - 1)
    yield shot(
        own,
        [raw(own.honest())]
        + [raw(own.honest() | {"streamepoch": epoch, "streamseq": end}) for end in ends],
    )


def gaps(own: Own) -> Iterator[Sent]:
    """Every second number only: more gaps than anybody may have open."""
    epoch = own.fresh_epoch()
    for first in range(1, 3 * OPEN_GAPS, 500):
        numbers = range(2 * first, 2 * (first + 500), 2)
        yield shot(
            own,
            [raw(own.honest() | {"streamepoch": epoch, "streamseq": number}) for number in numbers],
        )


def long_visits(own: Own) -> Iterator[Sent]:
    """A visit of more events than anybody has."""
    visit = own.id()
    values: list[bytes | None] = [raw(own.event("visit.issued.v1", issued(), visit))]
    values += [
        raw(own.event("visit.called.v1", called(n % 99 + 1, n % 999 + 1), visit))
        for n in range(VISIT_EVENTS + 100)
    ]
    yield shot(own, values, GZIP)


def unknown_services(own: Own) -> Iterator[Sent]:
    """Services that nobody knows, each once."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def code() -> str:
        return (
            "".join(own.chance.choices(letters, k=4))
            + "-"
            + "".join(own.chance.choices(letters, k=4))
        )

    def one() -> Event:
        if own.stream is Stream.FEEDBACK:
            return own.event("feedback.offered.v1", {"step": 1, "service": code()}, own.id())
        return own.event("visit.issued.v1", issued(service=code()), own.id())

    yield shot(own, [raw(one()) for _ in range(300)], ZSTD)


def forks(own: Own) -> Iterator[Sent]:
    """Known numbers again: the same message, and others."""
    first = raw(own.honest())
    again = json.loads(first)
    values = [first, first, *(raw(again | {"id": own.id()}) for _ in range(12))]
    old = [raw(again | {"id": own.id(), "streamseq": n}) for n in range(1, 12)]
    yield shot(own, [*values, *old])


def refused_then_good(own: Own) -> Iterator[Sent]:
    """A refused message at the next number, and later a good one at the same place."""
    values: list[bytes | None] = []
    for _ in range(10):
        good = own.honest()
        values += [raw(good | {"time": "1764000000"}), raw(own.honest()), raw(good)]
    yield shot(own, values)


def foreign(own: Own) -> Iterator[Sent]:
    """Sources and types of others on the own topic."""
    other = Stream.FEEDBACK if own.stream is Stream.TICKETING else Stream.TICKETING
    sources = [source_of("pjo-50", own.stream), source_of(own.site, other), "/sites/xxx-999/x"]
    values: list[bytes | None] = [raw(own.honest() | {"source": one}) for one in sources * 3]
    offered = {"step": 1, "service": "INF"}
    values += [raw(own.event("feedback.offered.v1", offered, own.id())) for _ in range(4)]
    values += [raw(own.event("counter.opened.v1", {"counter": n})) for n in range(1, 5)]
    yield shot(own, values)


def unknown_types(own: Own) -> Iterator[Sent]:
    """Types that nobody knows, each under a name of its own, and each to be held."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    values: list[bytes | None] = []
    for _ in range(20):
        name = "visit." + "".join(own.chance.choices(letters, k=12)) + ".v7"
        values.append(raw(own.event(name, {"a\x00b": ["\x1b[2J"] * 5}, own.id())))
    yield shot(own, values)


def manifests(own: Own) -> Iterator[Sent]:
    """Days closed that never were, revisions out of order, totals of made-up services."""
    values: list[bytes | None] = []
    for n in range(12):
        day = date(2026, 1, 1) + timedelta(days=own.chance.randint(0, 300))
        codes = [f"{a}{b}{c}" for a, b, c in itertools.product("QXZ", "ABCDEFGH", "KLMNOPQ")]
        services = [totals(code, own.chance.randint(0, 10**7)) for code in codes[:150]]
        data = {"revision": own.chance.choice([1, 10**6, n + 1]), "visits": 10**7}
        data |= {"services": services if n % 3 else []}
        values.append(raw(own.event("day.closed.v1", data, serviceday=str(day))))
    yield shot(own, values)


def restorations(own: Own) -> Iterator[Sent]:
    """Restores that lost everything, and days resolved that nobody knows."""
    lost = {"after_epoch": 2**31 - 1, "after_sequence": 2**53 - 1, "lost": 10**7}
    values: list[bytes | None] = [raw(own.event("stream.restored.v1", lost)) for _ in range(4)]
    for year in (2015, 2026, 2100):
        reason = {"reason": "checked"}
        values.append(raw(own.event("day.resolved.v1", reason, serviceday=f"{year}-12-31")))
    epoch = own.fresh_epoch()
    changed = own.event("stream.restored.v1", lost | {"after_epoch": 1, "lost": 1})
    values.append(raw(changed | {"streamepoch": epoch, "streamseq": 1}))
    yield shot(own, values)


def answers(own: Own) -> Iterator[Sent]:
    """Ratings of impossible days, one reference for all, a dimension twice."""
    values: list[bytes | None] = []
    for n in range(20):
        levels = [{"dimension": "staff", "level": 5}] * own.chance.choice([1, 2, 4])
        data = {
            "reference": f"{n % 3:032x}",
            "visit_day": own.chance.choice(
                ["0001-01-01", "9999-12-31", "2569-03-16", "2026-01-01"]
            ),
            "service": own.chance.choice(["INF", "ZZZZ-ZZZZ"]),
            "waiting_band": "unknown",
            "language": "th",
            "channel": "link",
            "ratings": levels,
            "screening": [],
        }
        values.append(raw(own.event("feedback.given.v1", data, own.id())))
    yield shot(own, values)


def beats(own: Own) -> Iterator[Sent]:
    """Signs of life of impossible clocks, of others, of nobody; and all that is no beat."""
    topic = beats_topic(own.site)

    def beat(**named: Any) -> Event:
        data: Event = {
            "stream": str(own.stream),
            "epoch": 1,
            "last_sequence": own.number,
            "backlog": 0,
            "oldest_unsent": None,
            "relay": "sending",
            "version": "0.1.0",
            "standards": "0123456789ab",
            "disk_free_percent": 50,
            "certificate_until": None,
        }
        return {
            "specversion": "1.0",
            "id": own.id(),
            "source": source_of(own.site, own.stream),
            "type": "site.beat.v1",
            "time": own_now(),
            "datacontenttype": "application/json",
            "dataschema": "urn:saduak:event:site.beat.v1",
            "data": data | named,
        }

    paths = [("time",), ("source",), ("data", "oldest_unsent"), ("data", "certificate_until"),
             ("data", "last_sequence"), ("data", "epoch"), ("data", "version")]  # fmt: skip
    values: list[bytes | None] = [
        with_token(beat(), path, token)
        for path in paths
        for token in sampled(own, lambda name: True, 6)
    ]
    values += [
        raw(beat(oldest_unsent=at, certificate_until=at)) for at in OUT_OF_SPAN_TIMES.values()
    ]
    values += [raw(beat() | {"time": at}) for at in OUT_OF_SPAN_TIMES.values()]
    values += [value for _, value in own.chance.sample(list(mangled(raw(beat()))), 10)]
    values += [None, b"", raw(beat(last_sequence=2**53 - 1, epoch=EPOCH, backlog=10**7))]
    yield topic, batch([Record(value) for value in values], GZIP)
    codec = own.chance.choice([GZIP, SNAPPY, LZ4, ZSTD])
    yield topic, packed_bombs()[str(codec)]


def at_others(own: Own) -> Iterator[Sent]:
    """The topics of another site, of the centre, and of nobody: the broker refuses each."""
    for topic in ("site.pjo-50.ticketing", "site.moj-jsc.beats", "inbox.pjo-50",
                  "national.standards", "site.zzz-99.ticketing"):  # fmt: skip
        yield topic, batch([Record(raw(own.honest() | {"source": "/sites/pjo-50/ticketing"}))])


Kind = Callable[[Own], Iterator[Sent]]

KINDS: Final[tuple[Kind, ...]] = (
    times, imported_days, corrections, texts, names, twice, wrong_numbers, no_objects, too_large,
    bombs, broken_batches, odd_records, epochs, jumps, long_visits, unknown_services, forks,
    refused_then_good, foreign, unknown_types, manifests, restorations, answers, beats, at_others,
)  # fmt: skip
"""What lets a stream be read on, while there are honest messages beside it."""

STOPPING: Final[tuple[Kind, ...]] = (gaps, crowds)
"""What has a stream stopped until a person has looked."""
