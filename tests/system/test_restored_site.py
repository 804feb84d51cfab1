"""A site's database is lost and its backup put back: all it has reaches the nation, once."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from libs.database.pool import Database, connections
from libs.events.codes import Stream
from saduak.local.country import Country
from tests.system.backup import SQL, back_up, put_back
from tests.system.commands import reporting
from tests.system.desk import Desk, Worker

SITE = "pjo-41"
STANDARDS = Path(__file__).parents[2] / "standards"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def rows(database: Database, statement: str, *arguments: object) -> list[asyncpg.Record]:
    async def ask() -> list[asyncpg.Record]:
        async with connections(database, "tests", most=1) as pool:
            return await pool.fetch(statement, *arguments)

    return asyncio.run(ask())


def places(found: list[asyncpg.Record]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found]


def written(country: Country, stream: Stream) -> list[tuple[Any, ...]]:
    """The stream as the site has it: epoch, sequence, event."""
    return places(rows(country.site_database(SITE).owner(stream), SQL.written))


def arrived(country: Country, stream: Stream) -> list[tuple[Any, ...]]:
    """The stream as the nation has it."""
    nation = country.national_database().owner("reporting")
    return places(rows(nation, SQL.arrived, SITE, stream.value))


def all_arrived(country: Country, visits: int) -> bool:
    """Whether feedback has asked every visitor, and the nation has all of it."""
    return len(arrived(country, Stream.FEEDBACK)) == visits and newest_arrived(country)


def newest_arrived(country: Country) -> bool:
    return all(written(country, one)[-1] in arrived(country, one) for one in Stream)


def day_state(country: Country) -> tuple[str, str | None]:
    nation = country.national_database().owner("reporting")
    ((state, detail),) = places(rows(nation, SQL.day, SITE))
    return state, detail


def work(desk: Desk, worker: Worker, visits: int) -> list[str]:
    return [desk.serve_one(worker, 1)["token"] for _ in range(visits)]


def test_a_backup_that_is_put_back(tmp_path: Path) -> None:
    country = Country(tmp_path / "country")
    country.up([SITE], STANDARDS, attached=True)
    try:
        desk = Desk(country, SITE)
        worker = desk.hire(tmp_path)
        today = str(datetime.now(ZoneInfo("Asia/Bangkok")).date())
        worker.post(f"/days/{today}/open")
        worker.post("/counters/1/open")
        work(desk, worker, 20)
        until(lambda: all_arrived(country, visits=20))
        back_up(country, SITE, tmp_path / "backup")
        work(desk, worker, 10)
        until(lambda: all_arrived(country, visits=30))
        lost = {stream: arrived(country, stream) for stream in Stream}

        country.kafka_down()
        put_back(country, SITE, tmp_path / "backup")
        until(lambda: works_again(desk, worker))
        for token in work(desk, worker, 15)[::3]:
            until(lambda token=token: desk.is_asked(token))
            assert desk.rate(token).is_success
        worker.post(f"/days/{today}/close")
        country.kafka_up()

        until(lambda: day_state(country)[0] == "disputed" and newest_arrived(country))
        assert day_state(country) == ("disputed", "restored")
        for stream in Stream:
            here, there = written(country, stream), arrived(country, stream)
            assert len(there) == len(set(there))
            assert set(there) == set(here) | set(lost[stream])
            assert {epoch for epoch, _, _ in here} == {1, 2}
        assert reporting(country, "rebuild", "--check").status == 0

        worker.post(f"/days/{today}/resolve", {"reason": "repeated"})
        until(lambda: day_state(country) == ("resolved", "resolved_repeated"))
        found = reporting(country, "reconcile", "--from", today, "--to", today)
        assert found.status == 0, found
        assert f"resolved after a restore: {SITE} {today}: repeated" in found.out
        worker.http.close()
    finally:
        country.down()


def works_again(desk: Desk, worker: Worker) -> bool:
    """The services have found their database again, with the account of the backup."""
    answer = worker.http.get("/api/queue")
    return answer.is_success
