"""A crash is resumed, a restored database is recognised."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.stream.resume import LostDay, Place, Restored, Retreat, Sent, TopicEnd, resume

DAY = date(2026, 3, 16)


def place(sequence: int, event: int | None = None) -> Place:
    return Place(1, sequence, UUID(int=event or sequence))


def sent(sequence: int) -> Sent:
    return Sent(sequence, place(sequence))


NOTHING = Sent(0, None)


def test_a_first_start_begins_at_the_beginning() -> None:
    assert resume(NOTHING, TopicEnd(None, ever_written=False), None) == NOTHING


def test_an_acknowledgement_lost_in_a_crash_moves_the_cursor_on() -> None:
    assert resume(sent(3), TopicEnd(place(5), ever_written=True), sent(5)) == sent(5)


def test_events_the_broker_lost_are_sent_again() -> None:
    assert resume(sent(9), TopicEnd(place(5), ever_written=True), sent(5)) == sent(5)


def test_a_topic_that_never_held_anything_gets_everything() -> None:
    assert resume(sent(9), TopicEnd(None, ever_written=False), None) == NOTHING


def test_a_topic_emptied_by_retention_changes_nothing() -> None:
    assert resume(sent(9), TopicEnd(None, ever_written=True), None) == sent(9)


def test_a_row_dropped_from_the_outbox_is_known_by_the_cursor() -> None:
    assert resume(sent(9), TopicEnd(place(9), ever_written=True), None) == sent(9)


def test_a_database_that_lacks_the_newest_event_was_restored() -> None:
    with pytest.raises(Restored, match="sequence 5"):
        resume(sent(3), TopicEnd(place(5), ever_written=True), None)


def test_a_database_that_used_the_number_again_was_restored() -> None:
    twin = Sent(5, place(5, event=99))
    with pytest.raises(Restored):
        resume(sent(3), TopicEnd(place(5), ever_written=True), twin)


NOTICED = date(2026, 5, 1)


@given(st.data())
def test_a_retreat_finds_exactly_what_was_lost(data: st.DataObject) -> None:
    """Of a topic in which runs of old events were sent again at any time."""
    count = data.draw(st.integers(1, 40), label="events")
    held = data.draw(st.integers(0, count - 1), label="held by the backup")
    topic: list[int] = []
    for number in range(1, count + 1):
        topic.append(number)
        if data.draw(st.integers(0, 4)) == 0:
            first = data.draw(st.integers(1, number))
            topic += [*range(first, data.draw(st.integers(first, number)) + 1), number]
    ids = {number: UUID(int=number) for number in topic}
    retreat = Retreat()
    for number in reversed(topic):
        place = Place(1, number, ids[number])
        if number <= held and data.draw(st.booleans(), label="its number is forged"):
            retreat.meet(Place(1, number, uuid4()), DAY, closes=True, held=False)
        if retreat.meet(place, DAY, closes=number == count, held=number <= held):
            break
    lost = retreat.lost(NOTICED)
    assert lost.after == (Place(1, held, ids[held]) if held else None)
    assert lost.newest == Place(1, count, ids[count])
    assert lost.days == {DAY: LostDay(count - held, closed=True)}


def test_a_retreat_crosses_what_was_lost_before() -> None:
    """A database restored twice to the same backup: the topic holds two lives of it, and an event
    that both hold was sent again in the second."""
    retreat = Retreat()
    topic = [(2, 2), (1, 4), (2, 1), (1, 6), (1, 5), (1, 4), (1, 3)]
    enough = [
        retreat.meet(Place(*at, UUID(int=n)), DAY, closes=False, held=at < (1, 5))
        for n, at in enumerate(topic)
    ]
    assert not any(enough), "no event tells how far the first epoch went"
    lost = retreat.lost(NOTICED)
    assert lost.events == 4
    assert lost.after is not None
    assert (lost.after.epoch, lost.after.sequence) == (1, 4)


def test_a_retreat_stops_as_soon_as_no_number_is_missing_between() -> None:
    """It need not read a topic of months."""
    retreat = Retreat()
    enough = [
        retreat.meet(place(number), DAY, closes=False, held=number <= 3)
        for number in (6, 5, 2, 4, 3)
    ]
    assert enough == [False, False, False, False, True]
    assert retreat.lost(NOTICED).events == 3


def test_a_retreat_from_an_empty_topic_has_lost_nothing_to_tell_of() -> None:
    with pytest.raises(ValueError, match=r"^the topic holds no event$"):
        Retreat().lost(NOTICED)


def test_a_lost_event_without_a_day_counts_to_the_newest_that_has_one() -> None:
    retreat = Retreat()
    for number, day in ((5, None), (4, DAY), (3, None)):
        retreat.meet(Place(1, number, uuid4()), day, closes=False, held=False)
    assert retreat.lost(NOTICED).days == {DAY: LostDay(3, closed=False)}
    undated = Retreat()
    undated.meet(Place(1, 5, uuid4()), None, closes=False, held=False)
    assert undated.lost(NOTICED).days == {NOTICED: LostDay(1, closed=False)}


def test_an_event_with_the_number_of_a_held_one_is_not_lost() -> None:
    """Somebody with the site's password wrote it, before or behind the real one."""
    retreat = Retreat()
    retreat.meet(Place(2, 1, uuid4()), DAY, closes=False, held=False)
    for held in (False, True, False):
        retreat.meet(Place(1, 4, uuid4()), DAY, closes=True, held=held)
    assert retreat.lost(NOTICED).days == {DAY: LostDay(1, closed=False)}


def test_a_hole_below_what_both_hold_is_nothing_lost_above_it() -> None:
    retreat = Retreat()
    enough = [
        retreat.meet(place(number), DAY, closes=False, held=number == 3) for number in (4, 2, 3)
    ]
    assert enough == [False, False, True]
