"""An answer counts once, whatever is retried, and names nobody."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from uuid import uuid4

import pytest

from libs.events.codes import Channel, Language, Origin, Screening, WaitingBand
from libs.events.responses import FeedbackGiven, FeedbackGivenV2
from services.feedback.model.answer import Answer
from services.feedback.reads import (
    LINK_DAYS,
    Standing,
    newest_at_counter,
    served_at_counter,
    standing,
)
from services.feedback.usecases.answering import (
    AlreadyAnswered,
    AnswerRefused,
    NotAsked,
    Receipt,
    ResponseTaken,
    take_answer,
)
from tests.feedback.log import Sums, counted, declared, of_kind, told
from tests.feedback.site import LOOK, MONDAY, TUESDAY, Site, answer, at, held


@pytest.fixture
async def open_site(site: Site) -> Site:
    await site.ticketing.open_day(MONDAY)
    await site.catch_up()
    return site


async def test_an_answer_tells_the_nation_what_was_said_and_not_by_whom(open_site: Site) -> None:
    site = open_site
    visit = await site.served(MONDAY, "JF-LIT")
    site.clock.moment = at(MONDAY, 10, 42)
    given = answer(visit, staff=5, process=2)
    receipt = await take_answer(site.office, given)

    offered, event = await told(site.pool)
    assert isinstance(event.data, FeedbackGiven)
    assert event.data.service == "JF-LIT"
    assert event.data.visit_day == event.day == MONDAY
    assert event.data.waiting_band is WaitingBand.UP_TO_5_MIN
    assert event.data.language is Language.THAI
    assert event.data.screening == ()
    assert [(rating.dimension.value, rating.level) for rating in event.data.ratings] == [
        ("process", 2),
        ("staff", 5),
    ]
    assert receipt == Receipt(given.response, event.data.ratings)
    assert event.time == at(MONDAY, 10), "cut to the hour"
    assert (event.recorded.minute, event.recorded.second) == (0, 0)
    for trace in (visit, given.response, offered.id):
        assert str(trace) not in f"{event.data.model_dump_json()}{event.subject}{event.id}"
    (kept,) = await site.pool.fetch(LOOK.responses)
    assert visit not in kept.values(), "the site's own row names no visit either"
    assert all(getattr(value, "minute", 0) == 0 for value in kept.values())


async def test_a_hurried_answer_counts_and_is_marked(open_site: Site) -> None:
    visit = await open_site.served(MONDAY)
    calm = answer(visit)
    hurried = Answer(calm.response, visit, calm.levels, calm.language, calm.channel, took_ms=400)
    await take_answer(open_site.office, hurried)
    (given,) = of_kind(await told(open_site.pool), FeedbackGiven)
    assert given.screening == (Screening.TOO_FAST,)


async def test_an_answer_says_whether_staff_issued_its_ticket(open_site: Site) -> None:
    said: dict[Channel, bool | None] = {}
    for channel in Channel:
        visit = await open_site.ticketing.issue(MONDAY, channel=channel)
        await open_site.ticketing.end(MONDAY, visit)
        await open_site.catch_up()
        await take_answer(open_site.office, answer(visit))
        said[channel] = of_kind(await told(open_site.pool), FeedbackGivenV2)[-1].staff_issued
    assert said == {channel: channel is Channel.COUNTER for channel in Channel}


async def test_an_answer_held_over_night_keeps_its_mark(open_site: Site) -> None:
    visit = await open_site.ticketing.issue(MONDAY, channel=Channel.COUNTER)
    await open_site.ticketing.end(MONDAY, visit)
    await open_site.ticketing.close_day(MONDAY)
    await open_site.catch_up()
    await take_answer(open_site.office, answer(visit))
    await open_site.ticketing.open_day(TUESDAY)
    await open_site.catch_up()
    (given,) = of_kind(await told(open_site.pool), FeedbackGivenV2)
    assert given.staff_issued is True


async def test_of_a_visit_that_an_earlier_release_began_it_is_not_known(open_site: Site) -> None:
    visits = [await open_site.ticketing.issue(MONDAY) for _ in range(2)]
    await open_site.ticketing.end(MONDAY, visits[0])
    await open_site.catch_up()
    await open_site.pool.execute(LOOK.as_an_earlier_release)
    await open_site.ticketing.end(MONDAY, visits[1])
    await open_site.catch_up()
    for visit in visits:
        await take_answer(open_site.office, answer(visit))
    given = of_kind(await told(open_site.pool), FeedbackGivenV2)
    assert [one.staff_issued for one in given] == [None, None]


async def test_a_retry_is_answered_alike_and_counts_once(open_site: Site) -> None:
    visit = await open_site.served(MONDAY)
    given = answer(visit, staff=3)
    first = await take_answer(open_site.office, given)
    assert await take_answer(open_site.office, given) == first
    changed_mind = answer(visit, given.response, staff=1)
    assert await take_answer(open_site.office, changed_mind) == first, "the first one counts"
    assert len(of_kind(await told(open_site.pool), FeedbackGiven)) == 1


async def test_fifty_concurrent_retries_count_once(open_site: Site) -> None:
    visit = await open_site.served(MONDAY)
    given = answer(visit)
    receipts = await asyncio.gather(*(take_answer(open_site.office, given) for _ in range(50)))
    assert set(receipts) == {receipts[0]}
    assert len(of_kind(await told(open_site.pool), FeedbackGiven)) == 1


async def test_of_fifty_answers_to_one_visit_one_counts(open_site: Site) -> None:
    visit = await open_site.served(MONDAY)
    outcomes = await asyncio.gather(
        *(_outcome(take_answer(open_site.office, answer(visit))) for _ in range(50))
    )
    assert sorted(outcomes) == ["AlreadyAnswered"] * 49 + ["Receipt"]
    assert len(of_kind(await told(open_site.pool), FeedbackGiven)) == 1


async def test_one_response_id_can_not_answer_two_visits(open_site: Site) -> None:
    one, other = await open_site.served(MONDAY), await open_site.served(MONDAY)
    response = uuid4()
    await take_answer(open_site.office, answer(one, response))
    with pytest.raises(ResponseTaken):
        await take_answer(open_site.office, answer(other, response))
    await take_answer(open_site.office, answer(other))
    with pytest.raises(AlreadyAnswered):
        await take_answer(open_site.office, answer(one))


async def test_fifty_visits_that_claim_one_response_id_at_once(open_site: Site) -> None:
    response = uuid4()
    visits = [await open_site.ticketing.serve(MONDAY) for _ in range(12)]
    await open_site.catch_up()
    outcomes = await asyncio.gather(
        *(_outcome(take_answer(open_site.office, answer(visit, response))) for visit in visits)
    )
    assert sorted(outcomes) == ["Receipt"] + ["ResponseTaken"] * 11


async def test_who_was_not_asked_can_not_answer(open_site: Site) -> None:
    waiting = await open_site.ticketing.issue(MONDAY)
    await open_site.catch_up()
    for visit in (waiting, uuid4()):
        with pytest.raises(NotAsked):
            await take_answer(open_site.office, answer(visit))
    assert await told(open_site.pool) == []


async def test_an_answer_after_the_closing_waits_for_the_next_day_to_open(
    open_site: Site,
) -> None:
    site = open_site
    early, late = await site.served(MONDAY), await site.served(MONDAY)
    await take_answer(site.office, answer(early, staff=5))
    await site.ticketing.close_day(MONDAY)
    await site.catch_up()
    site.clock.moment = at(MONDAY, 20, 15)
    given = answer(late, staff=2)
    receipt = await take_answer(site.office, given)
    assert await held(site) == 1
    before = await told(site.pool)
    assert declared(before) == counted(before) == {(MONDAY, "ADV"): Sums(2, 1, 1, 5)}

    site.clock.moment = at(TUESDAY, 8, 30)
    await site.ticketing.open_day(TUESDAY)
    await site.catch_up()
    assert await held(site) == 0
    assert await take_answer(site.office, given) == receipt, "a retry across the night"
    event = (await told(site.pool))[-1]
    assert isinstance(event.data, FeedbackGiven)
    assert (event.day, event.data.visit_day, event.time) == (TUESDAY, MONDAY, at(MONDAY, 20))

    await site.ticketing.close_day(TUESDAY)
    await site.ticketing.close_day(MONDAY, revision=2)
    await site.catch_up()
    after = await told(site.pool)
    assert declared(after) == counted(after)
    assert declared(after)[TUESDAY, "ADV"] == Sums(0, 1, 1, 2)


async def test_an_answer_to_an_earlier_visit_counts_on_the_open_day(open_site: Site) -> None:
    visit = await open_site.served(MONDAY)
    await open_site.ticketing.close_day(MONDAY)
    await open_site.ticketing.open_day(TUESDAY)
    await open_site.catch_up()
    await take_answer(open_site.office, answer(visit))
    event = (await told(open_site.pool))[-1]
    assert isinstance(event.data, FeedbackGiven)
    assert (event.day, event.data.visit_day) == (TUESDAY, MONDAY)


async def test_closing_against_busy_visitors_never_misses_an_answer(open_site: Site) -> None:
    site = open_site
    visits = [await site.ticketing.serve(MONDAY) for _ in range(60)]
    await site.catch_up()

    async def close() -> None:
        await site.ticketing.close_day(MONDAY)
        await site.catch_up()

    async def give(group: int) -> None:
        for visit in visits[group::8]:
            await take_answer(site.office, answer(visit, staff=4))

    await asyncio.gather(*(give(group) for group in range(8)), close())
    events = await told(site.pool)
    assert declared(events) == counted(events)
    await site.ticketing.open_day(TUESDAY)
    await site.ticketing.close_day(TUESDAY)
    await site.catch_up()
    events = await told(site.pool)
    assert declared(events) == counted(events)
    assert sum(declared(events).values(), Sums()) == Sums(60, 60, 60, 240)


async def test_the_tablet_asks_the_last_one_served_at_its_counter_for_ten_minutes(
    open_site: Site,
) -> None:
    site = open_site
    first = await site.served(MONDAY, counter=2)
    site.clock.moment += timedelta(minutes=3)
    second = await site.served(MONDAY, counter=2)
    await site.served(MONDAY, counter=3)

    async def asked() -> object:
        offer = await newest_at_counter(site.office, 2)
        return offer and offer.visit

    assert await asked() == second
    site.clock.moment += timedelta(minutes=10)
    assert await asked() == second
    site.clock.moment += timedelta(milliseconds=1)
    assert await asked() is None
    site.clock.moment -= timedelta(minutes=9)
    await take_answer(site.office, answer(second))
    assert await asked() is None, "nobody answers for the visitor before, who has left"
    assert await served_at_counter(site.office, first, 2)
    assert not await served_at_counter(site.office, first, 3)


async def test_how_it_stands_with_a_link(open_site: Site) -> None:
    site = open_site
    waiting = await site.ticketing.issue(MONDAY)
    await site.catch_up()
    served = await site.served(MONDAY)
    unknown = uuid4()

    async def stands() -> list[Standing]:
        return [
            await standing(site.office, visit, MONDAY, MONDAY)
            for visit in (waiting, served, unknown)
        ]

    assert await stands() == [Standing.TOO_EARLY, Standing.ASKED, Standing.TOO_EARLY]
    await take_answer(site.office, answer(served))
    await site.ticketing.close_day(MONDAY)
    await site.catch_up()
    assert await stands() == [Standing.TOO_EARLY, Standing.ANSWERED, Standing.NOT_ASKED]
    last = MONDAY + timedelta(days=LINK_DAYS)
    assert await standing(site.office, served, MONDAY, last) is Standing.ANSWERED
    late = last + timedelta(days=1)
    assert await standing(site.office, served, MONDAY, late) is Standing.EXPIRED


async def test_the_origin_of_an_answer_is_its_visits(site: Site) -> None:
    await site.ticketing.open_day(MONDAY, Origin.DEMO)
    visit = await site.ticketing.issue(MONDAY, origin=Origin.DEMO)
    await site.ticketing.end(MONDAY, visit, origin=Origin.DEMO)
    await site.catch_up()
    await take_answer(site.office, answer(visit))
    assert [event.origin for event in await told(site.pool)] == [Origin.DEMO, Origin.DEMO]


async def _outcome(taking: Awaitable[Receipt]) -> str:
    try:
        return type(await taking).__name__
    except AnswerRefused as refusal:
        return type(refusal).__name__
