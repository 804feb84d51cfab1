"""A site whose broker is away from before its start: it works, and hands everything over later."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from libs.database.pool import connections
from libs.database.statements import statements
from libs.events.codes import Stream
from saduak.local.country import Country
from saduak.local.plan import site_service
from saduak.local.report import ProcessState
from tests.system.commands import reporting
from tests.system.desk import Desk

SQL = statements("tests.system", "sql/offline.sql")
SITE = "pjo-65"
STANDARDS = Path(__file__).parents[2] / "standards"
VISITS = 200
COUNTERS = (1, 2)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def kill_both_services(country: Country) -> None:
    """As a power cut would, and wait until both serve again."""
    names = [site_service(SITE, stream) for stream in Stream]
    before = {name: country.status().processes[name] for name in names}
    for process in before.values():
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)

    def both_are_back() -> bool:
        now = country.status().processes
        return all(
            now[name].restarts > before[name].restarts and now[name].state is ProcessState.READY
            for name in names
        )

    until(both_are_back)


def revision(country: Country) -> int | None:
    """The revision of the ticketing manifest by which the nation calls the day complete."""

    async def ask() -> int | None:
        database = country.national_database().owner("reporting")
        async with connections(database, "tests", most=1) as pool:
            return await pool.fetchval(SQL.complete_revision, SITE)

    return asyncio.run(ask())


def test_a_day_without_a_broker_reaches_the_nation_whole(tmp_path: Path) -> None:
    country = Country(tmp_path / "country")
    country.up([SITE], STANDARDS, kafka=False, attached=True)
    stack = ExitStack()
    try:
        desk = Desk(country, SITE)
        worker = desk.hire(tmp_path)
        stack.callback(worker.http.close)
        today = str(datetime.now(ZoneInfo("Asia/Bangkok")).date())
        worker.post(f"/days/{today}/open")
        clerks = {counter: desk.hire(tmp_path, f"clerk-{counter}") for counter in COUNTERS}
        for counter, clerk in clerks.items():
            stack.callback(clerk.http.close)
            clerk.post(f"/counters/{counter}/open")

        tickets: list[str] = []
        first_visit = ""
        for number in range(VISITS):
            counter = COUNTERS[number % len(COUNTERS)]
            ticket = desk.serve_one(clerks[counter], counter)
            tickets.append(ticket["token"])
            first_visit = first_visit or ticket["visit"]
            if number == VISITS // 2:
                kill_both_services(country)
        for token in tickets[::4]:
            until(partial(desk.is_asked, token))
            assert desk.rate(token).is_success
        totals = worker.post(f"/days/{today}/close")
        assert totals["visits"] == VISITS
        assert country.status().processes["kafka"].state is ProcessState.STOPPED

        country.kafka_up()
        until(lambda: revision(country) == 1)
        period = ("--from", today, "--to", today)
        first = reporting(country, "reconcile", *period)
        assert first.status == 0, first

        change = {"field": "service", "new": "CMP"}
        worker.post(
            f"/visits/{first_visit}/corrections", {"reason": "wrong_service", "change": change}
        )
        until(lambda: revision(country) == 2)
        second = reporting(country, "reconcile", *period)
        assert second.status == 0, second
        assert reporting(country, "rebuild", "--check").status == 0
        worker.http.close()
    finally:
        stack.close()
        country.down()
