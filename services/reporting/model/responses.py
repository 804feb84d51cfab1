"""Of two answers with one reference, the one earlier in the stream counts. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from libs.events.codes import Dimension
from libs.events.responses import FeedbackGiven, FeedbackGivenV2
from services.reporting.model.visits import Place


class AnswerKey(NamedTuple):
    """A visit's answers of the nation."""

    site: str
    reference: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A visitor's answer; a row of the table `responses`."""

    epoch: int
    sequence: int
    visit_day: date
    """The day it rates."""
    manifest_day: date
    """The day whose manifest counts it."""
    service: str
    waiting_band: str
    language: str
    channel: str
    process: int | None
    staff: int | None
    facilities: int | None
    information: int | None
    screened: bool
    """Whether the cleaned series leaves it out."""
    staff_issued: bool | None
    """Whether staff issued its ticket; None where the site did not say."""

    @property
    def place(self) -> Place:
        return Place(self.epoch, self.sequence)

    @property
    def ratings(self) -> dict[str, int]:
        """The level given to each dimension that was rated."""
        levels = {
            "process": self.process,
            "staff": self.staff,
            "facilities": self.facilities,
            "information": self.information,
        }
        return {dimension: level for dimension, level in levels.items() if level is not None}


ANSWER_FIELDS = tuple(Answer.__dataclass_fields__)


def answer_of(at: Place, manifest_day: date, data: FeedbackGiven) -> Answer:
    levels = {rating.dimension: rating.level for rating in data.ratings}
    return Answer(
        epoch=at.epoch,
        sequence=at.sequence,
        visit_day=data.visit_day,
        manifest_day=manifest_day,
        service=data.service,
        waiting_band=data.waiting_band,
        language=data.language,
        channel=data.channel,
        process=levels.get(Dimension.PROCESS),
        staff=levels.get(Dimension.STAFF),
        facilities=levels.get(Dimension.FACILITIES),
        information=levels.get(Dimension.INFORMATION),
        screened=bool(data.screening),
        staff_issued=data.staff_issued if isinstance(data, FeedbackGivenV2) else None,
    )


def counting(one: Answer | None, other: Answer) -> Answer:
    """The one of two answers with the same reference that counts."""
    return other if one is None or other.place < one.place else one
