"""The feedback stream: offers, answers and the day's manifest. All released."""

from typing import ClassVar

from pydantic import Field

from libs.events.codes import (
    Count,
    Dimension,
    FeedbackChannel,
    Language,
    Level,
    Reference,
    Revision,
    Screening,
    ServiceCode,
    StepNumber,
    WaitingBand,
)
from libs.events.moments import ServiceDay
from libs.events.payloads import Part, Payload


class FeedbackOffered(Payload):
    """A visit was served and its visitor asked to rate it. ``subject`` is the visit."""

    TYPE: ClassVar[str] = "feedback.offered.v1"

    step: StepNumber
    service: ServiceCode


class Rating(Part):
    dimension: Dimension
    level: Level


class FeedbackGiven(Payload):
    """A visitor answered. Names neither the visit nor the offer; ``subject`` is the response.

    Of two answers with one ``reference`` the one with the lowest (epoch, sequence) counts.
    """

    TYPE: ClassVar[str] = "feedback.given.v1"
    HOURLY: ClassVar[bool] = True

    reference: Reference
    visit_day: ServiceDay
    """The visit's service day: the day on which the rating counts as a metric."""
    service: ServiceCode
    waiting_band: WaitingBand
    language: Language
    channel: FeedbackChannel
    ratings: tuple[Rating, ...] = Field(min_length=1, max_length=4)
    """At most one a dimension; a visitor may leave dimensions out."""
    screening: tuple[Screening, ...] = Field(max_length=4)


class FeedbackGivenV2(FeedbackGiven):
    """A visitor answered; like the first version, and says whether staff issued the ticket.

    Whoever issued a ticket has had its link in hand, and could have answered by it.
    """

    TYPE: ClassVar[str] = "feedback.given.v2"

    staff_issued: bool | None
    """Null where the site does not know: the visit began before it kept this."""


class ResponseTotals(Part):
    """Control totals of one service: what this feedback day counts."""

    service: ServiceCode
    offers: Count
    responses: Count
    ratings: Count
    """How many ratings the responses hold."""
    levels: Count
    """The sum of their levels."""


class FeedbackDayClosed(Payload):
    """The feedback stream's manifest of one day: all whose ``serviceday`` it is."""

    TYPE: ClassVar[str] = "feedback.day.closed.v1"

    revision: Revision
    services: tuple[ResponseTotals, ...] = Field(max_length=200)
