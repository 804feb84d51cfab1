"""Watches over the sites: what they say of themselves and what is missing of them, as metrics.

The centre can't reach into a site's network to scrape it; its beats and its events tell enough.
Every replica publishes the same, read from the same database.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

import asyncpg
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.codes import RelayState, Stream
from libs.service.formats import local_date
from libs.standards import Standards
from services.reporting.background.rounds import Rounds
from services.reporting.figures.coverage import DayState, SiteDay
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums
from services.reporting.reads.site_days import read_site_days

LOG = structlog.stdlib.get_logger()
SQL = statements("services.reporting", "sql/sites.sql")

LOOK_EVERY_S = 15.0
RECENT_DAYS = 14
"""How far back days count that are not complete."""


class Beat(NamedTuple):
    """The newest sign of life of a site's service, with times as seconds."""

    seen: float
    backlog: int
    oldest_unsent: float
    """Its age when the beat was sent; 0 if all was sent."""
    clock_offset: float
    disk_free: float
    certificate_until: float | None
    relay: str
    version: str
    standards: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of the sites that take part, at one moment."""

    sites: Sequence[str] = ()
    beats: Mapping[tuple[str, str], Beat] = field(default_factory=dict[tuple[str, str], Beat])
    """By site and stream."""
    missing: Mapping[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    """Events that have not come although later ones have, by site and stream."""
    days: Mapping[str, Sequence[SiteDay]] = field(default_factory=dict[str, Sequence[SiteDay]])
    """The recent days of each site."""
    long_forgotten: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many days from before these each site has not closed, if any."""
    today: date | None = None
    """The date in Bangkok; None before the first look."""
    quarantined: int = 0
    unreadable: frozenset[str] = frozenset()
    """Codes of the sites of which something can't be read."""


class Vigil:
    """Looks at the database again and again, and publishes what it saw last."""

    def __init__(self, pool: Pool, standards: Standards, registry: CollectorRegistry) -> None:
        self.rounds = Rounds()
        self._pool = pool
        self._standards = standards
        self._collector = SiteCollector()
        registry.register(self._collector)

    async def run(self, clock: Clock = now) -> None:
        """Look for ever; raises what the database raises."""
        while True:
            try:
                self.show(await self.look(clock()))
            except Exception as error:
                self.rounds.ended(type(error).__name__)
                raise
            self.rounds.ended()
            await asyncio.sleep(LOOK_EVERY_S)

    def show(self, watched: Watched) -> None:
        """Publish ``watched`` from now on."""
        self._collector.watched = watched

    async def look(self, moment: datetime) -> Watched:
        """How the sites stand at ``moment``."""
        today = local_date(moment)
        period = Period(today - timedelta(days=RECENT_DAYS - 1), today)
        async with rollup_sums.snapshot(self._pool) as connection:
            found = await read_site_days(connection, self._standards, period, today)
            beats, odd = _beats(await connection.fetch(SQL.beats))
            return Watched(
                sites=[site.code for site in self._standards.sites_on(today)],
                beats=beats,
                missing={
                    (row["site"], row["stream"]): row["events"]
                    for row in await connection.fetch(SQL.missing)
                },
                days=found.days,
                long_forgotten={
                    row["site"]: row["days"]
                    for row in await connection.fetch(SQL.forgotten_days, period.first, REOPENED)
                },
                today=today,
                quarantined=await connection.fetchval(SQL.quarantined),
                unreadable=found.unreadable | odd,
            )


def _beats(
    rows: Iterable[asyncpg.Record],
) -> tuple[dict[tuple[str, str], Beat], frozenset[str]]:
    """The beats that make sense, and the sites of those that don't."""
    found: dict[tuple[str, str], Beat] = {}
    odd: set[str] = set()
    for row in rows:
        try:
            found[row["site"], row["stream"]] = _beat(row)
        except (TypeError, ValueError, OverflowError) as error:
            LOG.warning("a beat that makes no sense", site=row["site"], error=str(error))
            odd.add(row["site"])
    return found, frozenset(odd)


def _beat(row: asyncpg.Record) -> Beat:
    oldest: datetime | None = row["oldest_unsent"]
    until: datetime | None = row["certificate_until"]
    return Beat(
        seen=_timestamp(row["received_at"]),
        backlog=row["backlog"],
        oldest_unsent=0.0 if oldest is None else _seconds(oldest, row["sent_at"]),
        clock_offset=_seconds(row["received_at"], row["sent_at"]),
        disk_free=row["disk_free_percent"] / 100,
        certificate_until=None if until is None else _timestamp(until),
        relay=row["relay"],
        version=row["version"],
        standards=row["standards"],
    )


def _timestamp(moment: datetime) -> float:
    """Seconds since 1970. asyncpg reads an infinity as a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time that is no moment")
    return moment.timestamp()


REOPENED = "ticketing_revision_due"
"""What is awaited of a day that goes on after its closing, and of one that was just corrected."""


def is_forgotten(day: SiteDay, today: date | None) -> bool:
    """Whether the date of ``day`` is over and its office has not closed it, for all that has come:
    what is on its way here may still say that it has."""
    over = today is not None and day.day < today
    return over and (day.state is DayState.OPEN or day.detail == REOPENED)


class SiteCollector(Collector):
    """The metrics of the sites. A site that never came is there, last seen in 1970."""

    def __init__(self) -> None:
        self.watched = Watched()

    def collect(self) -> Iterator[Metric]:
        watched = self.watched
        yield from _of_beats(watched)
        yield _gauge(
            "saduak_site_missing_events",
            "Events that have not come although later ones of their stream have",
            ("site", "stream"),
            (
                ((site, stream), watched.missing.get((site, stream), 0))
                for site in watched.sites
                for stream in Stream
            ),
        )
        yield _gauge(
            "saduak_site_days",
            f"Service days of the last {RECENT_DAYS} days, by what is known of them",
            ("site", "state"),
            (
                ((site, state), count[state])
                for site, days in watched.days.items()
                for count in [Counter(day.state for day in days)]
                for state in DayState
            ),
        )
        yield _gauge(
            "saduak_site_forgotten_days",
            "Service days before today that the site has not closed, however long ago",
            ("site",),
            (
                (
                    (site,),
                    watched.long_forgotten.get(site, 0)
                    + sum(is_forgotten(day, watched.today) for day in days),
                )
                for site, days in watched.days.items()
            ),
        )
        yield GaugeMetricFamily(
            "saduak_quarantined_messages",
            "Messages that were refused and wait for a person",
            value=watched.quarantined,
        )
        yield _gauge(
            "saduak_site_unreadable",
            "1 where something of the site's beats or days cannot be read, else 0",
            ("site",),
            (((site,), float(site in watched.unreadable)) for site in watched.sites),
        )


def _of_beats(watched: Watched) -> Iterator[Metric]:
    beats = watched.beats
    yield _gauge(
        "saduak_site_last_seen_timestamp_seconds",
        "When the broker took the newest beat of a site's service; 0 if it never came",
        ("site", "stream"),
        (
            ((site, stream), beats[site, stream].seen if (site, stream) in beats else 0.0)
            for site in watched.sites
            for stream in Stream
        ),
    )
    yield _gauge(
        "saduak_site_backlog_events",
        "Events that a site's service had recorded and not sent, at its newest beat",
        ("site", "stream"),
        ((key, beat.backlog) for key, beat in beats.items()),
    )
    yield _gauge(
        "saduak_site_oldest_unsent_seconds",
        "Age of the oldest unsent event at the newest beat; 0 if all was sent",
        ("site", "stream"),
        ((key, beat.oldest_unsent) for key, beat in beats.items()),
    )
    yield _gauge(
        "saduak_site_clock_offset_seconds",
        "How far a site's clock is ahead of the broker's; the way of the beat makes it behind",
        ("site", "stream"),
        ((key, beat.clock_offset) for key, beat in beats.items()),
    )
    yield _gauge(
        "saduak_site_disk_free_ratio",
        "Free share of the disk that a site's service works on",
        ("site", "stream"),
        ((key, beat.disk_free) for key, beat in beats.items()),
    )
    yield _gauge(
        "saduak_site_certificate_end_timestamp_seconds",
        "When the broker's certificate ends, as the site was shown it",
        ("site", "stream"),
        (
            (key, beat.certificate_until)
            for key, beat in beats.items()
            if beat.certificate_until is not None
        ),
    )
    yield _gauge(
        "saduak_site_relay_state",
        "1 for the state that the relay of a site's stream said it is in, else 0",
        ("site", "stream", "state"),
        (
            ((*key, state), float(beat.relay == state))
            for key, beat in beats.items()
            for state in RelayState
        ),
    )
    yield _gauge(
        "saduak_site_build_info",
        "1; the release and the standards (first digits of their version) that a site runs",
        ("site", "stream", "version", "standards"),
        (((*key, beat.version, beat.standards), 1) for key, beat in beats.items()),
    )


def _gauge(
    name: str,
    meaning: str,
    labels: Sequence[str],
    values: Iterable[tuple[Sequence[str], float]],
) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for given, value in values:
        family.add_metric([str(label) for label in given], value)
    return family


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
