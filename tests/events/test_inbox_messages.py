"""What the centre says on a site's inbox reads as it was said."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from libs.events.inbox import (
    NoticeGiven,
    NoticeWithdrawn,
    Said,
    inbox_message,
    one_line,
    read_inbox,
)
from libs.events.texts import is_document

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        NoticeGiven(notice=UUID(int=7), th="ปิด", en="Closed", until=NOON + timedelta(days=1)),
        NoticeWithdrawn(notice=UUID(int=7)),
    ],
)
def test_a_message_of_the_centre_is_read_as_it_was_said(said: Said) -> None:
    message = inbox_message(UUID(int=1), NOON, said)
    assert message.model_dump(exclude={"data"}) == {
        "specversion": "1.0",
        "id": UUID(int=1),
        "source": "/centre",
        "type": said.TYPE,
        "time": NOON,
        "datacontenttype": "application/json",
        "dataschema": f"urn:saduak:event:{said.TYPE}",
    }
    assert read_inbox(message.model_dump_json().encode()) == message
    assert message.data == said


@pytest.mark.parametrize(
    "text", ["", " \u200b ", "a\nb", "e" + "\u0301" * 3 + "\u200b" + "\u0301" * 2]
)
def test_a_notice_is_one_line_of_plain_text(text: str) -> None:
    """Where a word may break is no place where marks begin anew."""
    with pytest.raises(ValueError, match=r"^not one line of plain text$"):
        one_line(text)


def test_a_notice_may_say_where_a_word_breaks() -> None:
    assert one_line("ปิด\u200bทำการ") == "ปิด\u200bทำการ"


def test_a_document_may_have_lines_and_no_marks_heaped_over_their_ends() -> None:
    assert is_document("ก\u0e49\nข\tค\r\n")
    assert not is_document("e" + "\u0301" * 3 + "\n" + "\u0301" * 2)
