"""The life of visits, played at random against the database and a model of it."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from libs.database.pool import connections
from libs.events.codes import Channel, Outcome, OutOfOrder, VisitorClass
from libs.standards import Standards
from libs.stream.outbox import Outbox
from saduak.provision.postgres import SiteDatabase
from services.ticketing import errors
from services.ticketing.model.visits import MOST_CALLS, State, TicketRequest, may_end
from services.ticketing.office import Office
from services.ticketing.reads import board, day_book, waiting
from services.ticketing.usecases import (
    call,
    call_next,
    close_day,
    end,
    issue,
    no_show,
    open_counter,
    open_day,
    recall,
    start,
    withdraw,
)
from tests.ticketing.offices import DAY, MORNING, SITE, SetClock

T = TypeVar("T")
COUNTERS = (1, 2, 3)
counters = st.sampled_from(COUNTERS)
picks = st.integers(0, 10_000)


@dataclass(slots=True)
class Expected:
    """What the model believes of a visit."""

    state: State = State.WAITING
    counter: int | None = None
    calls: int = 0
    outcome: Outcome | None = None


class Life(RuleBasedStateMachine):
    """A day of one office. Whatever is asked, the database does what the model says or refuses."""

    runner: asyncio.Runner
    office: Office
    next_day: date = DAY

    def __init__(self) -> None:
        super().__init__()
        self.day = Life.next_day
        self.clock = SetClock(MORNING + (self.day - DAY))
        self.desk = Office(SITE, self.office.outbox, self.office.standards, self.clock)
        self.visits: dict[UUID, Expected] = {}
        Life.next_day += timedelta(days=1)
        self.run(open_day(self.desk, self.day))
        for counter in COUNTERS:
            self.run(open_counter(self.desk, counter, uuid4()))

    def run(self, work: Coroutine[object, object, T]) -> T:
        self.clock.move(seconds=7)
        return self.runner.run(work)

    def attempt(self, allowed: bool, work: Coroutine[object, object, object]) -> bool:
        """Do ``work``, which must be refused exactly when it is not allowed."""
        if allowed:
            self.run(work)
        else:
            with pytest.raises(errors.Refused):
                self.run(work)
        return allowed

    def at(self, counter: int) -> list[UUID]:
        """Who is at a counter by the model."""
        active = (State.CALLED, State.SERVING)
        return [v for v, e in self.visits.items() if e.counter == counter and e.state in active]

    def pick(self, pick: int) -> tuple[UUID, Expected]:
        visit = sorted(self.visits)[pick % len(self.visits)]
        return visit, self.visits[visit]

    @rule(
        kind=st.sampled_from(VisitorClass),
        minutes=st.integers(-60, 60),
        days=st.sampled_from((0, 0, 0, 1, -1, -36_500, 198_000)),
    )
    def take_a_ticket(self, kind: VisitorClass, minutes: int, days: int) -> None:
        booked = kind is VisitorClass.APPOINTMENT
        at = self.clock.moment + timedelta(days=days, minutes=minutes)
        request = TicketRequest("INF", Channel.KIOSK, kind, at if booked else None)
        if booked and days:
            self.attempt(False, issue(self.desk, request))
        else:
            self.visits[self.run(issue(self.desk, request)).visit] = Expected()

    @rule(counter=counters)
    def call_whoever_is_next(self, counter: int) -> None:
        queue = self.run(waiting(self.desk))
        if self.at(counter):
            self.attempt(False, call_next(self.desk, counter))
            return
        called = self.run(call_next(self.desk, counter))
        assert (called is None) == (not queue)
        if called is not None:
            assert called.visit == queue[0].waiting.visit
            assert called.place is not None
            assert called.place.passes == queue[0].passes
            self.visits[called.visit] = Expected(State.CALLED, counter, 1)

    @precondition(lambda self: bool(self.visits))
    @rule(counter=counters, pick=picks)
    def call_a_chosen_one(self, counter: int, pick: int) -> None:
        visit, expected = self.pick(pick)
        allowed = expected.state is State.WAITING and not self.at(counter)
        if self.attempt(allowed, call(self.desk, counter, visit, OutOfOrder.PAPERS)):
            self.visits[visit] = Expected(State.CALLED, counter, 1)

    @precondition(lambda self: bool(self.visits))
    @rule(counter=counters, pick=picks)
    def call_again(self, counter: int, pick: int) -> None:
        visit, expected = self.pick(pick)
        here = expected.state is State.CALLED and expected.counter == counter
        allowed = here and expected.calls < MOST_CALLS
        if self.attempt(allowed, recall(self.desk, counter, visit)):
            expected.calls += 1

    @precondition(lambda self: bool(self.visits))
    @rule(counter=counters, pick=picks)
    def begin(self, counter: int, pick: int) -> None:
        visit, expected = self.pick(pick)
        allowed = expected.state is State.CALLED and expected.counter == counter
        if self.attempt(allowed, start(self.desk, counter, visit)):
            expected.state = State.SERVING

    @precondition(lambda self: bool(self.visits))
    @rule(counter=counters, pick=picks, outcome=st.sampled_from(Outcome))
    def finish(self, counter: int, pick: int, outcome: Outcome) -> None:
        visit, expected = self.pick(pick)
        here = expected.state is not State.ENDED and expected.counter == counter
        allowed = here and outcome is not Outcome.FORGOTTEN and may_end(expected.state, outcome)
        if self.attempt(allowed, end(self.desk, counter, visit, outcome)):
            expected.state, expected.outcome = State.ENDED, outcome

    @precondition(lambda self: bool(self.visits))
    @rule(counter=counters, pick=picks)
    def miss(self, counter: int, pick: int) -> None:
        visit, expected = self.pick(pick)
        allowed = expected.state is State.CALLED and expected.counter == counter
        if self.attempt(allowed, no_show(self.desk, counter, visit)):
            expected.state, expected.outcome = State.ENDED, Outcome.NO_SHOW

    @precondition(lambda self: bool(self.visits))
    @rule(pick=picks, outcome=st.sampled_from([Outcome.LEFT, Outcome.REMOVED]))
    def go_away(self, pick: int, outcome: Outcome) -> None:
        visit, expected = self.pick(pick)
        allowed = expected.state in {State.WAITING, State.CALLED}
        if self.attempt(allowed, withdraw(self.desk, visit, outcome)):
            expected.state, expected.outcome = State.ENDED, outcome

    @invariant()
    def the_rows_say_what_the_model_says(self) -> None:
        book = self.run(day_book(self.desk, self.day))
        found = {s.visit: Expected(s.state, s.counter, s.calls, s.outcome) for s in book}
        assert found == self.visits
        shown = self.run(board(self.desk))
        assert sorted(call.counter for call in shown) == sorted(
            counter for counter in COUNTERS for _ in self.at(counter)
        )

    def teardown(self) -> None:
        manifest = self.run(close_day(self.desk, self.day))
        left_open = [e for e in self.visits.values() if e.state is not State.ENDED]
        for expected in left_open:
            expected.state, expected.outcome = State.ENDED, Outcome.FORGOTTEN
        self.the_rows_say_what_the_model_says()
        assert manifest.visits == len(self.visits)
        assert sum(row.forgotten for row in manifest.services) == len(left_open)


def test_a_visit_lives_only_as_the_rules_allow(
    site_database: SiteDatabase, standards: Standards
) -> None:
    async def opened() -> Office:
        return Office(SITE, Outbox(await pool.__aenter__()), standards)

    with asyncio.Runner() as runner:
        pool = connections(site_database.app("ticketing"), "tests", most=2)
        Life.runner, Life.office, Life.next_day = runner, runner.run(opened()), DAY
        try:
            run_state_machine_as_test(
                Life,
                settings=settings(
                    max_examples=12,
                    stateful_step_count=25,
                    deadline=None,
                    suppress_health_check=[HealthCheck.too_slow],
                ),
            )
        finally:
            runner.run(pool.__aexit__(None, None, None))
