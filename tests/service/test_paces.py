"""A kiosk takes tickets at the pace of people; what is refused comes a little later, once."""

import asyncio
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from libs.clock import now
from libs.database.statements import statements
from libs.service.formats import local_date
from libs.site.devices import DeviceKind
from libs.site.paces import MOST_BUCKETS, MOST_TOLD, TICKETS_PER_KIOSK, Buckets, Pace, Told
from libs.site.staff import Role
from libs.standards import Standards
from saduak.provision.postgres import SiteDatabase
from services.ticketing.server import build
from tests.service.running import Ticketing, running

SQL = statements("tests.service", "sql/service.sql")


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_the_default_is_one_a_second_and_ten_at_once() -> None:
    assert Pace(per_second=1.0, burst=10) == TICKETS_PER_KIOSK
    assert build.__defaults__ == (TICKETS_PER_KIOSK,)


def test_a_bucket_gives_its_burst_and_then_one_a_second() -> None:
    clock = Clock()
    buckets = Buckets(TICKETS_PER_KIOSK, clock)
    assert [buckets.take(1) for _ in range(12)] == [None] * 10 + [1, 1]
    assert buckets.take(2) is None
    clock.at += 1
    assert [buckets.take(1) for _ in range(2)] == [None, 1]
    clock.at += 3600
    assert [buckets.take(1) for _ in range(11)] == [None] * 10 + [1]


@given(
    st.lists(st.floats(0, 5), max_size=200),
    st.sampled_from([0.1, 1.0, 3.0, 50.0]),
    st.integers(1, 20),
)
def test_no_stretch_of_time_holds_more_than_its_share(
    gaps: list[float], per_second: float, burst: int
) -> None:
    clock = Clock()
    buckets = Buckets(Pace(per_second, burst), clock)
    taken: list[float] = []
    for gap in gaps:
        clock.at += gap
        wait = buckets.take(1)
        if wait is None:
            taken.append(clock.at)
        else:
            clock.at += wait
            assert buckets.take(1) is None
            taken.append(clock.at)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            share = burst + (taken[last] - taken[first]) * per_second
            assert last - first + 1 <= share + 1e-3
    assert all(one <= other for one, other in pairwise(taken))


def test_the_buckets_are_bounded_and_forget_the_fullest_first() -> None:
    clock = Clock()
    buckets = Buckets(TICKETS_PER_KIOSK, clock)
    for _ in range(10):
        buckets.take(0)
    for machine in range(1, 3 * MOST_BUCKETS):
        buckets.take(machine)
    assert len(buckets._full_at) <= MOST_BUCKETS
    assert buckets.take(0) == 1


async def test_a_kiosk_is_slowed_down_and_staff_are_not(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    (await supervisor.post(f"/api/days/{local_date(now())}/open")).raise_for_status()
    kiosk, other = await ticketing.machine(DeviceKind.KIOSK), await ticketing.visitor()
    answers = [await kiosk.post("/api/tickets", json={"service": "ADV"}) for _ in range(40)]
    refused = [one for one in answers if one.status_code == HTTPStatus.TOO_MANY_REQUESTS]
    assert 40 - len(refused) >= 10
    assert len(refused) > 10
    problem = refused[0].json()
    assert problem["code"] == "too_fast"
    assert int(refused[0].headers["retry-after"]) == 1
    assert all(problem[part][language] for part in ("what", "mend") for language in ("th", "en"))
    asked = {"service": "ADV", "wish": str(uuid4())}
    for _ in range(3):
        while (answer := await kiosk.post("/api/tickets", json=asked)).status_code == 429:
            await asyncio.sleep(int(answer.headers["retry-after"]))
        assert answer.status_code == HTTPStatus.CREATED
    assert (await other.post("/api/tickets", json=asked)).status_code == HTTPStatus.FORBIDDEN
    by_staff = [await supervisor.post("/api/tickets", json={"service": "ADV"}) for _ in range(25)]
    assert {one.status_code for one in by_staff} == {HTTPStatus.CREATED}
    tickets = await ticketing.pool.fetchval(SQL.count_visits)
    assert tickets == 40 - len(refused) + 1 + 25


async def test_a_pace_is_an_argument_of_the_application(
    site_database: SiteDatabase, tmp_path: Path, standards: Standards
) -> None:
    async with running(site_database, tmp_path, standards, Pace(1000.0, 100)) as ticketing:
        supervisor = await ticketing.staff(Role.SUPERVISOR)
        (await supervisor.post(f"/api/days/{local_date(now())}/open")).raise_for_status()
        kiosk = await ticketing.machine(DeviceKind.KIOSK)
        answers = [await kiosk.post("/api/tickets", json={"service": "ADV"}) for _ in range(30)]
        assert {one.status_code for one in answers} == {HTTPStatus.CREATED}


def test_the_same_is_told_once_a_minute_and_little_is_remembered() -> None:
    moment = [0.0]
    told = Told(lambda: moment[0])
    assert [told.is_new("a"), told.is_new("a"), told.is_new("b")] == [True, False, True]
    moment[0] = 59.9
    assert not told.is_new("a")
    moment[0] = 60.0
    assert told.is_new("a")
    for number in range(3 * MOST_TOLD):
        assert told.is_new(number)
        assert len(told._told) <= MOST_TOLD
