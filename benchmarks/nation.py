"""A nation to measure: its database, its topics, and months of seven sites' streams."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from importlib import resources
from itertools import count
from pathlib import Path
from secrets import token_hex

from benchmarks.ground import Ground
from libs.database.migrations import upgrade
from libs.standards import Standards, load
from saduak.local.plan import NATIONAL
from saduak.provision.kafka import country
from saduak.provision.kafka import provision as provision_kafka
from saduak.provision.postgres import (
    NATIONAL_SCHEMAS,
    SiteDatabase,
    described,
    login_names,
    provision,
)
from tests.reporting.streams import Message, SiteStreams

STANDARDS = Path(__file__).parent.parent / "standards"
SEED = 1
FIRST_DAY = date(2026, 10, 1)
VISITS = 150
"""A day and site; with their calls, ratings and corrections some 800 events."""
CORRECTIONS = 1
PASSWORD = "bench"


def standards() -> Standards:
    return load(STANDARDS)


def active_sites(known: Standards) -> list[str]:
    return [site.code for site in known.sites.values() if site.active]


async def national_database(ground: Ground, name: str = NATIONAL) -> SiteDatabase:
    """A migrated database for the reporting service."""
    admin = ground.postgres.admin
    passwords = {login: token_hex(16) for login in login_names(name, NATIONAL_SCHEMAS)}
    database = described(admin, name, NATIONAL_SCHEMAS, passwords, name)
    await provision(admin, database)
    with resources.as_file(resources.files("services.reporting")) as service:
        await upgrade(database.owner("reporting"), "reporting", service / "migrations/versions")
    return database


def make_topics(ground: Ground, sites: list[str]) -> None:
    provision_kafka(ground.kafka.admin, country(dict.fromkeys(sites, PASSWORD), PASSWORD))


def played(known: Standards, sites: Sequence[str], events: int) -> Iterator[list[Message]]:
    """``events`` messages of these sites, a working day of a site at a time."""
    streams = [SiteStreams(site, SEED, known.sites[site].services) for site in sites]
    left = events
    for day in (FIRST_DAY + timedelta(days=passed) for passed in count()):
        for site in streams:
            if known.office_hours(site.site, day) is None:
                continue
            site.play(day, VISITS, CORRECTIONS)
            yield site.messages[:left]
            left -= min(left, len(site.messages))
            if not left:
                return
            site.ticketing.sent.clear()
            site.feedback.sent.clear()


def twins(known: Standards, sites: Sequence[str], events: int) -> Iterator[list[Message]]:
    """``events`` messages of each site, all alike: for numbers that would take too long to play."""
    for messages in played(known, sites[:1], events):
        for site in sites:
            yield [_moved(message, sites[0], site) for message in messages]


def _moved(message: Message, from_: str, to: str) -> Message:
    raw = message.value or b""
    return message._replace(
        topic=message.topic.replace(from_, to),
        value=raw.replace(f"/sites/{from_}/".encode(), f"/sites/{to}/".encode()),
    )


async def until(
    true: Callable[[], bool], task: asyncio.Task[None], seconds: float, what: str
) -> None:
    """Return when ``true``; raises what ``task`` raised, or TimeoutError after ``seconds``."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not true():
        if task.done():
            raise RuntimeError(f"ended before {what}") from task.exception()
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(0.01)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
