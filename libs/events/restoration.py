"""What a site says after its database was restored from a backup. Both streams have these."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from libs.events.bounds import EPOCH, SEQUENCE
from libs.events.codes import Count
from libs.events.payloads import Payload


class ResolutionReason(StrEnum):
    """What a supervisor found out of a day whose records were lost."""

    CHECKED = "checked"
    """The centre's copy agrees with what the office remembers."""
    REPEATED = "repeated"
    """Tickets were issued again: some visitors stand in the centre's copy twice."""
    UNKNOWN = "unknown"
    """Nothing more can be found out."""


class StreamRestored(Payload):
    """The site's database was restored: it lost events that it had sent.

    Lost are the events of earlier epochs after the place named here. What was written since the
    restore has this event's own epoch, from sequence 1.
    """

    TYPE: ClassVar[str] = "stream.restored.v1"

    after_epoch: Annotated[int, Field(ge=0, le=EPOCH)]
    """The newest event that both sides hold; 0 where there is none."""
    after_sequence: Annotated[int, Field(ge=0, le=SEQUENCE)]
    lost: Count


class DayResolved(Payload):
    """A supervisor has looked into a day whose records were lost: its figures stand as the
    centre has them."""

    TYPE: ClassVar[str] = "day.resolved.v1"

    reason: ResolutionReason
