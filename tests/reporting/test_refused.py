"""What is refused can always be kept, takes its number, and harms nobody."""

import time
from datetime import timedelta
from hashlib import blake2b
from itertools import count

import pytest

from libs.events.bounds import KEPT_BYTES, OPEN_GAPS, VALUE_BYTES, VISIT_EVENTS
from libs.stream.unpacking import Unreadable
from libs.stream.watermark import Gap, Moving, Watermark
from services.reporting.ingest import quarantine, rollup_store, stops, vacancies
from services.reporting.ingest.admission import admit, known_before
from services.reporting.ingest.messages import EpochKey, Reason, Refusal, StreamKey, sort
from services.reporting.ingest.quarantine import Finding, settle
from services.reporting.ingest.readability import INVALID_AT_MOST, KEPT_AT_MOST
from tests import nasty
from tests.reporting.messages import (
    DAY,
    NEIGHBOUR,
    SITE,
    TOPIC,
    altered,
    calls,
    one_day,
    rewritten,
    visits_apart,
)
from tests.reporting.nation import Nation
from tests.reporting.streams import Message, local

STREAM = StreamKey(SITE, "ticketing")


async def highest(nation: Nation) -> int:
    rows = await nation.rows("streams")
    return next(row["highest"] for row in rows if tuple(row)[:3] == (*STREAM, 1))


def poison(message: Message) -> Message:
    """The message with a field that no event has."""
    return rewritten(message, lambda raw: raw[:-1] + b',"a\\u0000\\u001b[31mb":1}')


async def test_a_refused_message_takes_its_number(nation: Nation) -> None:
    messages = visits_apart(9)
    messages[3] = poison(messages[3])
    taken = await nation.take(messages)
    assert taken.refused == {Reason.POISON: 1}
    assert (taken.gaps_opened, await highest(nation)) == (0, 9)
    (vacant,) = await nation.rows("vacancies")
    assert tuple(vacant)[:6] == (*STREAM, 1, 4, 4, "refused")
    assert vacant["service_day"] == DAY
    (row,) = await nation.rows("quarantined")
    assert row["detail"].isprintable()
    assert (await nation.take(messages)).refused == {}
    assert len(await nation.rows("vacancies")) == 1
    assert await nation.check() == []
    assert await nation.rebuild() == 8
    assert await nation.check() == []


async def test_a_refused_message_fills_its_gap(nation: Nation) -> None:
    """The site sends the same again and again: the asker is answered at last."""
    messages = visits_apart(9)
    await nation.take([*messages[:3], *messages[4:]])
    assert len(await nation.rows("gaps")) == 1
    for _ in range(3):
        await nation.take([poison(messages[3])._replace(offset=900)])
    assert await nation.rows("gaps") == []
    assert len(await nation.rows("vacancies")) == len(await nation.rows("quarantined")) == 1
    assert await nation.check() == []


async def test_a_number_ahead_is_not_taken_by_what_is_refused(nation: Nation) -> None:
    messages = visits_apart(9)
    await nation.take([*messages[:3], poison(messages[7])])
    assert (await highest(nation), await nation.rows("vacancies")) == (3, [])
    foreign = altered(messages[3], source=f"/sites/{NEIGHBOUR}/ticketing")
    taken = await nation.take([foreign])
    assert taken.refused == {Reason.FOREIGN_SOURCE: 1}
    assert (await highest(nation), await nation.rows("vacancies")) == (3, [])


async def test_a_good_event_takes_a_vacant_place_and_another_is_a_fork(nation: Nation) -> None:
    messages = visits_apart(9)
    await nation.take([*messages[:3], poison(messages[3]), *messages[4:]])
    taken = await nation.take([messages[3]])
    assert taken.stored == {"ticketing": 1}
    assert await nation.rows("vacancies") == []
    other = altered(messages[3], id="01890a5d-ac96-774b-bcce-b302099a8057")
    assert (await nation.take([other])).refused == {Reason.FORK: 1}
    assert (await nation.take([messages[3]])).duplicates == 1
    assert await nation.rows("vacancies") == []
    assert await nation.check() == []


async def test_refused_and_good_at_one_place_in_one_batch(nation: Nation) -> None:
    messages = visits_apart(4)
    taken = await nation.take(
        [*messages[:2], poison(messages[2])._replace(offset=77), *messages[2:]]
    )
    assert sum(taken.stored.values()) == 4
    assert await nation.rows("vacancies") == []
    assert await nation.check() == []


async def test_every_nasty_message_is_stored_or_kept_and_its_neighbours_go_on(
    nation: Nation,
) -> None:
    """One of each kind, by one site; the other site's day is complete in the end."""
    message, *_ = visits_apart(1)
    assert message.value is not None
    raws = [*nasty.NO_OBJECTS, *(raw for _, raw in nasty.mangled(message.value))]
    fields = ("time", "recordedtime", "serviceday", "streamepoch", "streamseq", "source", "type")
    for field in fields:
        raws += [
            raw
            for _, token in nasty.tokens()
            if (raw := replaced(message.value, field, token)) is not None
        ]
    assert len(raws) > 1000
    others = one_day(12, NEIGHBOUR).messages
    offsets, kept = count(1), 0
    for start in range(0, len(raws), 50):
        batch = [Message(TOPIC, 0, next(offsets), raw) for raw in raws[start : start + 50]]
        taken = await nation.take([*batch, *others[start // 50 :: len(raws) // 50 + 1]])
        kept += sum(taken.refused.values())
        await nation.alter("forget_readability")
    rows = await nation.rows("quarantined")
    assert kept == len(rows) > 900
    assert all(row["detail"].isprintable() and len(row["detail"]) <= 500 for row in rows)
    assert {row["reason"] for row in rows} <= {"poison", "too_large", "ahead", "foreign_source",
                                               "foreign_type", "fork"}  # fmt: skip
    assert (await nation.states())[NEIGHBOUR, str(DAY)] == ("complete", None)
    assert (await nation.rows("infinities"))[0]["count"] == 0
    assert await nation.check() == []


def replaced(raw: bytes, field: str, token: str) -> bytes | None:
    """The message with another token of JSON in a field of its envelope."""
    name = f'"{field}":'.encode()
    before, found, rest = raw.partition(name)
    end = rest.find(b',"') if rest.startswith(b'"') else rest.find(b",")
    try:
        return before + name + token.encode() + rest[end:] if found else None
    except UnicodeEncodeError:  # a lone surrogate is no UTF-8
        return None


async def test_a_large_value_is_refused_unread_and_little_of_it_kept(nation: Nation) -> None:
    messages = visits_apart(3)
    large = rewritten(messages[1], lambda raw: raw[:-1] + b',"more":"' + b"a" * VALUE_BYTES + b'"}')
    edge = b'{"a":"' + b"b" * (VALUE_BYTES - 8) + b'"}'
    taken = await nation.take([messages[0], large, Message(TOPIC, 0, 50, edge), messages[2]])
    assert taken.refused == {Reason.TOO_LARGE: 1, Reason.POISON: 1}
    first, _ = await nation.rows("quarantined")
    assert first["reason"] == "too_large"
    value = large.value or b""
    assert first["raw"] == value[:KEPT_BYTES]
    assert first["size"] == len(value)
    assert first["digest"] == blake2b(value, digest_size=16).digest()
    assert await highest(nation) == 3
    assert await nation.rows("gaps") == []


async def test_a_record_that_could_not_be_unpacked_is_refused(nation: Nation) -> None:
    marker = Unreadable(b"packed")
    marker.reason, marker.first, marker.last = "it unpacks to more than 1048576 bytes", 0, 2
    batch = [Message(TOPIC, 0, offset, marker) for offset in range(3)]
    taken = await nation.take([*batch, *one_day(2, NEIGHBOUR).messages])
    assert taken.refused == {Reason.POISON: 3}
    assert all(marker.reason in row["detail"] for row in await nation.rows("quarantined"))


async def test_who_settles_what_was_refused_lets_the_stream_be_read_on(nation: Nation) -> None:
    rubbish = [Message(TOPIC, 0, offset, b"rubbish") for offset in range(150)]
    await nation.take(rubbish[:90])
    assert list((await nation.take(rubbish[90:120])).stopped) == [TOPIC]
    numbers = [row["id"] for row in await nation.rows("quarantine_numbers")]
    assert await settle(nation.pool, numbers, Finding("a drill", local(DAY, 9, 0))) == 0
    await nation.alter("let_stops_pass", timedelta(minutes=10))
    assert (await nation.take(rubbish[90:120])).stopped == {}


async def test_rubbish_that_drips_stops_the_stream(nation: Nation) -> None:
    """99 in each batch, with fewer good ones beside them; and a repeat is none."""
    good, offsets = visits_apart(200), count(1000)
    drip = [Message(TOPIC, 0, next(offsets), b"rubbish") for _ in range(INVALID_AT_MOST - 1)]
    for _ in range(3):
        taken = await nation.take([*drip, *good[:20]])
        assert taken.stopped == {}
    more = [one._replace(offset=next(offsets)) for one in drip]
    taken = await nation.take([*more, *good[20:40], *one_day(2, NEIGHBOUR).messages])
    assert list(taken.stopped) == [TOPIC]
    assert "198 of " in taken.stopped[TOPIC]
    assert len(await nation.rows("quarantined")) == len(drip)
    assert {row["site"] for row in await nation.rows("events")} == {SITE, NEIGHBOUR}
    assert await highest(nation) == 20


async def test_rubbish_among_many_good_ones_stops_the_stream_in_the_end(nation: Nation) -> None:
    good, offsets = visits_apart(2000), count(5000)
    for start in range(0, 2000, 200):
        bad = [Message(TOPIC, 0, next(offsets), b"rubbish") for _ in range(99)]
        assert (await nation.take([*bad, *good[start : start + 200]])).stopped == {}
    bad = [Message(TOPIC, 0, next(offsets), b"rubbish") for _ in range(99)]
    taken = await nation.take(bad)
    assert f"{11 * 99} messages on {TOPIC} would be in quarantine" in taken.stopped[TOPIC]
    assert len(await nation.rows("quarantined")) == 990 <= KEPT_AT_MOST


async def test_a_visit_has_so_many_events_and_no_more(nation: Nation) -> None:
    messages = calls(VISIT_EVENTS + 20)
    taken = await nation.take(messages[:300])
    assert taken.refused == {}
    taken = await nation.take(messages[300:])
    assert taken.refused == {Reason.SURPLUS: 20}
    assert await highest(nation) == VISIT_EVENTS + 20
    (step,) = await nation.rows("steps")
    assert step["events"] == VISIT_EVENTS
    assert len(await nation.rows("vacancies")) == 20
    row, *_ = await nation.rows("quarantined")
    assert f"has {VISIT_EVENTS} events already" in row["detail"]
    again = await nation.take(messages[-1:])
    assert (again.refused, again.stored, len(await nation.rows("vacancies"))) == ({}, {}, 20)
    assert await nation.check() == []
    await nation.rebuild()
    assert await nation.check() == []


async def test_a_visit_in_one_batch_has_so_many_events_too(nation: Nation) -> None:
    taken = await nation.take([*calls(VISIT_EVENTS + 1), *one_day(3, NEIGHBOUR).messages])
    assert taken.refused == {Reason.SURPLUS: 1}
    assert await nation.check() == []


def every_other(number: int) -> list[Message]:
    """A stream with so many gaps."""
    return visits_apart(2 * number + 1)[::2]


async def test_a_stream_of_gaps_stops_until_they_are_accepted_as_lost(nation: Nation) -> None:
    messages = every_other(OPEN_GAPS + 5)
    others = one_day(3, NEIGHBOUR).messages
    taken = await nation.take([*messages, *others])
    assert list(taken.stopped) == [TOPIC]
    assert f"accept-loss {SITE} ticketing" in taken.stopped[TOPIC]
    assert len(await nation.rows("gaps")) == OPEN_GAPS
    assert await highest(nation) == 2 * OPEN_GAPS + 1
    assert sum(taken.stored.values()) == OPEN_GAPS + 1 + len(others)
    assert (await nation.take(messages)).stored == {}
    await nation.alter("let_stops_pass", timedelta(days=1))
    assert list((await nation.take(messages)).stopped) == [TOPIC]
    (stop,) = await stops.stopped(nation.pool)
    assert (stop.topic, stop.cause, stop.due) == (TOPIC, "gaps", False)
    assert await nation.check() == []
    finding = Finding("the disk of the old server", local(DAY, 9, 0))
    done = await vacancies.accept_loss(nation.pool, STREAM, finding)
    assert done == (OPEN_GAPS, OPEN_GAPS)
    assert await nation.rows("gaps") == []
    taken = await nation.take(messages)
    assert (taken.stopped, taken.stored) == ({}, {"ticketing": 5})
    assert await nation.check() == []
    with pytest.raises(ValueError, match="no missing numbers"):
        await vacancies.accept_loss(nation.pool, StreamKey(NEIGHBOUR, "ticketing"), finding)


async def test_what_was_given_up_as_lost_and_comes_all_the_same_is_taken(nation: Nation) -> None:
    messages = visits_apart(20)
    await nation.take([*messages[:3], *messages[15:]])
    finding = Finding("lost", local(DAY, 9, 0))
    assert await vacancies.accept_loss(nation.pool, STREAM, finding) == (1, 12)
    assert await nation.check() == []
    await nation.take([messages[5], messages[9], messages[3], messages[14]])
    rows = await nation.rows("vacancies")
    assert [(row["first"], row["last"]) for row in rows] == [(5, 5), (7, 9), (11, 14)]
    assert {(row["reason"], row["finding"]) for row in rows} == {("lost", "lost")}
    assert await nation.check() == []
    await nation.take(messages)
    assert await nation.rows("vacancies") == []
    assert await nation.check() == []
    await nation.rebuild()
    assert await nation.check() == []


async def test_a_jump_of_numbers_is_one_gap(nation: Nation) -> None:
    messages = visits_apart(3)
    far = altered(messages[2], streamseq=2**53 - 1)
    taken = await nation.take([*messages[:2], far])
    assert (taken.gaps_opened, taken.stopped) == (1, {})
    await vacancies.accept_loss(nation.pool, STREAM, Finding("none", local(DAY, 9, 0)))
    assert await nation.check() == []


async def test_gaps_are_counted_over_all_epochs(nation: Nation) -> None:
    messages = visits_apart(2 * OPEN_GAPS + 10)
    half = [altered(m, streamepoch=2) for m in messages[1 : OPEN_GAPS + 1 : 2]]
    await nation.take([*half, *messages[1 : OPEN_GAPS + 1 : 2]])
    assert len(await nation.rows("gaps")) == OPEN_GAPS
    third = altered(messages[1], streamepoch=3, id="01890a5d-ac96-774b-bcce-b302099a8057")
    taken = await nation.take([third])
    assert list(taken.stopped) == [TOPIC]
    assert len(await nation.rows("gaps")) == OPEN_GAPS


def test_admission_with_many_gaps_costs_little() -> None:
    """A thousand gaps and 4,000 messages: a second at most where it was minutes."""
    run = EpochKey(SITE, "ticketing", 1)
    mark = Watermark(10**6, tuple(Gap(n, n) for n in range(1000, 1000 + 2 * OPEN_GAPS, 2)))
    found = sort(visits_apart(4000)).found
    began = time.process_time()
    stored = {arrival.key: arrival.header.id for arrival in sort(visits_apart(4000)).arrivals}
    known = known_before(found, {run: mark})
    admission = admit(found, {run: mark}, stored, {STREAM: OPEN_GAPS})
    assert time.process_time() - began < 1.5
    assert len(known) == admission.duplicates == 4000 - OPEN_GAPS
    assert admission.watermarks == {run: Watermark(10**6)}


def test_a_range_of_numbers_arrives_at_once() -> None:
    moving = Moving(Watermark(20, (Gap(2, 4), Gap(6, 9), Gap(15, 18))))
    moving.admit(3, 16)
    assert moving.mark() == Watermark(20, (Gap(2, 2), Gap(17, 18)))
    moving.admit(25, 30)
    assert moving.mark() == Watermark(30, (Gap(2, 2), Gap(17, 18), Gap(21, 24)))


async def test_watermarks_are_what_the_database_says_after_a_failed_batch(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of them is kept in memory: after a rollback the same events are new again, with the
    gaps that they had."""
    messages = visits_apart(30)
    await nation.take(messages[:10])

    async def fail(*_: object) -> None:
        raise OSError("the last statement failed")

    with monkeypatch.context() as patched:
        patched.setattr(rollup_store, "apply", fail)
        for batch in (messages[10:20], messages[22:]):
            with pytest.raises(OSError, match="last statement"):
                await nation.take(batch)
    assert (await highest(nation), len(await nation.rows("events"))) == (10, 10)
    taken = await nation.take(messages[12:])
    assert taken.stored == {"ticketing": 18}
    assert (taken.gaps_opened, taken.duplicates) == (1, 0)
    (gap,) = await nation.rows("gaps")
    assert (gap["first"], gap["last"]) == (11, 12)
    assert (await nation.take(messages[10:12])).stored == {"ticketing": 2}
    assert await nation.rows("gaps") == []
    assert await nation.check() == []


async def test_any_detail_can_be_kept(nation: Nation) -> None:
    """Whatever a refusal says of a message, the refusal itself can be stored and printed."""
    details = [*nasty.TEXTS.values(), "\x00", "\ud800", "x" * 10_000]
    refusals = [
        Refusal(Message(TOPIC, 0, offset, b"x"), Reason.POISON, detail)
        for offset, detail in enumerate(details)
    ]
    async with nation.pool.acquire() as connection, connection.transaction():
        await quarantine.keep(connection, refusals)
    rows = await nation.rows("quarantined")
    assert len(rows) == len(details)
    assert all(row["detail"].isprintable() and len(row["detail"]) <= 500 for row in rows)
