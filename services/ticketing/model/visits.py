"""The life of a step: its states, and which outcome may end it from which state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from libs.events.codes import Channel, Outcome, TimeQuality, VisitorClass

MOST_CALLS = 5
"""A visitor is called once and recalled at most four times, then taken as not there."""


class State(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    ENDED = "ended"


ACTIVE = frozenset({State.WAITING, State.CALLED, State.SERVING})

ENDS_FROM: Mapping[Outcome, frozenset[State]] = MappingProxyType(
    {
        Outcome.SERVED: frozenset({State.SERVING}),
        Outcome.NO_SHOW: frozenset({State.CALLED}),
        Outcome.LEFT: frozenset({State.WAITING, State.CALLED}),
        Outcome.REMOVED: ACTIVE,
        Outcome.FORGOTTEN: ACTIVE,
    }
)
"""The states that each outcome may end; only a day's closing gives ``forgotten``."""


def may_end(state: State, outcome: Outcome) -> bool:
    """Whether a step in ``state`` may end with ``outcome``."""
    return state in ENDS_FROM[outcome]


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What a visitor, or staff for one, asks a ticket for."""

    service: str
    channel: Channel
    visitor_class: VisitorClass = VisitorClass.NORMAL
    appointment: datetime | None = None
    """The booked time; of a booked visitor, and of nobody else."""
    feedback_link: bool = True
    """Whether the ticket carries a link to rate the visit."""
    wish: UUID | None = None
    """The name of this wish, where whoever passes it on may have to say it again."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """All that is known of one step: a line of the day book."""

    visit: UUID
    step: int
    ticket: str
    service: str
    channel: Channel
    visitor_class: VisitorClass
    appointment: datetime | None
    state: State
    queued_at: datetime
    counter: int | None
    calls: int
    first_called_at: datetime | None
    last_called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    time_quality: TimeQuality | None
