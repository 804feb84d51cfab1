"""The CloudEvents 1.0 envelope that every event travels in."""

from datetime import UTC, datetime, time
from typing import Annotated, Final, Generic, Literal, TypedDict, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from libs.events.bounds import EPOCH, LIVE, PAST, SEQUENCE, Span
from libs.events.codes import Origin, Stream
from libs.events.moments import Instant, PastInstant, PastServiceDay
from libs.events.payloads import Payload

T = TypeVar("T", bound=str)
D = TypeVar("D", bound=Payload)

Source = Annotated[
    str, StringConstraints(pattern=r"^/sites/[a-z]{3}-[a-z0-9]{2,4}/(ticketing|feedback)$")
]
DataSchema = Annotated[
    str, StringConstraints(pattern=r"^urn:saduak:event:[a-z]+(\.[a-z]+){1,3}\.v[0-9]{1,3}$")
]
StreamEpoch = Annotated[int, Field(ge=1, le=EPOCH)]
StreamSequence = Annotated[int, Field(ge=1, le=SEQUENCE)]

LIVE_DAY: Final = LIVE.first
LIVE_FROM: Final = datetime.combine(LIVE_DAY, time.min, UTC)
LOOKING_BACK: Final = frozenset({"visit.corrected", "day.resolved"})
"""What a supervisor says today of any service day, of an imported one too: types of any version."""


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
    time: PastInstant
    """When it happened: virtual in a replay or an import."""
    recordedtime: Instant
    """When the site recorded it, by the real clock."""
    serviceday: PastServiceDay
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


class SubjectEnvelope(Envelope[T, D]):
    """An event about one visit or one response, which ``subject`` names."""

    subject: UUID  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]


class DayEnvelope(Envelope[T, D]):
    """An event about the service day or a counter, which has no subject."""

    subject: None = None  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]


H = TypeVar("H", bound=Header)


def of_its_time(header: H) -> H:
    """``header`` itself; raises PydanticCustomError where what happens now is said to have
    happened before it could: only an import speaks of the further past."""
    if header.time < LIVE_FROM and header.origin is not Origin.IMPORT:
        raise PydanticCustomError("time_out_of_span", "time is of the past, and no import")
    if header.serviceday < LIVE_DAY and not _looks_back(header.type, header.origin):
        raise PydanticCustomError("serviceday_out_of_span", "serviceday is of the past")
    return header


def _looks_back(type_: str, origin: Origin) -> bool:
    return origin is Origin.IMPORT or type_.rpartition(".")[0] in LOOKING_BACK


def span_of(origin: Origin) -> Span:
    """In which days an event of ``origin`` may happen."""
    return PAST if origin is Origin.IMPORT else LIVE


def day_span_of(type_: str, origin: Origin) -> Span:
    """In which days an event of a type and version may count."""
    return PAST if _looks_back(type_, origin) else LIVE


def source_of(site: str, stream: Stream) -> str:
    """The ``source`` of a site's stream."""
    return f"/sites/{site}/{stream}"


class Numbered(TypedDict):
    """An event as its outbox keeps it, every value as the envelope writes it."""

    id: str
    type: str
    subject: str | None
    time: str
    recorded: str
    service_day: str
    origin: str
    epoch: int
    sequence: int
    data: str
    """The payload's JSON text."""


def render(source: str, event: Numbered) -> bytes:
    """The event as it is sent.

    Written by hand, since no value but ``data``, which is JSON already, can need escaping, and
    a backlog of months goes through here.
    """
    subject = f'"subject":"{event["subject"]}",' if event["subject"] else ""
    return (
        f'{{"specversion":"1.0","id":"{event["id"]}","source":"{source}",'
        f'"type":"{event["type"]}",{subject}'
        f'"time":"{event["time"]}","recordedtime":"{event["recorded"]}",'
        f'"serviceday":"{event["service_day"]}","origin":"{event["origin"]}",'
        f'"streamepoch":{event["epoch"]},"streamseq":{event["sequence"]},'
        f'"datacontenttype":"application/json",'
        f'"dataschema":"urn:saduak:event:{event["type"]}","data":{event["data"]}}}'
    ).encode()
