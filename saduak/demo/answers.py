"""Where played visitors leave their answers: feedback's own use cases."""

from dataclasses import dataclass, replace

from libs.clock import Clock
from libs.stream.follower import Follower
from services.feedback.model.answer import Answer
from services.feedback.office import FeedbackOffice
from services.feedback.usecases.answering import NotAsked, take_answer
from services.feedback.usecases.following import follow


@dataclass(frozen=True, slots=True)
class AnswerDesk:
    """Feedback of one site, following ticketing's log whenever an answer needs it.

    The site's feedback service may follow at the same time: the cursor's lock takes turns.
    """

    office: FeedbackOffice
    follower: Follower

    @classmethod
    def of(cls, office: FeedbackOffice) -> "AnswerDesk":
        return cls(office, Follower(office.outbox, follow))

    def by_clock(self, clock: Clock) -> "AnswerDesk":
        """The same desk, whose answers come when ``clock`` says."""
        return replace(self, office=replace(self.office, clock=clock))

    async def take(self, answer: Answer) -> None:
        """Keep the answer to a visit that has ended as served."""
        try:
            await take_answer(self.office, answer)
        except NotAsked:
            await self.catch_up()
            await take_answer(self.office, answer)

    async def catch_up(self) -> None:
        """Follow all that ticketing has said so far."""
        while await self.follower.step():
            pass
