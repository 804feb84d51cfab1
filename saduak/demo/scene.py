"""What all who take part in a played day share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

from libs.events.codes import CorrectionReason
from saduak.demo.agenda import Agenda
from saduak.demo.answers import AnswerDesk
from saduak.demo.planning import DayPlan, Visitor
from saduak.demo.scenario import AtTheCounter, SiteScenario
from services.ticketing.model.corrections import Change
from services.ticketing.office import Office


@dataclass(frozen=True, slots=True)
class Mending:
    """What the supervisor will correct in the evening."""

    visit: UUID
    changes: tuple[Change, ...]
    reason: CorrectionReason


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works at a site, by the ids of their accounts there."""

    clerks: Sequence[UUID]
    supervisor: UUID

    def at(self, counter: int) -> UUID:
        """The clerk at a counter: the same person every day."""
        return self.clerks[(counter - 1) % len(self.clerks)]


@dataclass(slots=True)
class WaitingRoom:
    """Who is there. In which order they are called is not decided here."""

    visitors: dict[UUID, Visitor] = field(default_factory=dict[UUID, Visitor])
    """By visit, all who have a ticket and were not called yet."""
    gone: set[UUID] = field(default_factory=set[UUID])
    """Of these, who have left without a word."""
    expected: int = 0
    """How many clerks are about to call: nobody else gets ready for the same visitor."""

    @property
    def anybody_left(self) -> bool:
        """Whether more visitors wait than clerks are about to call."""
        return len(self.visitors) > self.expected


@dataclass(slots=True)
class Scene:
    """A site on a day."""

    plan: DayPlan
    its: SiteScenario
    counter_work: AtTheCounter
    agenda: Agenda
    office: Office
    """Works by the agenda's clock."""
    desk: AnswerDesk
    roster: Roster
    chance: Random
    """What chance decides of clerks and supervisors."""
    ended: Callable[[], None]
    """Told of each visitor who has gone."""
    room: WaitingRoom = field(default_factory=WaitingRoom)
    issued: int = 0
    shifts_over: int = 0
    left_open: set[int] = field(default_factory=set[int])
    """Counters whose last visitor is never finished."""
    mendings: list[Mending] = field(default_factory=list[Mending])

    @property
    def now(self) -> datetime:
        return self.agenda()

    @property
    def next_arrival(self) -> datetime | None:
        """When the next visitor takes a ticket; None when all have come."""
        visitors = self.plan.visitors
        return visitors[self.issued].arrives if self.issued < len(visitors) else None
