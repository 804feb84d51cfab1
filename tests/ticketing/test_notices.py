"""What the centre wants the staff to read, at a site."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from libs.events.inbox import InboxMessage, NoticeGiven, NoticeWithdrawn, inbox_message
from services.ticketing import reads
from services.ticketing.office import Office
from services.ticketing.usecases.notices import hear
from tests.ticketing.offices import MORNING, SetClock

EVENING = MORNING + timedelta(hours=8)


def given(text: str, time: datetime = MORNING, until: datetime = EVENING) -> InboxMessage:
    notice = NoticeGiven(notice=uuid4(), th=f"{text} ไทย", en=text, until=until)
    return inbox_message(uuid4(), time, notice)


def number(message: InboxMessage) -> UUID:
    assert isinstance(message.data, NoticeGiven)
    return message.data.notice


async def shown(office: Office) -> list[str]:
    return [one.text_en for one in await reads.notices(office)]


async def test_a_notice_is_shown_until_it_is_over(office: Office, clock: SetClock) -> None:
    await hear(office, given("power cut at noon"))
    await hear(office, given("training on Friday", until=EVENING + timedelta(days=3)))
    assert set(await shown(office)) == {"power cut at noon", "training on Friday"}
    [first, _] = await reads.notices(office)
    assert (first.text_th, first.given_at) == (f"{first.text_en} ไทย", MORNING)
    clock.moment = EVENING
    assert await shown(office) == ["training on Friday"]


async def test_what_comes_twice_is_one_notice(office: Office) -> None:
    """The inbox may be read again from before the last start."""
    notice = given("the broker moves tonight")
    withdrawn = inbox_message(uuid4(), MORNING, NoticeWithdrawn(notice=number(notice)))
    for _ in range(2):
        await hear(office, notice)
        await hear(office, notice)
        assert len(await shown(office)) == 1
        await hear(office, withdrawn)
        assert await shown(office) == []


async def test_many_notices_leave_room_for_the_queue(office: Office) -> None:
    for minute in range(9):
        await hear(office, given(f"notice {minute}", MORNING + timedelta(minutes=minute)))
    assert await shown(office) == [f"notice {minute}" for minute in (8, 7, 6, 5, 4)]
