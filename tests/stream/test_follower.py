"""Following another service's log: every event once, whatever fails in between."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from libs.database.pool import connections
from libs.database.statements import statements, text
from libs.events.codes import Origin
from libs.events.visits import VisitStarted
from libs.stream.follower import Follower, Logged
from libs.stream.outbox import Outbox, Transaction
from tests.databases import FreshDatabase

WORK = statements("tests.stream", "sql/work.sql")
DAY = date(2021, 12, 2)


@pytest.fixture
async def logs(fresh_database: FreshDatabase) -> AsyncGenerator[tuple[Outbox, Outbox]]:
    """The log that is followed, and the outbox of the service that follows it."""
    database = await fresh_database("ticketing", "feedback", migrated=False)
    async with (
        connections(database.owner("ticketing"), "ticketing") as ticketing,
        connections(database.owner("feedback"), "owner") as owner,
        connections(database.app("feedback"), "feedback") as feedback,
    ):
        for pool in (ticketing, owner):
            await pool.execute(text("libs.stream", "sql/outbox_v1.sql"))
        await ticketing.execute(WORK.grant_log)
        await owner.execute(WORK.grant_own)
        yield Outbox(ticketing), Outbox(feedback)


async def write(log: Outbox, count: int) -> list[UUID]:
    subjects = [uuid4() for _ in range(count)]
    async with log.transaction() as transaction:
        for subject in subjects:
            say(transaction, subject)
    return subjects


def say(transaction: Transaction, subject: UUID) -> None:
    transaction.emit(
        VisitStarted(step=1, counter=1),
        subject=subject,
        time=datetime.now(UTC),
        service_day=DAY,
        origin=Origin.LIVE,
    )


async def test_what_fails_half_way_is_followed_again_and_once(logs: tuple[Outbox, Outbox]) -> None:
    log, own = logs
    written = await write(log, 25)
    fail_at = iter([1, 3])

    failing = next(fail_at)
    calls = 0

    async def apply(transaction: Transaction, events: Sequence[Logged]) -> None:
        nonlocal calls, failing
        for event in events:
            assert isinstance(event.payload, VisitStarted)
            assert event.subject is not None
            say(transaction, event.subject)
        calls += 1
        if calls == failing:
            failing = next(fail_at, 0)
            raise ConnectionError("the power went")

    follower = Follower(own, apply, batch=10)
    followed = 0
    while followed < 25:
        try:
            followed += await follower.step()
        except ConnectionError:
            continue
    assert await follower.step() == 0
    rows = await own.pool.fetch(WORK.subjects)
    assert [row["subject"] for row in rows] == written


async def test_two_processes_that_follow_take_turns(logs: tuple[Outbox, Outbox]) -> None:
    log, own = logs
    written = await write(log, 60)

    async def apply(transaction: Transaction, events: Sequence[Logged]) -> None:
        for event in events:
            assert event.subject is not None
            say(transaction, event.subject)

    async def follow() -> None:
        follower = Follower(own, apply, batch=7)
        while await follower.step():
            continue

    await asyncio.gather(follow(), follow())
    rows = await own.pool.fetch(WORK.subjects)
    assert [row["subject"] for row in rows] == written


async def test_a_type_of_a_newer_version_is_passed_on_unread(logs: tuple[Outbox, Outbox]) -> None:
    log, own = logs
    await write(log, 1)
    await log.pool.execute(WORK.make_unknown)
    seen: list[Logged] = []

    async def apply(_: Transaction, events: Sequence[Logged]) -> None:
        seen.extend(events)

    assert await Follower(own, apply).step() == 1
    assert seen[0].type == "visit.waved.v1"
    assert seen[0].payload is None


async def test_what_an_older_release_wrote_out_of_span_is_passed_over(
    logs: tuple[Outbox, Outbox],
) -> None:
    log, own = logs
    written = await write(log, 3)
    await log.pool.execute(WORK.make_old, 2)
    followed: list[UUID | None] = []

    async def apply(transaction: Transaction, events: Sequence[Logged]) -> None:
        followed.extend(event.subject for event in events)
        for event in events:
            transaction.emit(
                VisitStarted(step=1, counter=1),
                subject=event.subject,
                time=event.time,
                service_day=event.service_day,
                origin=event.origin,
            )

    follower = Follower(own, apply)
    assert await follower.step() == 3
    assert await follower.step() == 0
    assert followed == [written[0], written[2]]
