"""What every payload is: frozen, strict, closed."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A closed group of fields inside a payload."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Payload(Part):
    """The ``data`` of one event type and version.

    A released payload is never edited: a new version is added and the old one still read.
    """

    TYPE: ClassVar[str]
    """The CloudEvents ``type``, with its version: ``visit.called.v1``."""

    HOURLY: ClassVar[bool] = False
    """Whether ``time``, ``recordedtime`` and the id's own time are cut to the hour, so that the
    event can't be matched with a visitor's or clerk's record."""
