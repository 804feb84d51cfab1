"""What the centre says to a site, on the site's inbox topic. A site never depends on it."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from libs.events.codes import Stream
from libs.events.durations import Instant
from libs.events.envelope import DataSchema, StreamEpoch, StreamSequence
from libs.events.payloads import Payload

CENTRE = "/centre"


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


class InboxMessage(BaseModel):
    """A message of the centre as it travels: a CloudEvent outside every stream."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    specversion: Literal["1.0"]
    id: UUID
    source: Literal["/centre"]
    type: Literal["inbox.resend.v1"]
    time: Instant
    datacontenttype: Literal["application/json"]
    dataschema: DataSchema
    data: ResendAsked


INBOX: TypeAdapter[InboxMessage] = TypeAdapter(InboxMessage)


class NotForUs(ValueError):
    """A message that this release does not know, or that nobody at the centre wrote."""


def inbox_message(id_: UUID, time: Instant, data: ResendAsked) -> InboxMessage:
    """What the centre says at ``time``."""
    return InboxMessage(
        specversion="1.0",
        id=id_,
        source=CENTRE,
        type="inbox.resend.v1",
        time=time,
        datacontenttype="application/json",
        dataschema=f"urn:saduak:event:{data.TYPE}",
        data=data,
    )


def read_inbox(raw: bytes) -> InboxMessage:
    """The message in ``raw``; raises :class:`NotForUs`, whose text names fields, no values."""
    try:
        return INBOX.validate_json(raw)
    except ValidationError as error:
        names = {".".join(map(str, detail["loc"])) or "message" for detail in error.errors()}
        raise NotForUs(", ".join(sorted(names))) from None
