"""What the centre says on a site's inbox reads as it was said."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from libs.events.inbox import NoticeGiven, NoticeWithdrawn, Said, inbox_message, read_inbox

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
