"""A site's disk runs full under its database, until PostgreSQL itself can't go on.

Every answer says what it is; nothing acknowledged is lost; with room again all goes on by itself.
"""

import asyncio
import time
from collections.abc import Callable, Generator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.troubles import LEAST_ROOM
from libs.events.codes import Stream
from libs.events.responses import FeedbackGivenV2
from libs.events.topics import StreamName
from libs.events.visits import VisitIssued
from saduak.local.country import Country
from saduak.local.plan import site_service
from saduak.local.report import ProcessReport, ProcessState
from tests.small_disk import SmallDisk
from tests.system.commands import reporting
from tests.system.desk import Desk
from tests.system.full_disk import (
    Rating,
    Visitors,
    assert_clear,
    metric,
    on_topic,
    stop_the_log,
)

OFFLINE = statements("tests.system", "sql/offline.sql")
SITE = "pjo-50"
STANDARDS = Path(__file__).parents[2] / "standards"
MOST_RESTARTS = 10
"""Of a background task or a server, while the disk is full: more would be a hot loop."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def until(condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in {seconds:.0f} s: {what}"
        time.sleep(0.1)


@pytest.fixture
def country(tmp_path: Path, small_disk: SmallDisk) -> Generator[Country]:
    """A country of one site, whose database server has the small disk for itself."""
    root = tmp_path / "country"
    root.mkdir(mode=0o700)
    (root / "postgres").symlink_to(small_disk.root)
    country = Country(root)
    country.up([SITE], STANDARDS, attached=True)
    yield country
    country.down()


class Site:
    """What can be seen of the site from outside."""

    def __init__(self, country: Country) -> None:
        self._country = country

    def get(self, path: str, stream: Stream = Stream.TICKETING) -> httpx.Response:
        service = self._country.services()[site_service(SITE, stream)]
        return httpx.get(service.operations_url + path, timeout=30, trust_env=False)

    def page(self, path: str, stream: Stream) -> httpx.Response:
        """What visitors reach."""
        address = self._country.address(SITE, stream)
        return httpx.get(address + path, timeout=30, trust_env=False)

    def finding(self, check: str, stream: Stream = Stream.TICKETING) -> tuple[bool, str]:
        """What a check of the service's health says."""
        found = self.get("/health/ready", stream).json()["checks"][check]
        return found["ok"], found["detail"] or ""

    def log(self) -> str:
        return self._country.folder.log(site_service(SITE, Stream.TICKETING)).read_text()

    @property
    def processes(self) -> dict[str, ProcessReport]:
        return self._country.status().processes

    def services(self) -> list[tuple[int | None, int]]:
        """Which processes the services are, and how often they were started again."""
        found = [self.processes[site_service(SITE, stream)] for stream in Stream]
        return [(service.pid, service.restarts) for service in found]

    def all_ready(self) -> bool:
        return all(each.state is ProcessState.READY for each in self.processes.values())

    def day_is_complete(self) -> bool:
        async def ask() -> bool:
            database = self._country.national_database().owner("reporting")
            async with connections(database, "tests", most=1) as pool:
                return await pool.fetchval(OFFLINE.complete_revision, SITE) == 1

        return asyncio.run(ask())


def test_a_full_disk_is_told_and_loses_nothing(
    country: Country, small_disk: SmallDisk, tmp_path: Path
) -> None:
    site, desk = Site(country), Desk(country, SITE)
    worker = desk.hire(tmp_path)
    visitors = Visitors(worker)
    today = str(datetime.now(ZoneInfo("Asia/Bangkok")).date())
    worker.post(f"/days/{today}/open")
    worker.post("/counters/1/open")
    served = [desk.serve_one(worker, 1) for _ in range(3)]
    until(lambda: desk.is_asked(served[-1]["token"]), "feedback asks the last visitor")
    rating = Rating(desk, served[0]["token"])
    rating.open()
    services = site.services()

    small_disk.fill()
    it_refuses_to_write(site, visitors, small_disk)
    it_does_not_run_at_all(country, visitors, rating)
    tasks = [site.get("/health/ready", stream).json()["tasks"] for stream in Stream]
    restarts = [task["restarts"] for each in tasks for task in each.values()]
    assert max([site.processes["postgres"].restarts, *restarts]) <= MOST_RESTARTS

    small_disk.make_room()
    until(lambda: visitors.come().is_success, "tickets are issued again")
    until(lambda: rating.send().is_success, "ratings are taken again")
    until(site.all_ready, "everything is ready again")
    assert site.services() == services, "nobody had to start them again"
    visitors.come_back()
    served.append(desk.serve_one(worker, 1))

    visits = sorted([*visitors.visits, *(ticket["visit"] for ticket in served)])
    totals = worker.post(f"/days/{today}/close")
    assert totals["visits"] == len(visits)
    until(site.day_is_complete, "the nation calls the day complete")
    it_all_arrived_once(country, visits)
    found = reporting(country, "reconcile", "--from", today, "--to", today)
    assert found.status == 0, found
    assert reporting(country, "rebuild", "--check").status == 0
    assert "Exception in ASGI" not in site.log()
    worker.http.close()


def it_refuses_to_write(site: Site, visitors: Visitors, disk: SmallDisk) -> None:
    """PostgreSQL runs, and has no page left for another visit."""

    def turned_away() -> bool:
        disk.fill()  # also over what the database gave back
        return visitors.come().status_code == 507

    until(turned_away, "a visitor is turned away")
    for stream in Stream:
        ok, detail = site.finding("storage", stream)
        assert not ok
        assert "disk full: 0.0 MiB free" in detail
        assert site.finding("database", stream) == (True, "")
        assert site.get("/health/live", stream).is_success
    measured = site.get("/metrics").text
    assert metric(measured, "saduak_disk_free_bytes") < LEAST_ROOM
    assert metric(measured, 'saduak_database_refusals_total{reason="disk_full"}') >= 1
    assert site.log().count('"event": "database refuses"') == 1
    assert '"reason": "disk_full"' in site.log()
    assert visitors.worker.http.get("/console").is_success, "what can be read is shown"
    assert visitors.worker.http.get("/api/queue").is_success


def it_does_not_run_at_all(country: Country, visitors: Visitors, rating: Rating) -> None:
    """PostgreSQL has stopped for want of room, and can't start."""
    site = Site(country)
    stop_the_log(country)

    def can_not_start() -> bool:
        visitors.come()
        return site.processes["postgres"].restarts >= 2

    until(can_not_start, "PostgreSQL was started in vain")
    assert visitors.come().json()["code"] == "disk_full"
    assert assert_clear(rating.send()) == "disk_full"
    assert assert_clear(visitors.worker.http.get("/api/queue")) == "disk_full"
    ticket_page = f"/r/{rating.token}"
    for page in (visitors.worker.http.get("/console"), site.page(ticket_page, Stream.FEEDBACK)):
        assert page.status_code == 507
        assert "ดิสก์เต็ม" in page.text
        assert "again.js" in page.text, "it comes back with nobody's hand"
    assert "The disk is full" in site.page(f"{ticket_page}?lang=en", Stream.FEEDBACK).text
    for stream in Stream:
        assert "disk full" in site.finding("storage", stream)[1]
        assert not site.finding("database", stream)[0]
        assert site.get("/health/live", stream).is_success


def it_all_arrived_once(country: Country, visits: list[str]) -> None:
    """On the site's topics every visit and the one rating are there once, and no number lacks."""
    found = {name: on_topic(country.site_kafka(SITE), StreamName(SITE, name)) for name in Stream}
    for messages in found.values():
        numbers = [message["streamseq"] for message in messages]
        assert numbers == list(range(1, len(messages) + 1))
    issued = [one["subject"] for one in found[Stream.TICKETING] if one["type"] == VisitIssued.TYPE]
    assert sorted(issued) == visits
    given = [one for one in found[Stream.FEEDBACK] if one["type"] == FeedbackGivenV2.TYPE]
    assert len(given) == 1
