"""Watches over the sites: what they say of themselves and what is missing of them, as metrics.

The centre can't reach into a site's network to scrape it; its beats and its events tell enough.
Every replica publishes the same, read from the same database.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import asyncpg
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from libs.events.codes import RelayState, Stream
from libs.service.formats import local_date
from libs.standards import Standards
from libs.stream.clock import Clock, now
from libs.stream.outbox import Pool
from libs.stream.sql import statements
from services.reporting import reading
from services.reporting.coverage import DayState, SiteDay, days_of_site
from services.reporting.periods import Period
from services.reporting.reading import Scope

SQL = statements("services.reporting", "sql/sites.sql")

LOOK_EVERY_S = 15.0
RECENT_DAYS = 14
"""How far back days count that are not complete."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of the sites that take part, at one moment."""

    sites: Sequence[str] = ()
    beats: Sequence[asyncpg.Record] = ()
    missing: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Events that have not come although later ones have, by site and stream."""
    days: Mapping[str, Sequence[SiteDay]] = field(default_factory=dict[str, Sequence[SiteDay]])
    """The recent days of each site."""
    quarantined: int = 0


class Vigil:
    """Looks at the database again and again, and publishes what it saw last."""

    def __init__(self, pool: Pool, standards: Standards, registry: CollectorRegistry) -> None:
        self._pool = pool
        self._standards = standards
        self._collector = SiteCollector()
        registry.register(self._collector)

    async def run(self, clock: Clock = now) -> None:
        """Look for ever; raises what the database raises."""
        while True:
            self.show(await self.look(clock()))
            await asyncio.sleep(LOOK_EVERY_S)

    def show(self, watched: Watched) -> None:
        """Publish ``watched`` from now on."""
        self._collector.watched = watched

    async def look(self, moment: datetime) -> Watched:
        """How the sites stand at ``moment``."""
        today = local_date(moment)
        period = Period(today - timedelta(days=RECENT_DAYS - 1), today)
        taking_part = self._standards.sites_on(period.first)
        async with reading.snapshot(self._pool) as connection:
            scope = Scope([site.code for site in taking_part], period)
            known = await reading.days(connection, scope)
            reaches = await reading.reaches(connection)
            return Watched(
                sites=[site.code for site in self._standards.sites_on(today)],
                beats=await connection.fetch(SQL.beats),
                missing={
                    (row["site"], row["stream"]): row["events"]
                    for row in await connection.fetch(SQL.missing)
                },
                days={
                    site.code: days_of_site(
                        period,
                        known.get(site.code, {}),
                        reaches.get(site.code),
                        partial(self._standards.works_on, site.code),
                        today,
                    )
                    for site in taking_part
                },
                quarantined=await connection.fetchval(SQL.quarantined),
            )


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
        yield GaugeMetricFamily(
            "saduak_quarantined_messages",
            "Messages that were refused and wait for a person",
            value=watched.quarantined,
        )


def _of_beats(watched: Watched) -> Iterator[Metric]:
    beats = [((row["site"], row["stream"]), row) for row in watched.beats]
    seen = {key: row["received_at"].timestamp() for key, row in beats}
    yield _gauge(
        "saduak_site_last_seen_timestamp_seconds",
        "When the broker took the newest beat of a site's service; 0 if it never came",
        ("site", "stream"),
        (
            ((site, stream), seen.get((site, stream.value), 0.0))
            for site in watched.sites
            for stream in Stream
        ),
    )
    yield _gauge(
        "saduak_site_backlog_events",
        "Events that a site's service had recorded and not sent, at its newest beat",
        ("site", "stream"),
        ((key, row["backlog"]) for key, row in beats),
    )
    yield _gauge(
        "saduak_site_oldest_unsent_seconds",
        "Age of the oldest unsent event at the newest beat; 0 if all was sent",
        ("site", "stream"),
        ((key, _age_of_oldest(row)) for key, row in beats),
    )
    yield _gauge(
        "saduak_site_clock_offset_seconds",
        "How far a site's clock is ahead of the broker's; the way of the beat makes it behind",
        ("site", "stream"),
        ((key, _seconds(row["received_at"], row["sent_at"])) for key, row in beats),
    )
    yield _gauge(
        "saduak_site_disk_free_ratio",
        "Free share of the disk that a site's service works on",
        ("site", "stream"),
        ((key, row["disk_free_percent"] / 100) for key, row in beats),
    )
    yield _gauge(
        "saduak_site_certificate_end_timestamp_seconds",
        "When the broker's certificate ends, as the site was shown it",
        ("site", "stream"),
        (
            (key, row["certificate_until"].timestamp())
            for key, row in beats
            if row["certificate_until"] is not None
        ),
    )
    yield _gauge(
        "saduak_site_relay_state",
        "1 for the state that the relay of a site's stream said it is in, else 0",
        ("site", "stream", "state"),
        (
            ((*key, state), float(row["relay"] == state))
            for key, row in beats
            for state in RelayState
        ),
    )
    yield _gauge(
        "saduak_site_build_info",
        "1; the release and the standards (first digits of their version) that a site runs",
        ("site", "stream", "version", "standards"),
        (((*key, row["version"], row["standards"]), 1) for key, row in beats),
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


def _age_of_oldest(row: asyncpg.Record) -> float:
    oldest: datetime | None = row["oldest_unsent"]
    return 0.0 if oldest is None else _seconds(oldest, row["sent_at"])


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
