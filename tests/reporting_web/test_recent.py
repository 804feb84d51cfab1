"""A crowd's question is answered once."""

import asyncio

import pytest

from services.reporting.reads.rollup_sums import Crowded
from services.reporting.web.cache import (
    KEPT_SECONDS,
    MOST_KEPT,
    MOST_UNDER_WAY,
    Recent,
)


async def test_a_crowd_waits_for_one_answer() -> None:
    made: list[int] = []
    asked = asyncio.Event()

    async def make() -> int:
        made.append(1)
        await asked.wait()
        return len(made)

    recent = Recent[int]()
    crowd = [asyncio.create_task(recent.get("march", make)) for _ in range(20)]
    asked.set()
    assert set(await asyncio.gather(*crowd)) == {1}


async def test_an_answer_grows_old() -> None:
    now = 0.0
    made = iter(range(10))

    async def make() -> int:
        return next(made) + 1

    recent = Recent[int](clock=lambda: now)
    assert [await recent.get("a", make), await recent.get("a", make)] == [1, 1]
    assert await recent.get("b", make) == 2
    now = KEPT_SECONDS
    assert await recent.get("a", make) == 3
    for number in range(MOST_KEPT):
        await recent.get(number, _nine)
    assert await recent.get("a", make) == 4


async def _nine() -> int:
    return 9


async def test_a_failure_is_not_kept() -> None:
    async def fail() -> int:
        raise TimeoutError

    recent = Recent[int]()
    with pytest.raises(TimeoutError):
        await recent.get("a", fail)
    assert await recent.get("a", _nine) == 9


async def test_one_failure_is_told_to_all_who_wait() -> None:
    made: list[int] = []
    asked = asyncio.Event()

    async def fail() -> int:
        made.append(1)
        await asked.wait()
        raise TimeoutError

    recent = Recent[int]()
    crowd = [asyncio.create_task(recent.get("march", fail)) for _ in range(20)]
    await asyncio.sleep(0)
    asked.set()
    told = await asyncio.gather(*crowd, return_exceptions=True)
    assert [type(one) for one in told] == [TimeoutError] * 20
    assert len(made) == 1


async def test_one_who_leaves_takes_the_answer_from_nobody() -> None:
    asked = asyncio.Event()

    async def make() -> int:
        await asked.wait()
        return 7

    recent = Recent[int]()
    first, second = (asyncio.create_task(recent.get("march", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    asked.set()
    assert await second == 7


async def test_questions_under_way_are_bounded() -> None:
    asked = asyncio.Event()

    async def make() -> int:
        await asked.wait()
        return 1

    recent = Recent[int]()
    crowd = [asyncio.create_task(recent.get(n, make)) for n in range(MOST_UNDER_WAY)]
    await asyncio.sleep(0)
    with pytest.raises(Crowded):
        await recent.get("one more", make)
    asked.set()
    assert sum(await asyncio.gather(*crowd)) == MOST_UNDER_WAY
    assert await recent.get("one more", make) == 1
