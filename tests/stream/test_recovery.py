"""A crash is resumed, a restored database is recognised."""

from uuid import UUID

import pytest

from libs.stream.recovery import Place, Restored, Sent, TopicEnd, resume


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
