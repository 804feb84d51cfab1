"""Background tasks: what fails is restarted or ends the process, and is seen either way."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from libs.service import supervision
from libs.service.health import Finding, Health
from libs.service.http import Process
from libs.service.supervision import OnFailure, Supervisor, TaskState


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FIRST_DELAY", 0.001)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.005)


def failing(times: int) -> Callable[[], Awaitable[None]]:
    """Work that fails so many times, then goes on."""
    left = times

    async def work() -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise RuntimeError(f"{left} more")
        await asyncio.Event().wait()

    return work


async def test_a_task_that_fails_starts_again() -> None:
    supervisor = Supervisor()
    supervisor.start("relay", failing(3))
    status = supervisor.status["relay"]
    await until(lambda: status.restarts == 3 and status.state is TaskState.RUNNING)
    assert status.last_error == "RuntimeError: 0 more"
    assert not supervisor.failed.is_set()
    await supervisor.stop()
    assert status.state is TaskState.STOPPED


async def test_a_task_that_returns_has_failed() -> None:
    async def over() -> None:
        return

    supervisor = Supervisor()
    supervisor.start("short", over)
    await until(lambda: supervisor.status["short"].restarts)
    assert "should run for ever" in str(supervisor.status["short"].last_error)
    await supervisor.stop()


async def test_a_task_may_end_the_process() -> None:
    supervisor = Supervisor()
    supervisor.start("ingest", failing(1), OnFailure.END)
    await asyncio.wait_for(supervisor.failed.wait(), 5)
    assert supervisor.status["ingest"].state is TaskState.FAILED


async def test_a_name_is_used_once() -> None:
    supervisor = Supervisor()
    supervisor.start("one", failing(0))
    with pytest.raises(ValueError, match="runs already"):
        supervisor.start("one", failing(0))
    await supervisor.stop()


async def test_readiness_names_what_fails_and_goes_on_without_the_rest() -> None:
    health = Health(Supervisor())

    async def good() -> Finding:
        return Finding(ok=True)

    async def bad() -> Finding:
        raise ConnectionRefusedError("no database")

    health.check("clock", good)
    assert (await health.ready())[0]
    health.check("database", bad)
    ready, report = await health.ready()
    assert not ready
    assert report["checks"] == {
        "clock": {"ok": True, "detail": None},
        "database": {"ok": False, "detail": "ConnectionRefusedError: no database"},
    }


async def test_a_check_that_hangs_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.service.health.CHECK_SECONDS", 0.01)

    async def hang() -> Finding:
        await asyncio.Event().wait()
        return Finding(ok=True)

    health = Health(Supervisor())
    health.check("slow", hang)
    assert (await health.ready())[1]["checks"] == {
        "slow": {"ok": False, "detail": "no answer within 0 s"}
    }


async def test_restarts_are_a_metric() -> None:
    process = Process()
    process.supervisor.start("relay", failing(2))
    sample = ("saduak_task_restarts_total", {"task": "relay"})
    await until(lambda: process.metrics.registry.get_sample_value(*sample) == 2)
    sample = ("saduak_task_running", {"task": "relay"})
    await until(lambda: process.metrics.registry.get_sample_value(*sample) == 1)
    await process.supervisor.stop()
