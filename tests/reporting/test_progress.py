"""Readiness is progress; no progress at all ends the process."""

import pytest

from services.reporting.consumer.liveness import SLOW_SECONDS, STUCK_SECONDS, Progress, Stuck


class Steady:
    """A steady clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Steady:
    return Steady()


@pytest.fixture
def progress(clock: Steady) -> Progress:
    made = Progress(clock)
    made.started()
    return made


async def ok(progress: Progress) -> bool:
    return (await progress.check()).ok


async def test_not_ready_before_the_start_and_after_the_end(clock: Steady) -> None:
    progress = Progress(clock)
    assert not await ok(progress)
    progress.started()
    assert await ok(progress)
    progress.stopped()
    assert not await ok(progress)
    clock.at += 2 * STUCK_SECONDS
    progress.watch()


async def test_an_idle_stream_is_ready_while_the_broker_answers(
    clock: Steady, progress: Progress
) -> None:
    for _ in range(20):
        clock.at += SLOW_SECONDS - 1
        progress.polled(0.5)
        assert await ok(progress)
        progress.watch()


async def test_a_silent_broker_is_not_ready_and_then_stuck(
    clock: Steady, progress: Progress
) -> None:
    clock.at += SLOW_SECONDS + 1
    progress.polled(SLOW_SECONDS + 1)
    assert not await ok(progress)
    progress.watch()
    clock.at = 1000 + STUCK_SECONDS + 1
    progress.polled(STUCK_SECONDS + 1)
    with pytest.raises(Stuck, match="nothing for 241 s"):
        progress.watch()


async def test_a_failing_batch_is_not_ready_and_not_stuck(
    clock: Steady, progress: Progress
) -> None:
    for _ in range(10):
        progress.attempted()
        clock.at += STUCK_SECONDS / 2
        progress.failed("OSError: the database is away")
        finding = await progress.check()
        assert not finding.ok
        assert "the database is away" in (finding.detail or "")
        progress.watch()
    progress.committed()
    assert await ok(progress)


async def test_a_batch_that_hangs_is_stuck(clock: Steady, progress: Progress) -> None:
    progress.attempted()
    clock.at += SLOW_SECONDS + 1
    assert not await ok(progress)
    clock.at += STUCK_SECONDS
    with pytest.raises(Stuck):
        progress.watch()
