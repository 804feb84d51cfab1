"""A site's signs of life: unnumbered, unstored, on a topic of their own."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from libs.events.bounds import SEQUENCE, VALUE_BYTES
from libs.events.codes import Count, RelayState, Stream, VersionCode
from libs.events.envelope import DataSchema, Source, StreamEpoch, source_of
from libs.events.json_rules import Unruly, read_message
from libs.events.moments import ClockInstant, Expiry
from libs.events.payloads import Payload

StandardsVersion = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$", max_length=12)]
"""The first twelve digits of a version of the standards."""


class SiteBeat(Payload):
    """A service of a site is alive; how its stream stands and what it runs on."""

    TYPE: ClassVar[str] = "site.beat.v1"

    stream: Stream
    epoch: StreamEpoch
    last_sequence: Annotated[int, Field(ge=0, le=SEQUENCE)]
    """The number of the newest event of this epoch; 0 before the first."""
    backlog: Count
    """Events that the broker has not acknowledged."""
    oldest_unsent: ClockInstant | None
    """When the oldest of them was recorded."""
    relay: RelayState
    version: VersionCode
    standards: StandardsVersion
    disk_free_percent: Annotated[int, Field(ge=0, le=100)]
    """Of the disk that the service works on."""
    certificate_until: Expiry | None
    """When the broker's certificate ends, as the site was shown it; null on a plain line."""


class Beat(BaseModel):
    """A beat as it travels: a CloudEvent outside every stream, so without a place in one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    specversion: Literal["1.0"]
    id: UUID
    source: Source
    type: Literal["site.beat.v1"]
    time: ClockInstant
    """By the site's clock; the broker's own stamp tells how wrong that is."""
    datacontenttype: Literal["application/json"]
    dataschema: DataSchema
    data: SiteBeat


BEAT = TypeAdapter(Beat)


class NoBeat(ValueError):
    """A message that is no beat this reader knows."""


def beat_of(site: str, id_: UUID, time: datetime, data: SiteBeat) -> Beat:
    """The beat of ``site`` with what it says."""
    return Beat(
        specversion="1.0",
        id=id_,
        source=source_of(site, data.stream),
        type="site.beat.v1",
        time=time,
        datacontenttype="application/json",
        dataschema="urn:saduak:event:site.beat.v1",
        data=data,
    )


def read_beat(raw: bytes) -> Beat:
    """The beat in ``raw``; raises :class:`NoBeat`, whose text names fields and no values."""
    try:
        return read_message(BEAT, raw, VALUE_BYTES)
    except Unruly as fault:
        raise NoBeat(str(fault)) from None
