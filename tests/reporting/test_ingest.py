"""Batches of messages on a real database."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

from libs.events.catalogue import Unknown, read
from libs.events.codes import Outcome
from libs.events.responses import FeedbackGiven, FeedbackGivenV2
from services.reporting.ingest import rollup_store
from services.reporting.ingest.batch import StandardsChanged
from services.reporting.ingest.messages import Reason
from services.reporting.ingest.readability import INVALID_AT_MOST
from tests.reporting.nation import Nation
from tests.reporting.streams import Message, SiteStreams, local, played

SITE = "pjo-50"
DAY = date(2026, 3, 2)
TOPIC = f"site.{SITE}.ticketing"


def one_day(visits: int = 12, corrections: int = 0, seed: int = 1) -> SiteStreams:
    streams = SiteStreams(SITE, seed)
    streams.play(DAY, visits, corrections)
    return streams


def altered(message: Message, **changed: object) -> Message:
    """The message with other values in its envelope; None takes one out."""
    assert message.value is not None
    envelope = json.loads(message.value) | changed
    kept = {name: value for name, value in envelope.items() if value is not None}
    return message._replace(value=json.dumps(kept).encode())


async def test_a_day_becomes_complete(nation: Nation) -> None:
    streams = one_day(40, corrections=3)
    await nation.take_all(streams.messages)
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}
    (compared,) = await nation.rows("compared")
    assert compared["totals"] > 50
    assert compared["differing"] == 0
    (summed,) = await nation.rows("summed")
    assert summed["steps"] == summed["visits"] == 40
    assert summed["offers"] == len(streams.offered[DAY])
    assert summed["responses"] == len(streams.answered[DAY])
    (row,) = await nation.rows("states")
    assert (row["ticketing_revision"], row["feedback_revision"]) == (4, 1)


async def test_messages_are_stored_to_the_letter(nation: Nation) -> None:
    streams = one_day(5)
    await nation.take(streams.messages)
    stored = {row["envelope"].encode() for row in await nation.rows("messages")}
    assert stored == {message.value for message in streams.messages}


async def test_the_same_again_changes_nothing(nation: Nation) -> None:
    messages = one_day().messages
    await nation.take_all(messages)
    before = [list(await nation.rows(name)) for name in ("steps", "responses", "streams", "summed")]
    taken = await nation.take([*messages, *messages])
    assert taken.duplicates == 2 * len(messages)
    assert not taken.stored
    after = [list(await nation.rows(name)) for name in ("steps", "responses", "streams", "summed")]
    assert after == before


async def test_a_message_twice_in_one_batch_counts_once(nation: Nation) -> None:
    messages = one_day().messages
    taken = await nation.take([message for message in messages for _ in range(2)])
    assert sum(taken.stored.values()) == taken.duplicates == len(messages)
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}


async def test_a_missing_number_is_a_gap_that_blocks_nothing_and_is_filled(
    nation: Nation,
) -> None:
    messages = one_day(20).messages
    late = [messages[7], messages[8], messages[20]]
    taken = await nation.take([message for message in messages if message not in late])
    assert taken.gaps_opened == 2
    gaps = await nation.rows("gaps")
    assert [(gap["first"], gap["last"]) for gap in gaps] == [(8, 9), (21, 21)]
    assert await nation.states() == {
        (SITE, "2026-03-02"): ("arriving", "ticketing_numbers_missing")
    }
    first = await nation.take([late[1]])
    assert (first.gaps_opened, first.gaps_closed) == (1, 1)
    (kept,) = [gap for gap in await nation.rows("gaps") if gap["first"] == 21]
    assert kept["noticed_at"] == gaps[1]["noticed_at"]
    await nation.take([late[2], late[0]])
    assert await nation.rows("gaps") == []
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}
    assert await nation.check() == []


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_arrival_gives_the_same_figures(nation: Nation, seed: int) -> None:
    streams = one_day(15, corrections=2)
    messages = streams.messages
    Random(seed).shuffle(messages)
    await nation.take_all(messages, size=9)
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}
    assert await nation.check() == []


async def test_another_event_at_a_known_place_is_a_fork(nation: Nation) -> None:
    messages = one_day(3).messages
    fork = altered(messages[4], id="01890a5d-ac96-774b-bcce-b302099a8057")
    await nation.take(messages[:10])
    taken = await nation.take([fork, messages[10]])
    assert taken.refused == {Reason.FORK: 1}
    assert sum(taken.stored.values()) == 1
    (row,) = await nation.rows("quarantined")
    assert row["reason"] == "fork"
    assert row["raw"] == fork.value
    assert "sequence 5" in row["detail"]
    within = altered(messages[12], id="01890a5d-ac96-774b-bcce-b302099a8058")
    taken = await nation.take([messages[11], messages[12], within])
    assert taken.refused == {Reason.FORK: 1}


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\xff no JSON",
        b'{"specversion":"1.0"}',
        b"",
        None,
        '{"name":"สมชาย"}'.encode(),
    ],
)
async def test_poison_is_kept_with_its_bytes(nation: Nation, raw: bytes | None) -> None:
    messages = one_day(2).messages
    poison = Message(TOPIC, 0, 77, raw)
    taken = await nation.take([poison, *messages])
    assert taken.refused == {Reason.POISON: 1}
    again = await nation.take([poison])
    assert again.refused == {}
    (row,) = await nation.rows("quarantined")
    assert (row["topic"], row["offset"], row["raw"]) == (TOPIC, 77, raw or b"")
    assert "สมชาย" not in row["detail"]
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}


async def test_a_moment_outside_the_calendar_is_poison(nation: Nation) -> None:
    message = altered(one_day(1).messages[0], time="0001-01-01T00:00:00+14:00")
    assert (await nation.take([message])).refused == {Reason.POISON: 1}


async def test_a_site_speaks_for_itself_only(nation: Nation) -> None:
    foreign = SiteStreams("pjo-30", 1)
    foreign.play(DAY, 3)
    smuggled = [message._replace(topic=TOPIC) for message in foreign.ticketing.sent]
    taken = await nation.take([*smuggled, *one_day(3).messages])
    assert taken.refused == {Reason.FOREIGN_SOURCE: len(smuggled)}
    assert {row["site"] for row in await nation.rows("events")} == {SITE}
    details = {row["detail"] for row in await nation.rows("quarantined")}
    assert details == {f"the source is /sites/pjo-30/ticketing, the topic {TOPIC}"}


async def test_a_type_of_the_other_service_is_refused(nation: Nation) -> None:
    message = one_day(1).ticketing.sent[0]
    wrong = altered(message, source=f"/sites/{SITE}/feedback")
    taken = await nation.take([wrong._replace(topic=f"site.{SITE}.feedback")])
    assert taken.refused == {Reason.FOREIGN_TYPE: 1}


async def test_an_unknown_type_is_held_and_its_number_counts(nation: Nation) -> None:
    messages = one_day(4).messages
    unknown = altered(
        messages[9],
        type="visit.teleported.v1",
        dataschema="urn:saduak:event:visit.teleported.v1",
        data={"step": 1},
        id="01890a5d-ac96-774b-bcce-b302099a8059",
    )
    taken = await nation.take([*messages[:9], unknown, *messages[10:]])
    assert taken.held == 1
    held = [row for row in await nation.rows("events") if row["held"]]
    assert [(row["type"], row["sequence"]) for row in held] == [("visit.teleported.v1", 10)]
    assert await nation.rows("gaps") == []
    assert await nation.check() == []


async def test_an_answer_given_twice_counts_once_the_earliest(nation: Nation) -> None:
    streams = SiteStreams(SITE, 3)
    reference = "ab" * 16
    for minute in range(3):
        streams.answer(DAY, "INF", local(DAY, 10, minute), reference)
    first, second, third = streams.feedback.sent
    for batch in ([third], [second], [first]):
        await nation.take(batch)
        (response,) = await nation.rows("responses")
        (summed,) = await nation.rows("summed")
        assert summed["responses"] == 1
    assert (response["epoch"], response["sequence"]) == (1, 1)
    assert await nation.check() == []


async def test_two_epochs_are_two_runs_of_numbers(nation: Nation) -> None:
    streams = SiteStreams(SITE, 4)
    streams.open(DAY)
    streams.serve(DAY, 6)
    streams.ticketing.restore()
    streams.close(DAY)
    await nation.take_all(streams.messages[::-1], size=7)
    numbers = {
        (row["stream"], row["epoch"]): row["highest"] for row in await nation.rows("streams")
    }
    assert numbers[("ticketing", 2)] == 3
    assert set(numbers) == {("ticketing", 1), ("ticketing", 2), ("feedback", 1)}
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}
    assert await nation.check() == []


async def test_rows_that_count_nothing_any_more_are_gone(nation: Nation) -> None:
    streams = one_day(1)
    streams.visits[DAY][0].outcome = Outcome.SERVED
    await nation.take_all(streams.messages)
    streams.services = ("WIT",)
    while streams.visits[DAY][0].service != "WIT":
        streams.correct(DAY)
    await nation.take_all(streams.messages)
    assert [row["empty"] for row in await nation.rows("empty_rows")] == [0]
    assert await nation.check() == []


async def test_days_stand_where_their_manifests_say(nation: Nation) -> None:
    streams = SiteStreams(SITE, 5)
    streams.open(DAY)
    await nation.take_all(streams.messages)
    assert await nation.states() == {(SITE, "2026-03-02"): ("open", None)}
    streams.serve(DAY, 4)
    streams.close(DAY)
    *before, ticketing_manifest = streams.ticketing.sent
    await nation.take([*before, ticketing_manifest])
    assert await nation.states() == {
        (SITE, "2026-03-02"): ("arriving", "feedback_manifest_missing")
    }
    await nation.take(streams.feedback.sent)
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}
    streams.correct(DAY)
    correction, revision = streams.ticketing.sent[-2:]
    await nation.take([correction])
    assert await nation.states() == {(SITE, "2026-03-02"): ("arriving", "ticketing_revision_due")}
    await nation.take([revision])
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}
    miscounted = altered(revision, streamseq=len(streams.ticketing.sent) + 1, id=str(UUID(int=9)))
    assert miscounted.value is not None
    wrong = miscounted.value.replace(b'"visits": 4', b'"visits": 5').replace(
        b'"revision": 2', b'"revision": 3'
    )
    await nation.take([miscounted._replace(value=wrong)])
    assert await nation.states() == {(SITE, "2026-03-02"): ("disputed", "totals_differ")}


async def test_a_failed_batch_leaves_nothing(
    nation: Nation, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = one_day(6).messages

    async def fail(*_: object) -> None:
        raise OSError("the last statement failed")

    with monkeypatch.context() as patched:
        patched.setattr(rollup_store, "apply", fail)
        with pytest.raises(OSError, match="last statement"):
            await nation.take(messages)
    for name in ("events", "steps", "responses", "streams", "gaps", "states"):
        assert await nation.rows(name) == []
    await nation.take(messages)
    assert len(await nation.rows("events")) == len(messages)
    assert await nation.states() == {(SITE, "2026-03-02"): ("complete", None)}
    assert await nation.check() == []


def answers_in(messages: Sequence[Message]) -> list[FeedbackGiven]:
    found: list[FeedbackGiven] = []
    for message in messages:
        event = read(message.value or b"")
        if not isinstance(event, Unknown) and isinstance(event.data, FeedbackGiven):
            found.append(event.data)
    return found


async def test_answers_of_this_release_and_of_the_one_before_count_alike(nation: Nation) -> None:
    """Who issued the ticket is counted of those that say it, and of none other."""
    streams = one_day(60)
    await nation.take_all(streams.messages)
    answers = answers_in(streams.feedback.sent)
    new = [one.staff_issued for one in answers if isinstance(one, FeedbackGivenV2)]
    assert len(new) < len(answers)
    assert {None, True, False} == set(new)
    (counted,) = await nation.rows("issuers")
    assert counted["responses"] == len(answers)
    assert counted["issuer_known"] == new.count(True) + new.count(False)
    assert counted["staff_issued"] == new.count(True)
    assert counted["cleaned_responses"] == sum(not one.screening for one in answers)
    assert set((await nation.states()).values()) == {("complete", None)}
    assert await nation.check() == []
    await nation.rebuild()
    assert (await nation.rows("issuers"))[0] == counted


def rubbish(count: int) -> Sequence[Message]:
    return [Message(TOPIC, 0, offset, b"rubbish") for offset in range(count)]


async def test_too_many_invalid_messages_stop_their_stream(nation: Nation) -> None:
    """And no other: neither the site's own second one, nor the neighbours'."""
    neighbour = SiteStreams("led-bkk4", 2)
    neighbour.play(date(2026, 3, 2), 3)
    ours = one_day(3)
    bad = rubbish(INVALID_AT_MOST + 1)
    taken = await nation.take([*bad, *ours.messages, *neighbour.messages])
    assert list(taken.stopped) == [TOPIC]
    invalid, whole = len(bad), len(bad) + len(ours.ticketing.sent)
    assert f"{invalid} of {whole} messages" in taken.stopped[TOPIC]
    assert "offset 0: poison" in taken.stopped[TOPIC]
    assert await nation.rows("quarantined") == []
    events = await nation.rows("events")
    assert len(events) == len(ours.feedback.sent) + len(neighbour.messages)
    taken = await nation.take(ours.messages)
    assert list(taken.stopped) == [TOPIC]  # until it is tried again
    assert taken.duplicates == len(ours.feedback.sent)
    await nation.alter("let_stops_pass", timedelta(minutes=10))
    taken = await nation.take(ours.messages)
    assert (taken.stopped, taken.duplicates) == ({}, len(ours.feedback.sent))
    assert taken.stored == {"ticketing": len(ours.ticketing.sent)}
    assert await nation.rows("stops") == []
    assert await nation.check() == []


async def test_some_invalid_messages_do_not(nation: Nation) -> None:
    taken = await nation.take(rubbish(INVALID_AT_MOST))
    assert taken.refused == {Reason.POISON: INVALID_AT_MOST}
    many = one_day(60).messages
    taken = await nation.take([*rubbish(INVALID_AT_MOST + 1), *many])
    assert sum(taken.stored.values()) == len(many)


async def test_figures_of_other_standards_are_not_mixed(nation: Nation) -> None:
    await nation.alter("put_other_standards_in_force")
    with pytest.raises(StandardsChanged, match="start it again"):
        await nation.take(one_day(2).messages)
    assert await nation.rows("events") == []


async def test_many_sites_and_days_in_one_batch(nation: Nation) -> None:
    days = [DAY + timedelta(days=offset) for offset in range(3)]
    messages = [m for s in played(["pjo-30", SITE, "moj-jsc"], days, 8) for m in s.messages]
    Random(2).shuffle(messages)
    await nation.take_all(messages, size=200)
    states = await nation.states()
    assert len(states) == 9
    assert set(states.values()) == {("complete", None)}
