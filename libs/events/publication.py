"""The standards as the centre publishes them, on a topic that every site reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter

from libs.events.bounds import CENTRE_VALUE_BYTES
from libs.events.envelope import DataSchema
from libs.events.inbox import CENTRE, NotForUs
from libs.events.json_rules import Unruly, read_message
from libs.events.moments import Instant
from libs.events.payloads import Payload
from libs.events.texts import is_document

FileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_/-]{1,60}\.ya?ml$", max_length=66)]
FileText = Annotated[str, StringConstraints(max_length=400_000)]


class StandardsPublished(Payload):
    """The standards in force: services, targets, calendar, sites and editions, as files.

    What the centre says to the sites may hold text; no site ever sends any.
    """

    TYPE: ClassVar[str] = "standards.published.v1"

    version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", max_length=64)]
    """SHA-256 of names and contents, as libs/standards makes it."""
    files: dict[FileName, FileText]


class Publication(BaseModel):
    """The standards as they travel: a CloudEvent outside every stream."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    specversion: Literal["1.0"]
    id: UUID
    source: Literal["/centre"]
    type: Literal["standards.published.v1"]
    time: Instant
    datacontenttype: Literal["application/json"]
    dataschema: DataSchema
    data: StandardsPublished


PUBLICATION: TypeAdapter[Publication] = TypeAdapter(Publication)


def publication(id_: UUID, time: datetime, version: str, files: Mapping[str, bytes]) -> Publication:
    """The standards of ``version`` as the centre says them at ``time``."""
    texts = {name: content.decode() for name, content in files.items()}
    return Publication(
        specversion="1.0",
        id=id_,
        source=CENTRE,
        type="standards.published.v1",
        time=time,
        datacontenttype="application/json",
        dataschema="urn:saduak:event:standards.published.v1",
        data=StandardsPublished(version=version, files=texts),
    )


def read_publication(raw: bytes) -> Publication:
    """The standards in ``raw``; raises :class:`NotForUs`, whose text names fields, no values."""
    try:
        return read_message(PUBLICATION, raw, CENTRE_VALUE_BYTES, is_document)
    except Unruly as fault:
        raise NotForUs(str(fault)) from None
