"""Ticketing's log becomes offers and feedback days, once, whatever stops in between."""

import asyncio
import random
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest

from libs.events.codes import CorrectionReason, Origin, Outcome, WaitingBand
from libs.events.responses import FeedbackDayClosed, FeedbackOffered
from libs.events.visits import (
    OutcomeCorrection,
    ServiceCorrection,
    VisitCorrected,
    VisitReopened,
)
from libs.stream.follower import Logged
from libs.stream.outbox import Transaction
from services.feedback.reads import newest_at_counter
from services.feedback.usecases.answering import take_answer
from services.feedback.usecases.following import follow
from tests.feedback.log import Sums, counted, declared, of_kind, told
from tests.feedback.site import LOOK, MONDAY, TUESDAY, Site, answer, at, held


async def test_a_served_visit_becomes_an_offer_with_the_time_and_day_of_its_end(
    site: Site,
) -> None:
    await site.ticketing.open_day(MONDAY, Origin.DEMO)
    visit = await site.ticketing.issue(MONDAY, "JF-BAIL", Origin.DEMO)
    site.clock.moment = at(MONDAY, 9, 7)
    await site.ticketing.call(MONDAY, visit)
    site.clock.moment = at(MONDAY, 9, 20)
    await site.ticketing.call(MONDAY, visit, counter=4, call=2)
    site.clock.moment = at(MONDAY, 9, 31)
    await site.ticketing.end(MONDAY, visit, origin=Origin.DEMO)
    site.clock.moment = at(TUESDAY, 8)
    await site.catch_up()

    (offered,) = await told(site.pool)
    assert offered.data == FeedbackOffered(step=1, service="JF-BAIL")
    assert (offered.subject, offered.time, offered.day, offered.origin) == (
        visit,
        at(MONDAY, 9, 31),
        MONDAY,
        Origin.DEMO,
    )
    site.clock.moment = at(MONDAY, 9, 32)
    asked = await newest_at_counter(site.office, 4)
    assert asked is not None
    assert asked.visit == visit
    bands = await site.pool.fetch(LOOK.waiting_bands)
    assert [row["waiting_band"] for row in bands] == [WaitingBand.UP_TO_15_MIN], (
        "the wait is to the first call"
    )


@pytest.mark.parametrize("outcome", [Outcome.NO_SHOW, Outcome.LEFT, Outcome.REMOVED])
async def test_a_visit_that_ended_otherwise_makes_no_offer(site: Site, outcome: Outcome) -> None:
    await site.ticketing.open_day(MONDAY)
    visit = await site.ticketing.issue(MONDAY)
    await site.ticketing.end(MONDAY, visit, outcome)
    await site.catch_up()
    assert await told(site.pool) == []
    assert await site.pool.fetchval(LOOK.under_way) == 0


async def test_imported_visits_make_no_offers_and_their_day_an_empty_manifest(
    site: Site,
) -> None:
    await site.ticketing.open_day(MONDAY, Origin.IMPORT)
    for _ in range(3):
        visit = await site.ticketing.issue(MONDAY, origin=Origin.IMPORT)
        await site.ticketing.end(MONDAY, visit, origin=Origin.IMPORT)
    await site.ticketing.close_day(MONDAY, origin=Origin.IMPORT)
    await site.ticketing.close_day(MONDAY, revision=2, origin=Origin.IMPORT)
    await site.catch_up()
    (closed,) = await told(site.pool)
    assert closed.data == FeedbackDayClosed(revision=1, services=())
    assert (closed.day, closed.origin) == (MONDAY, Origin.IMPORT)


async def test_no_answer_counts_on_an_imported_day(site: Site) -> None:
    await site.ticketing.open_day(TUESDAY)
    visit = await site.served(TUESDAY)
    await site.ticketing.close_day(TUESDAY)
    await site.ticketing.open_day(MONDAY, Origin.IMPORT)
    await site.catch_up()
    await take_answer(site.office, answer(visit))
    await site.ticketing.close_day(MONDAY, origin=Origin.IMPORT)
    await site.catch_up()
    assert await held(site) == 1
    assert declared(await told(site.pool)) == {(TUESDAY, "ADV"): Sums(offers=1)}


async def test_closing_counts_the_day_and_its_number_is_the_last(site: Site) -> None:
    await site.ticketing.open_day(MONDAY)
    visits = [await site.served(MONDAY, service) for service in ("ADV", "ADV", "JF-LIT", "INF")]
    await take_answer(site.office, answer(visits[0], staff=4, process=2))
    await take_answer(site.office, answer(visits[2], facilities=1))
    await site.ticketing.close_day(MONDAY)
    await site.catch_up()
    events = await told(site.pool)
    assert declared(events) == {
        (MONDAY, "ADV"): Sums(2, 1, 2, 6),
        (MONDAY, "INF"): Sums(1),
        (MONDAY, "JF-LIT"): Sums(1, 1, 1, 1),
    }
    assert declared(events) == counted(events)
    assert isinstance(events[-1].data, FeedbackDayClosed)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


async def test_a_day_closed_by_mistake_goes_on(site: Site) -> None:
    """Who was forgotten may still be served and asked; answers held since then count on the day."""
    await site.ticketing.open_day(MONDAY)
    rated = await site.served(MONDAY)
    forgotten, gone = [await site.ticketing.issue(MONDAY) for _ in range(2)]
    for visit in (forgotten, gone):
        await site.ticketing.end(MONDAY, visit, Outcome.FORGOTTEN)
    await site.ticketing.close_day(MONDAY)
    await site.catch_up()
    assert declared(await told(site.pool)) == {(MONDAY, "ADV"): Sums(offers=1)}
    await take_answer(site.office, answer(rated, staff=5))
    assert await held(site) == 1

    await site.ticketing.open_day(MONDAY)
    await site.catch_up()
    assert await held(site) == 0
    for visit in (forgotten, gone):
        await site.ticketing.say(VisitReopened(step=1), MONDAY, visit)
    await site.ticketing.call(MONDAY, forgotten)
    await site.ticketing.end(MONDAY, forgotten)
    await site.ticketing.end(MONDAY, gone, Outcome.FORGOTTEN)
    await site.ticketing.close_day(MONDAY, revision=2)
    await site.catch_up()
    events = await told(site.pool)
    assert isinstance(events[-1].data, FeedbackDayClosed)
    assert events[-1].data.revision == 2
    assert declared(events) == counted(events) == {(MONDAY, "ADV"): Sums(2, 1, 1, 5)}
    assert await site.pool.fetchval(LOOK.under_way) == 1
    await site.ticketing.open_day(TUESDAY)
    await site.catch_up()
    assert await site.pool.fetchval(LOOK.under_way) == 0, "that day can't go on any more"


async def test_a_correction_of_the_visit_changes_neither_offer_nor_manifest(site: Site) -> None:
    await site.ticketing.open_day(MONDAY)
    visit = await site.served(MONDAY)
    missed = await site.ticketing.issue(MONDAY)
    await site.ticketing.end(MONDAY, missed, Outcome.NO_SHOW)
    await site.ticketing.close_day(MONDAY)
    await site.catch_up()
    before = await told(site.pool)
    for subject, correction in (
        (visit, ServiceCorrection(field="service", old="ADV", new="INF")),
        (visit, OutcomeCorrection(field="outcome", old=Outcome.SERVED, new=Outcome.REMOVED)),
        (missed, OutcomeCorrection(field="outcome", old=Outcome.NO_SHOW, new=Outcome.SERVED)),
    ):
        corrected = VisitCorrected(
            step=1, correction=correction, reason=CorrectionReason.WRONG_BUTTON
        )
        await site.ticketing.say(corrected, MONDAY, subject)
    await site.ticketing.close_day(MONDAY, revision=2)
    await site.catch_up()
    assert await told(site.pool) == before
    await site.ticketing.open_day(TUESDAY)
    await site.catch_up()
    receipt = await take_answer(site.office, answer(visit))
    assert receipt.ratings, "who was asked may answer, whatever was corrected since"


async def test_a_day_whose_own_totals_changed_is_declared_again(site: Site) -> None:
    await site.ticketing.open_day(MONDAY)
    visit = await site.ticketing.issue(MONDAY)
    await site.ticketing.close_day(MONDAY)
    await site.catch_up()
    await site.ticketing.end(MONDAY, visit)
    await site.ticketing.close_day(MONDAY, revision=2)
    await site.catch_up()
    events = await told(site.pool)
    assert [manifest.revision for manifest in of_kind(events, FeedbackDayClosed)] == [1, 2]
    assert declared(events) == counted(events) == {(MONDAY, "ADV"): Sums(offers=1)}


class Killed(Exception):
    """The process died here."""


@pytest.mark.parametrize("batch", [1, 3, 200])
async def test_a_follower_that_dies_anywhere_neither_loses_nor_doubles_an_offer(
    site: Site, batch: int
) -> None:
    await site.ticketing.open_day(MONDAY)
    visits = [await site.ticketing.serve(MONDAY) for _ in range(8)]
    await site.ticketing.close_day(MONDAY)
    dice = random.Random(batch)
    deaths = 0

    async def die_often(transaction: Transaction, events: Sequence[Logged]) -> None:
        """Dies after any of the events, the last one included; sometimes survives."""
        nonlocal deaths
        if deaths and dice.random() < 0.4:
            return await follow(transaction, events)
        await follow(transaction, events[: dice.randint(0, len(events))])
        deaths += 1
        raise Killed

    while True:
        try:
            if not await site.new_follower(die_often, batch).step():
                break
        except Killed:
            continue
    await _all_offered_once(site, visits)


async def test_a_connection_cut_at_the_commit_leaves_nothing_half_done(site: Site) -> None:
    await site.ticketing.open_day(MONDAY)
    visits = [await site.ticketing.serve(MONDAY) for _ in range(3)]
    await site.ticketing.close_day(MONDAY)

    async def cut(transaction: Transaction, events: Sequence[Logged]) -> None:
        await follow(transaction, events)
        process = await transaction.connection.fetchval(LOOK.own_process)
        await site.pool.execute(LOOK.cut, process)

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await site.new_follower(cut).step()
    assert await site.pool.fetchval(LOOK.offers) == 0
    await site.catch_up()
    await _all_offered_once(site, visits)


async def test_two_processes_that_follow_at_once_take_turns(site: Site) -> None:
    await site.ticketing.open_day(MONDAY)
    visits = [await site.ticketing.serve(MONDAY) for _ in range(20)]
    await site.ticketing.close_day(MONDAY)

    async def one_of_two() -> None:
        follower = site.new_follower(follow, batch=7)
        while await follower.step():
            pass

    await asyncio.gather(one_of_two(), one_of_two())
    await _all_offered_once(site, visits)


async def test_the_order_in_which_visits_interleave_changes_no_total(site: Site) -> None:
    for day in (MONDAY, TUESDAY):
        await site.ticketing.open_day(day)
        if day == MONDAY:
            for _ in range(4):
                await site.ticketing.serve(day)
        else:
            waiting = [await site.ticketing.issue(day) for _ in range(4)]
            for visit in reversed(waiting):
                await site.ticketing.call(day, visit)
            for visit in waiting[::2] + waiting[1::2]:
                await site.ticketing.end(day, visit)
        await site.ticketing.close_day(day)
    await site.catch_up()
    sums = declared(await told(site.pool))
    assert sums == {(MONDAY, "ADV"): Sums(offers=4), (TUESDAY, "ADV"): Sums(offers=4)}


async def _all_offered_once(site: Site, visits: list[UUID]) -> None:
    events = await told(site.pool)
    offered = [event.subject for event in events if isinstance(event.data, FeedbackOffered)]
    assert offered == visits, "every visit once, in the order of the log"
    assert len(of_kind(events, FeedbackDayClosed)) == 1
    assert declared(events) == {(MONDAY, "ADV"): Sums(offers=len(visits))}
