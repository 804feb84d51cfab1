"""Replicas on one database: a rebalance may hand two of them the same messages."""

import asyncio
from datetime import date
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.ingest import watermarks
from services.reporting.ingest.messages import EpochKey
from tests.reporting.nation import Nation
from tests.reporting.streams import Message, SiteStreams, played

DAY = date(2026, 3, 2)


async def in_turn(nation: Nation, messages: list[Message], size: int) -> None:
    """One replica's part, batch by batch."""
    for start in range(0, len(messages), size):
        await nation.take(messages[start : start + size])


async def test_the_same_batches_at_once_count_once(nation: Nation) -> None:
    messages = [m for s in played(("pjo-30", "pjo-50"), [DAY], 25) for m in s.messages]
    taken = await asyncio.gather(*(nation.take(messages) for _ in range(4)))
    assert sum(sum(one.stored.values()) for one in taken) == len(messages)
    assert sum(one.duplicates for one in taken) == 3 * len(messages)
    assert set((await nation.states()).values()) == {("complete", None)}
    assert await nation.check() == []


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6), sizes=st.tuples(st.integers(5, 60), st.integers(5, 60)))
async def test_overlapping_batches_count_once(
    nation: Nation, seed: int, sizes: tuple[int, int]
) -> None:
    await nation.alter("forget_everything")
    site = SiteStreams("pjo-50", seed)
    site.open(DAY)
    site.serve(DAY, 8)
    site.ticketing.restore()
    site.close(DAY)
    site.correct(DAY)
    other = SiteStreams("moj-jsc", seed)
    other.play(DAY, 6)
    everything = site.messages + other.messages
    shuffled = Random(seed).sample(everything, len(everything))
    await asyncio.gather(
        in_turn(nation, everything, sizes[0]),
        in_turn(nation, shuffled, sizes[1]),
        in_turn(nation, everything[::-1], 40),
    )
    assert len(await nation.rows("events")) == len(everything)
    assert set((await nation.states()).values()) == {("complete", None)}
    assert await nation.check() == []


async def test_two_epochs_of_one_stream_take_turns(nation: Nation) -> None:
    """A visit with events on both sides of a restoration, taken in by two replicas at once."""
    site = SiteStreams("pjo-50", 1)
    site.open(DAY)
    site.serve(DAY, 30)
    site.ticketing.restore()
    for _ in range(30):
        site.correct(DAY)
    numbered = [m for m in site.ticketing.sent if b'"streamepoch":1' in (m.value or b"")]
    restored = [m for m in site.ticketing.sent if m not in numbered]
    await asyncio.gather(
        in_turn(nation, restored, 7), in_turn(nation, numbered, 11), in_turn(nation, restored, 5)
    )
    assert await nation.check() == []


async def test_who_holds_one_epoch_holds_the_stream(nation: Nation) -> None:
    """Even where the epochs' rows are all new, the second transaction waits for the first."""
    first, second = EpochKey("pjo-50", "ticketing", 1), EpochKey("pjo-50", "ticketing", 2)
    order: list[str] = []

    async def hold_second() -> None:
        async with nation.pool.acquire() as connection, connection.transaction():
            await watermarks.lock(connection, {second})
            order.append("second")

    async with nation.pool.acquire() as connection, connection.transaction():
        await watermarks.lock(connection, {first})
        waiting = asyncio.create_task(hold_second())
        async with asyncio.timeout(30):
            while (await nation.rows("waiting"))[0]["sessions"] == 0:
                assert not waiting.done()
        order.append("first")
    await waiting
    assert order == ["first", "second"]


async def test_rebuilding_waits_for_batches_and_holds_them_up(nation: Nation) -> None:
    messages = [m for s in played(("pjo-30", "pjo-50"), [DAY], 25) for m in s.messages]

    async def rebuild_often() -> None:
        for _ in range(3):
            await nation.rebuild()

    await asyncio.gather(in_turn(nation, messages, 20), rebuild_often())
    assert set((await nation.states()).values()) == {("complete", None)}
    assert await nation.check() == []
