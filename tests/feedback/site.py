"""One site for the tests of feedback: ticketing's log, written as ticketing writes it, and the
feedback that follows it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.codes import (
    Channel,
    Dimension,
    FeedbackChannel,
    Language,
    Origin,
    Outcome,
    TimeQuality,
    VisitorClass,
)
from libs.events.payloads import Payload
from libs.events.visits import (
    DayClosed,
    DayOpened,
    VisitCalled,
    VisitEnded,
    VisitIssued,
    VisitStarted,
)
from libs.stream.follower import Apply, Follower
from libs.stream.outbox import Outbox
from services.feedback.model.answer import Answer
from services.feedback.office import FeedbackOffice
from services.feedback.reads import backlog
from services.feedback.usecases.following import follow

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)
UNHURRIED_MS = 20_000
LOOK = statements("tests.feedback", "sql/looks.sql")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of ``day`` by the site's own clock (Bangkok)."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


@dataclass(slots=True)
class SetClock:
    """A clock that stands still until it is set."""

    moment: datetime = field(default_factory=lambda: at(MONDAY, 9))

    def __call__(self) -> datetime:
        return self.moment


@dataclass(slots=True)
class Ticketing:
    """Writes ticketing's log through a real outbox."""

    outbox: Outbox
    clock: SetClock

    async def say(
        self, payload: Payload, day: date, visit: UUID | None = None, origin: Origin = Origin.LIVE
    ) -> None:
        async with self.outbox.transaction() as transaction:
            transaction.emit(
                payload, subject=visit, time=self.clock(), service_day=day, origin=origin
            )

    async def open_day(self, day: date, origin: Origin = Origin.LIVE) -> None:
        await self.say(DayOpened(), day, origin=origin)

    async def close_day(self, day: date, revision: int = 1, origin: Origin = Origin.LIVE) -> None:
        await self.say(DayClosed(revision=revision, visits=0, services=()), day, origin=origin)

    async def issue(
        self,
        day: date,
        service: str = "ADV",
        origin: Origin = Origin.LIVE,
        channel: Channel = Channel.KIOSK,
    ) -> UUID:
        visit = uuid4()
        issued = VisitIssued(
            step=1,
            ticket="A001",
            service=service,
            channel=channel,
            visitor_class=VisitorClass.NORMAL,
            appointment=None,
            estimate=None,
            feedback_link=True,
        )
        await self.say(issued, day, visit, origin)
        return visit

    async def call(self, day: date, visit: UUID, counter: int = 1, call: int = 1) -> None:
        called = VisitCalled(step=1, counter=counter, call=call, out_of_order=None)
        await self.say(called, day, visit)

    async def end(
        self,
        day: date,
        visit: UUID,
        outcome: Outcome = Outcome.SERVED,
        origin: Origin = Origin.LIVE,
    ) -> None:
        ended = VisitEnded(step=1, outcome=outcome, time_quality=TimeQuality.ACTUAL)
        await self.say(ended, day, visit, origin)

    async def serve(self, day: date, service: str = "ADV", counter: int = 1) -> UUID:
        """A whole visit: issued, called, started and ended as served."""
        visit = await self.issue(day, service)
        await self.call(day, visit, counter)
        await self.say(VisitStarted(step=1, counter=counter), day, visit)
        await self.end(day, visit)
        return visit


@dataclass(slots=True)
class Site:
    """Both services of one site."""

    ticketing: Ticketing
    office: FeedbackOffice
    clock: SetClock
    follower: Follower = field(init=False)

    def __post_init__(self) -> None:
        self.follower = self.new_follower(follow)

    @property
    def pool(self) -> Pool:
        return self.office.outbox.pool

    def new_follower(self, apply: Apply, batch: int = 200) -> Follower:
        return Follower(self.office.outbox, apply, batch)

    async def catch_up(self) -> None:
        """Follow until nothing is left."""
        while await self.follower.step():
            pass

    async def served(self, day: date, service: str = "ADV", counter: int = 1) -> UUID:
        """A visit that was served, and that feedback knows of."""
        visit = await self.ticketing.serve(day, service, counter)
        await self.catch_up()
        return visit


def answer(visit: UUID, response: UUID | None = None, **levels: int) -> Answer:
    """An unhurried answer by the link; ``levels`` by dimension, else all fives."""
    chosen = {Dimension(name): level for name, level in levels.items()}
    return Answer(
        response=response or uuid4(),
        visit=visit,
        levels=chosen or dict.fromkeys(Dimension, 5),
        language=Language.THAI,
        channel=FeedbackChannel.LINK,
        took_ms=UNHURRIED_MS,
    )


async def held(site: Site) -> int:
    """How many answers wait for a day to open."""
    return (await backlog(site.office)).held
