"""Where an answer comes in: what pages and the API share between the wire and the use case."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, Strict

from libs.events.codes import Dimension, FeedbackChannel, Language, Level
from libs.events.durations import between
from libs.service.formats import local_date
from libs.site.links import BadLink, VisitLink, sign, verify
from services.feedback.metrics import FeedbackMetrics, Result
from services.feedback.model.answer import Answer, taken
from services.feedback.model.rate_limit import PER_ADDRESS, PER_LINK, Limit
from services.feedback.model.site_key import BadStamp
from services.feedback.office import FeedbackOffice
from services.feedback.reads import Standing, newest_at_counter, served_at_counter, standing
from services.feedback.usecases.answering import AnswerRefused, Receipt, take_answer
from services.feedback.web import problems

TOKEN_LENGTH = 80
STAMP_LENGTH = 40
LONGEST_TAKEN_MS = 30 * 24 * 60 * 60 * 1000

Token = Annotated[str, Field(min_length=1, max_length=TOKEN_LENGTH)]
"""A ticket link's token."""


class SentAnswer(BaseModel):
    """An answer as a page sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Token
    response: UUID
    """Made by the page, and the same at every sending of this answer."""
    ratings: dict[Dimension, Annotated[Level, Strict()]] = Field(min_length=1)
    """The level, 1 to 5, of each dimension that was rated."""
    language: Language
    stamp: str = Field(max_length=STAMP_LENGTH)
    """From the page or the offer that was answered."""
    took_ms: Annotated[int, Strict()] = Field(ge=0, le=LONGEST_TAKEN_MS)
    """From the page's appearance to the visitor's sending, by the page's own stopwatch."""


@dataclass(frozen=True, slots=True)
class Question:
    """A visit to be asked about, as a page needs it."""

    token: str
    stamp: str
    service_day: date


@dataclass(frozen=True, slots=True)
class Desk:
    """One site's place for answers."""

    office: FeedbackOffice
    link_key: bytes = field(repr=False)
    metrics: FeedbackMetrics
    per_link: Limit = field(default_factory=lambda: Limit(PER_LINK))
    per_address: Limit = field(default_factory=lambda: Limit(PER_ADDRESS))

    def read(self, token: str) -> VisitLink:
        """The genuine link; raises the problem a visitor is told."""
        try:
            return verify(token, self.link_key)
        except BadLink:
            raise problems.BAD_LINK from None

    async def standing(self, link: VisitLink) -> Standing:
        """How it stands with the visit of a genuine link, today."""
        today = local_date(self.office.clock())
        return await standing(self.office, link.visit, link.service_day, today)

    def question(self, link: VisitLink) -> Question:
        """What a page that asks about ``link``'s visit is handed, stamped with this moment."""
        stamp = self.office.key.stamp(link.visit, self.office.clock())
        return Question(sign(link, self.link_key), stamp, link.service_day)

    async def question_at(self, counter: int) -> Question | None:
        """What the tablet at ``counter`` asks about now."""
        offer = await newest_at_counter(self.office, counter)
        if offer is None:
            return None
        return self.question(VisitLink(offer.visit, offer.service, offer.service_day))

    async def take(self, sent: SentAnswer, channel: FeedbackChannel, sender: str) -> Receipt:
        """Take a sent answer; raises the problem its sender is told.

        ``sender`` is the address or the device it came from.
        """
        moment = self.office.clock()
        if not (
            self.per_address.admits(sender, moment) and self.per_link.admits(sent.token, moment)
        ):
            self.metrics.count(channel, Result.LIMITED)
            raise problems.SLOW_DOWN
        try:
            receipt = await self._take(sent, channel)
        except problems.Problem:
            self.metrics.count(channel, Result.REFUSED)
            raise
        self.metrics.count(channel, Result.TAKEN)
        return receipt

    async def take_at(self, counter: int, sent: SentAnswer, device: str) -> Receipt:
        """Take an answer from the tablet at ``counter``, about a visit that was served there."""
        link = self.read(sent.token)
        if not await served_at_counter(self.office, link.visit, counter):
            raise problems.OTHER_COUNTER
        return await self.take(sent, FeedbackChannel.TABLET, device)

    async def _take(self, sent: SentAnswer, channel: FeedbackChannel) -> Receipt:
        link = self.read(sent.token)
        if await self.standing(link) is Standing.EXPIRED:
            raise problems.EXPIRED
        try:
            shown = self.office.key.read_stamp(link.visit, sent.stamp)
        except BadStamp:
            raise problems.BAD_STAMP from None
        answer = Answer(
            response=sent.response,
            visit=link.visit,
            levels=sent.ratings,
            language=sent.language,
            channel=channel,
            took_ms=taken(sent.took_ms, between(shown, self.office.clock())),
        )
        try:
            return await take_answer(self.office, answer)
        except AnswerRefused as refusal:
            raise problems.problem_of(refusal) from None
