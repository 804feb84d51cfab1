"""What the centre says to a site, on the site's inbox topic. A site never depends on it."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from libs.events.bounds import CENTRE_VALUE_BYTES
from libs.events.codes import Stream
from libs.events.envelope import DataSchema, StreamEpoch, StreamSequence
from libs.events.json_rules import Unruly, read_message
from libs.events.moments import Instant
from libs.events.payloads import Payload
from libs.events.texts import is_document, is_plain

CENTRE = "/centre"
NOTICE_LENGTH = 500
"""Characters of a notice, in each language."""
WORD_BREAK = "\u200b"
"""Thai is broken into lines at this invisible space."""


class ResendAsked(Payload):
    """Events of a stream have not come although later ones have: send them again."""

    TYPE: ClassVar[str] = "inbox.resend.v1"

    stream: Stream
    epoch: StreamEpoch
    first: StreamSequence
    last: StreamSequence
    """Inclusive."""

    @model_validator(mode="after")
    def _in_order(self) -> "ResendAsked":
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


def one_line(text: str) -> str:
    """``text`` itself; raises ValueError where it is blank or holds more than plain characters:
    line breaks, signs that are not seen and turn the direction of others, letters under a heap of
    marks."""
    seen = text.replace(WORD_BREAK, "")
    if not seen.strip() or not is_plain(seen):
        raise ValueError("not one line of plain text")
    return text


NoticeText = Annotated[
    str, StringConstraints(min_length=1, max_length=NOTICE_LENGTH), AfterValidator(one_line)
]


class NoticeGiven(Payload):
    """Something for the staff of the site to read. What the centre says may hold text; no site
    ever sends any."""

    TYPE: ClassVar[str] = "inbox.notice.v1"

    notice: UUID
    """Given again, it is the same notice."""
    th: NoticeText
    en: NoticeText
    until: Instant
    """When it is shown no more."""


class NoticeWithdrawn(Payload):
    """A notice that holds no longer."""

    TYPE: ClassVar[str] = "inbox.withdrawal.v1"

    notice: UUID


class _Message(BaseModel):
    """A message of the centre as it travels: a CloudEvent outside every stream."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    specversion: Literal["1.0"]
    id: UUID
    source: Literal["/centre"]
    time: Instant
    datacontenttype: Literal["application/json"]
    dataschema: DataSchema


class ResendMessage(_Message):
    """Asks for events."""

    type: Literal["inbox.resend.v1"]
    data: ResendAsked


class NoticeMessage(_Message):
    """Brings a notice."""

    type: Literal["inbox.notice.v1"]
    data: NoticeGiven


class WithdrawalMessage(_Message):
    """Takes a notice back."""

    type: Literal["inbox.withdrawal.v1"]
    data: NoticeWithdrawn


Said: TypeAlias = ResendAsked | NoticeGiven | NoticeWithdrawn
InboxMessage: TypeAlias = ResendMessage | NoticeMessage | WithdrawalMessage
MESSAGES: dict[type[Payload], type[InboxMessage]] = {
    ResendAsked: ResendMessage,
    NoticeGiven: NoticeMessage,
    NoticeWithdrawn: WithdrawalMessage,
}
INBOX: TypeAdapter[InboxMessage] = TypeAdapter(Annotated[InboxMessage, Field(discriminator="type")])


class NotForUs(ValueError):
    """A message that this release does not know, or that nobody at the centre wrote."""


def inbox_message(id_: UUID, time: datetime, data: Said) -> InboxMessage:
    """What the centre says at ``time``."""
    return INBOX.validate_python(
        {
            "specversion": "1.0",
            "id": id_,
            "source": CENTRE,
            "type": data.TYPE,
            "time": time,
            "datacontenttype": "application/json",
            "dataschema": f"urn:saduak:event:{data.TYPE}",
            "data": data,
        }
    )


def read_inbox(raw: bytes) -> InboxMessage:
    """The message in ``raw``; raises :class:`NotForUs`, whose text names fields, no values."""
    try:
        return read_message(INBOX, raw, CENTRE_VALUE_BYTES, is_document)
    except Unruly as fault:
        raise NotForUs(str(fault)) from None
