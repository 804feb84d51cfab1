"""The CloudEvents 1.0 envelope that every event travels in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from libs.events.codes import Origin, Stream
from libs.events.durations import Instant
from libs.events.payloads import Payload

T = TypeVar("T", bound=str)
D = TypeVar("D", bound=Payload)

Source = Annotated[
    str, StringConstraints(pattern=r"^/sites/[a-z]{3}-[a-z0-9]{2,4}/(ticketing|feedback)$")
]
DataSchema = Annotated[
    str, StringConstraints(pattern=r"^urn:saduak:event:[a-z]+(\.[a-z]+){1,3}\.v[0-9]{1,3}$")
]
StreamEpoch = Annotated[int, Field(ge=1, le=2**31 - 1)]
StreamSequence = Annotated[int, Field(ge=1, le=2**53 - 1)]


class Header(BaseModel):
    """The envelope without its data: what can be read of a type that is not known."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    specversion: Literal["1.0"]
    id: UUID
    """UUIDv7, unique in the nation for ever."""
    source: Source
    type: Annotated[
        str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+){1,3}\.v[0-9]{1,3}$", max_length=60)
    ]
    subject: UUID | None = None
    """The visit or the response; absent for the day and the counters."""
    time: Instant
    """When it happened: virtual in a replay or an import."""
    recordedtime: Instant
    """When the site recorded it, by the real clock."""
    serviceday: date
    origin: Origin
    streamepoch: StreamEpoch
    streamseq: StreamSequence


class Envelope(Header, Generic[T, D]):
    """One event of a known type."""

    model_config = ConfigDict(extra="forbid")

    type: T  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]
    datacontenttype: Literal["application/json"]
    dataschema: DataSchema
    data: D


def source_of(site: str, stream: Stream) -> str:
    """The ``source`` of a site's stream."""
    return f"/sites/{site}/{stream}"


def rfc3339(moment: datetime) -> str:
    """``moment`` as the envelope writes it: UTC, microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the outbox knows of an event beside its data."""

    id: UUID
    type: str
    subject: UUID | None
    time: datetime
    recorded: datetime
    service_day: date
    origin: str
    epoch: int
    sequence: int


def render(source: str, stamp: Stamp, data: str) -> bytes:
    """The event as it is sent: ``data`` is the payload's JSON text, kept to the letter.

    Written by hand, since every value but ``data`` is of a form that needs no escaping and a
    backlog of months goes through here.
    """
    subject = f'"subject":"{stamp.subject}",' if stamp.subject else ""
    return (
        f'{{"specversion":"1.0","id":"{stamp.id}","source":"{source}","type":"{stamp.type}",'
        f'{subject}"time":"{rfc3339(stamp.time)}",'
        f'"recordedtime":"{rfc3339(stamp.recorded)}",'
        f'"serviceday":"{stamp.service_day}","origin":"{stamp.origin}",'
        f'"streamepoch":{stamp.epoch},"streamseq":{stamp.sequence},'
        f'"datacontenttype":"application/json","dataschema":"urn:saduak:event:{stamp.type}",'
        f'"data":{data}}}'
    ).encode()
