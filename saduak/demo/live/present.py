"""What all who take part in a site's present share."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from libs.clock import now
from saduak.demo.live.web import Refusal, Web
from saduak.demo.planning import Visitor, visitor
from saduak.demo.scenario import Scenario, SiteScenario

IDLE_SECONDS = 1.0
"""Between two looks where there is nothing to do."""


@dataclass(slots=True)
class Pulse:
    """How a site is doing, for whoever looks on."""

    serving: int = 0
    issued: int = 0
    served: int = 0
    answers: int = 0
    notice: str | None = None
    """What went wrong last, while it is so."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A visitor with a ticket."""

    visitor: Visitor
    token: str
    """The signed link's."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """One site, now."""

    site: str
    scenario: Scenario
    counters: int
    """How many are staffed; the site's others are left to whoever tries the console."""
    pulse: Pulse
    kiosk: Web
    clerks: Mapping[int, Web]
    """By counter; each clerk has signed in with a login of their own."""
    supervisor: Web
    tablet: Web
    phone: Web
    chance: Random
    guests: dict[str, Guest] = field(default_factory=dict[str, Guest])
    """By visit, who waits."""
    answering: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    @property
    def staff(self) -> Web:
        """Whoever of the clerks has a moment for what is no counter's own work."""
        return self.clerks[1]

    @property
    def its(self) -> SiteScenario:
        return self.scenario.sites[self.site]

    async def lapse(self, time: timedelta) -> None:
        """Let ``time`` of the scenario pass."""
        await asyncio.sleep(time.total_seconds() / self.scenario.live.speed)

    def somebody(self, booked: datetime | None = None) -> Visitor:
        return visitor(self.scenario, self.its, now(), booked, self.chance)

    def impatient(self, guest: Guest) -> bool:
        return (now() - guest.since) * self.scenario.live.speed > guest.visitor.patience

    async def for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` again and again. A refusal is told and no more: people go on with what
        they can."""
        while True:
            try:
                await work()
            except Refusal as refusal:
                self.pulse.notice = str(refusal)
                await asyncio.sleep(IDLE_SECONDS)
