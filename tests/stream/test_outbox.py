"""Numbers without holes, in commit order, and a manifest that no commit slips past."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from libs.events.codes import Origin, Outcome, TimeQuality
from libs.events.responses import FeedbackDayClosed, FeedbackGiven
from libs.events.restoration import DayResolved, ResolutionReason
from libs.events.visits import DayClosed, ServiceTotals, VisitEnded, VisitStarted
from libs.stream.outbox import Outbox, OutOfSpan, Transaction
from tests.stream.conftest import SQL

DAY = date(2021, 12, 2)
WRITERS = 8
TURNS = 60


class Undone(Exception):
    """A use case that fails after it has emitted."""


def emit(transaction: Transaction, count: int) -> None:
    for number in range(1, count + 1):
        transaction.emit(
            VisitStarted(step=1, counter=number),
            subject=uuid4(),
            time=datetime.now(UTC),
            service_day=DAY,
            origin=Origin.LIVE,
        )


async def write(outbox: Outbox, seed: int) -> int:
    """One clerk's day: transactions of one to four events, every fourth of them undone."""
    chance = random.Random(seed)
    committed = 0
    for _ in range(TURNS):
        count = chance.randint(1, 4)
        try:
            async with outbox.transaction() as transaction:
                await transaction.lock_day_shared(DAY)
                await transaction.connection.execute(SQL.insert, DAY, count)
                emit(transaction, count)
                if chance.random() < 0.25:
                    await transaction.append()
                    raise Undone
            committed += count
        except Undone:
            continue
    return committed


async def test_eight_writers_with_rollbacks_leave_no_hole_and_commit_in_order(
    outbox: Outbox,
) -> None:
    seen: list[list[int]] = []
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            rows = await outbox.pool.fetch(SQL.positions)
            seen.append([row["position"] for row in rows])

    watching = asyncio.create_task(watch())
    committed = sum(await asyncio.gather(*(write(outbox, seed) for seed in range(WRITERS))))
    done.set()
    await watching

    rows = await outbox.pool.fetch(SQL.log)
    assert [row["sequence"] for row in rows] == list(range(1, committed + 1))
    assert [row["position"] for row in rows] == list(range(1, committed + 1))
    assert len({row["id"] for row in rows}) == committed
    # Whoever reads behind a cursor sees the log only ever grow at its end.
    for earlier, later in pairwise(seen):
        assert later[: len(earlier)] == earlier
    assert len(seen) > 10


async def clerk(outbox: Outbox, stop: asyncio.Event, seed: int) -> None:
    chance = random.Random(seed)
    while not stop.is_set():
        ms = chance.randint(1, 1000)
        async with outbox.transaction() as transaction:
            await transaction.lock_day_shared(DAY)
            await transaction.connection.execute(SQL.insert, DAY, ms)
            transaction.emit(
                VisitEnded(step=1, outcome=Outcome.SERVED, time_quality=TimeQuality.ACTUAL),
                subject=uuid4(),
                time=datetime.now(UTC),
                service_day=DAY,
                origin=Origin.LIVE,
            )


async def close(outbox: Outbox, revision: int) -> None:
    async with outbox.transaction() as transaction:
        await transaction.lock_day_exclusive(DAY)
        (total,) = await transaction.connection.fetch(SQL.total, DAY)
        row = ServiceTotals(
            service="INF",
            steps=total["steps"],
            served=total["steps"],
            no_show=0,
            left=0,
            removed=0,
            forgotten=0,
            wait_ms=total["ms"],
            service_ms=0,
            implausible=0,
        )
        transaction.emit(
            DayClosed(revision=revision, visits=total["steps"], services=(row,)),
            subject=None,
            time=datetime.now(UTC),
            service_day=DAY,
            origin=Origin.LIVE,
        )


async def test_closing_against_eight_busy_clerks_misses_no_visit(outbox: Outbox) -> None:
    stop = asyncio.Event()
    clerks = [asyncio.create_task(clerk(outbox, stop, seed)) for seed in range(WRITERS)]
    for revision in range(1, 21):
        await asyncio.wait_for(close(outbox, revision), 30)
    stop.set()
    await asyncio.gather(*clerks)

    ended = 0
    manifests = 0
    for row in await outbox.pool.fetch(SQL.log):
        if row["type"] == VisitEnded.TYPE:
            ended += 1
        else:
            manifests += 1
            manifest = DayClosed.model_validate_json(row["data"])
            assert manifest.visits == ended, "a commit slipped between the sum and its number"
    assert manifests == 20
    assert ended > 100


async def test_an_answer_is_cut_to_the_hour_in_every_time_it_carries(outbox: Outbox) -> None:
    given = FeedbackGiven.model_validate_json(
        '{"reference":"0123456789abcdef0123456789abcdef","visit_day":"2021-12-02",'
        '"service":"INF","waiting_band":"unknown","language":"th","channel":"link",'
        '"ratings":[{"dimension":"staff","level":5}],"screening":[]}'
    )
    moment = datetime(2021, 12, 2, 3, 44, 5, 678000, tzinfo=UTC)
    async with Outbox(outbox.pool, clock=lambda: moment).transaction() as transaction:
        transaction.emit(given, subject=uuid4(), time=moment, service_day=DAY, origin=Origin.LIVE)
        transaction.emit(
            FeedbackDayClosed(revision=1, services=()),
            subject=None,
            time=moment,
            service_day=DAY,
            origin=Origin.LIVE,
        )
    answer, manifest = await outbox.pool.fetch(SQL.log)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    assert (answer["time"], answer["recorded"]) == (hour, hour)
    assert (answer["id"].int >> 80) == int(hour.timestamp() * 1000)
    assert manifest["time"] == moment


ENDS = (date.min, date(1, 1, 2), date(9999, 12, 30), date.max)


@pytest.mark.parametrize("day", [*ENDS, DAY], ids=str)
async def test_a_day_is_locked_at_the_calendar_s_ends_too(outbox: Outbox, day: date) -> None:
    async with outbox.transaction() as one:
        await one.lock_day_shared(day)
        async with outbox.transaction() as other:
            await other.lock_day_shared(day)
            await other.connection.execute("SET LOCAL lock_timeout = '100ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await have_alone(outbox, day)
    await have_alone(outbox, day)


async def have_alone(outbox: Outbox, day: date) -> None:
    async with outbox.transaction() as transaction:
        await transaction.connection.execute("SET LOCAL lock_timeout = '100ms'")
        await transaction.lock_day_exclusive(day)


async def test_the_previous_release_s_lock_on_a_day_is_ours(outbox: Outbox) -> None:
    """Both may run on one database while a site is upgraded."""
    async with outbox.transaction() as one:
        await one.lock_day_shared(DAY)
        assert not await outbox.pool.fetchval(SQL.close_day_as_before, DAY)
    assert await outbox.pool.fetchval(SQL.close_day_as_before, DAY)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("time", {"time": datetime(1970, 1, 1, tzinfo=UTC)}),
        ("time", {"time": datetime(2014, 12, 31, 23, 59, tzinfo=UTC)}),
        ("time", {"time": datetime(2101, 1, 1, tzinfo=UTC)}),
        ("time", {"time": datetime.max.replace(tzinfo=UTC)}),
        ("time", {"time": datetime.min.replace(tzinfo=timezone(timedelta(hours=7)))}),
        ("time", {"time": datetime(1995, 1, 1, tzinfo=UTC)}),
        ("time", {"time": datetime(1989, 1, 1, tzinfo=UTC), "origin": Origin.IMPORT}),
        ("serviceday", {"service_day": date(2569, 1, 1)}),
        ("serviceday", {"service_day": date.min}),
        ("serviceday", {"service_day": date(1989, 12, 31), "origin": Origin.IMPORT}),
    ],
)
async def test_an_event_out_of_span_is_refused_where_it_is_made(
    outbox: Outbox, field: str, changes: dict[str, Any]
) -> None:
    said: dict[str, Any] = {"time": datetime.now(UTC), "service_day": DAY, "origin": Origin.LIVE}
    with pytest.raises(OutOfSpan) as refused:
        await one_good_and(outbox, said | changes)
    assert refused.value.field == field
    assert await outbox.pool.fetch(SQL.positions) == []


async def one_good_and(outbox: Outbox, said: dict[str, Any]) -> None:
    async with outbox.transaction() as transaction:
        emit(transaction, 1)
        transaction.emit(VisitStarted(step=1, counter=1), subject=uuid4(), **said)


async def test_an_import_may_be_of_the_past(outbox: Outbox) -> None:
    past = datetime(1995, 3, 1, tzinfo=UTC)
    async with outbox.transaction() as transaction:
        transaction.emit(
            VisitStarted(step=1, counter=1),
            subject=uuid4(),
            time=past,
            service_day=past.date(),
            origin=Origin.IMPORT,
        )
    assert len(await outbox.pool.fetch(SQL.positions)) == 1


async def test_what_a_supervisor_says_today_may_be_of_an_imported_day(outbox: Outbox) -> None:
    async with outbox.transaction() as transaction:
        transaction.emit(
            DayResolved(reason=ResolutionReason.CHECKED),
            subject=None,
            time=datetime.now(UTC),
            service_day=date(1995, 3, 1),
            origin=Origin.LIVE,
        )
    assert len(await outbox.pool.fetch(SQL.positions)) == 1


async def test_a_dead_clock_is_told_apart(outbox: Outbox) -> None:
    dead = Outbox(outbox.pool, lambda: datetime(1970, 1, 1, 0, 3, tzinfo=UTC))
    said: dict[str, Any] = {"time": datetime.now(UTC), "service_day": DAY, "origin": Origin.LIVE}
    with pytest.raises(OutOfSpan, match="recordedtime: 1970"):
        await one_good_and(dead, said)
