"""Whatever happens in whatever order, the manifests count every event once."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from libs.events.codes import Dimension, Origin
from libs.events.responses import FeedbackDayClosed
from services.feedback.model.answer import Answer
from services.feedback.usecases.answering import take_answer
from tests.databases import FreshDatabase
from tests.feedback.conftest import site_of
from tests.feedback.log import Sums, counted, declared, told
from tests.feedback.site import MONDAY, Site, answer, at, held

Happening = Callable[["Story"], Awaitable[None]]
LONG_AGO = MONDAY - timedelta(days=3000)


@dataclass(slots=True)
class Story:
    """A site's days as chance tells them, and what must come of them."""

    site: Site
    dice: random.Random
    day: int = -1
    is_open: bool = False
    revision: int = 1
    imported: int = 0
    served: list[UUID] = field(default_factory=list[UUID])
    unanswered: list[UUID] = field(default_factory=list[UUID])
    answers: list[Answer] = field(default_factory=list[Answer])

    @property
    def today(self) -> date:
        return MONDAY + timedelta(days=self.day)

    async def opening(self) -> None:
        if not self.is_open:
            self.day += self.dice.randint(1, 3)
            self.site.clock.moment = at(self.today, 8, 30)
            self.is_open = True
            self.revision = 1
            await self.site.ticketing.open_day(self.today)

    async def closing(self) -> None:
        if self.is_open:
            self.is_open = False
            await self.site.ticketing.close_day(self.today)

    async def serving(self) -> None:
        if self.is_open:
            service = self.dice.choice(["ADV", "INF", "JF-LIT"])
            self.served.append(await self.site.ticketing.serve(self.today, service))

    async def serving_late(self) -> None:
        """On a day that is closed already: ticketing declares it again."""
        if self.day >= 0 and not self.is_open:
            self.served.append(await self.site.ticketing.serve(self.today))
            await self.correcting()

    async def correcting(self) -> None:
        if self.day >= 0 and not self.is_open:
            self.revision += 1
            await self.site.ticketing.close_day(self.today, self.revision)

    async def importing(self) -> None:
        self.imported += 1
        day = LONG_AGO + timedelta(days=self.imported)
        await self.site.ticketing.open_day(day, Origin.IMPORT)
        visit = await self.site.ticketing.issue(day, origin=Origin.IMPORT)
        await self.site.ticketing.end(day, visit, origin=Origin.IMPORT)
        await self.site.ticketing.close_day(day, origin=Origin.IMPORT)

    async def following(self) -> None:
        await self.site.catch_up()
        answered = {given.visit for given in self.answers}
        self.unanswered = [visit for visit in self.served if visit not in answered]

    async def answering(self) -> None:
        """Somebody whom feedback has asked by now."""
        if self.unanswered:
            visit = self.unanswered.pop(self.dice.randrange(len(self.unanswered)))
            rated = self.dice.sample(list(Dimension), self.dice.randint(1, 4))
            levels = {dimension: self.dice.randint(1, 5) for dimension in rated}
            given = replace(answer(visit), levels=levels)
            await take_answer(self.site.office, given)
            self.answers.append(given)

    async def retrying(self) -> None:
        if self.answers:
            again = self.dice.choice(self.answers)
            receipt = await take_answer(self.site.office, again)
            assert receipt.ratings == again.ratings

    async def waiting(self) -> None:
        self.site.clock.moment += timedelta(hours=5)

    def expected(self) -> Sums:
        """All that happened, counted by the story itself."""
        ratings = [rating for given in self.answers for rating in given.ratings]
        return Sums(
            offers=len(self.served),
            responses=len(self.answers),
            ratings=len(ratings),
            levels=sum(rating.level for rating in ratings),
        )


S = Story
HAPPENINGS = (
    S.opening,
    S.closing,
    S.serving,
    S.serving_late,
    S.correcting,
    S.importing,
    S.following,
    S.answering,
    S.retrying,
    S.waiting,
)
AN_EVENING = [S.opening, S.serving, S.following, S.closing, S.following, S.answering, S.waiting]
A_LATE_CORRECTION = [*AN_EVENING, S.importing, S.correcting, S.serving_late, S.retrying]


def everything(sums: Sequence[Sums]) -> Sums:
    return sum(sums, Sums())


async def check_closed_days(story: Story) -> None:
    """Every day with a manifest has exactly the events that its newest manifest counts."""
    await story.site.catch_up()
    events = await told(story.site.pool)
    closed = {event.day for event in events if isinstance(event.data, FeedbackDayClosed)}
    by_event = {key: sums for key, sums in counted(events).items() if key[0] in closed}
    assert declared(events) == by_event
    given = everything(list(counted(events).values())).responses
    assert given + await held(story.site) == len(story.answers)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(happenings=AN_EVENING, seed=0)
@example(happenings=A_LATE_CORRECTION, seed=1)
@given(st.lists(st.sampled_from(HAPPENINGS), max_size=40), st.integers(0, 2**16))
async def test_the_manifests_sum_up_to_all_events_and_all_that_happened(
    fresh_database: FreshDatabase, happenings: list[Happening], seed: int
) -> None:
    async with site_of(fresh_database) as site:
        story = Story(site, random.Random(seed))
        for happening in happenings:
            await happening(story)
        await check_closed_days(story)
        await story.closing()
        await story.opening()
        await story.following()
        await story.closing()
        await check_closed_days(story)
        events = await told(site.pool)
        assert everything(list(declared(events).values())) == story.expected()
        assert declared(events) == counted(events)
        imported = {LONG_AGO + timedelta(days=number + 1) for number in range(story.imported)}
        assert not imported & {day for day, _ in declared(events)}
        assert await held(site) == 0
