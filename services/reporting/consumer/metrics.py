"""Every metric of the reporting service, each with its unit and meaning."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from libs.events.topics import stream_of
from services.reporting.ingest.batch import Taken

BATCH_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
FRESHNESS_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 600.0, 3600.0, 86400.0)


Stopped = Mapping[str, str]
"""Why, by topic."""


class Telemetry:
    """What the ingest says of itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._events = Counter(
            "saduak_ingest_events",
            "Events stored; its rate is the ingest rate",
            ["stream"],
            registry=registry,
        )
        self._held = Counter(
            "saduak_ingest_held",
            "Events stored whose type or version is not known here yet",
            registry=registry,
        )
        self._duplicates = Counter(
            "saduak_ingest_duplicates",
            "Messages dropped because the same event was stored before",
            registry=registry,
        )
        self._quarantined = Counter(
            "saduak_ingest_quarantined",
            "Messages put into quarantine, by reason",
            ["reason"],
            registry=registry,
        )
        self._gaps_opened = Counter(
            "saduak_ingest_gaps_opened",
            "Runs of numbers found missing in a stream",
            registry=registry,
        )
        self._gaps_closed = Counter(
            "saduak_ingest_gaps_closed",
            "Runs of missing numbers that were filled or changed",
            registry=registry,
        )
        self._batch_seconds = Histogram(
            "saduak_ingest_batch_duration",
            "Time to take a batch into the database, from its messages to its commit",
            unit="seconds",
            buckets=BATCH_SECONDS,
            registry=registry,
        )
        self._failures = Counter(
            "saduak_ingest_failures",
            "Attempts at a batch that changed nothing and will be repeated",
            registry=registry,
        )
        self._freshness = Histogram(
            "saduak_ingest_freshness",
            "Age of a batch's oldest event of each stream when the figures show it, since its "
            "site recorded it",
            unit="seconds",
            buckets=FRESHNESS_SECONDS,
            registry=registry,
        )

    def taken(self, taken: Taken, seconds: float, at: datetime) -> None:
        """A batch was committed at ``at`` after ``seconds``."""
        self._batch_seconds.observe(seconds)
        for stream, count in taken.stored.items():
            self._events.labels(stream).inc(count)
        self._held.inc(taken.held)
        self._duplicates.inc(taken.duplicates)
        for reason, count in taken.refused.items():
            self._quarantined.labels(reason.value).inc(count)
        self._gaps_opened.inc(taken.gaps_opened)
        self._gaps_closed.inc(taken.gaps_closed)
        for recorded in taken.oldest_recorded.values():
            self._freshness.observe(max(0.0, (at - recorded).total_seconds()))

    def failed(self) -> None:
        """An attempt at a batch failed."""
        self._failures.inc()

    def watch(
        self, lag: Callable[[], int], halted: Callable[[], bool], stopped: Callable[[], Stopped]
    ) -> None:
        """Publish how far the consumer is behind, and what of it has stopped."""
        self._registry.register(_ConsumerCollector(lag, halted, stopped))


class _ConsumerCollector(Collector):
    def __init__(
        self, lag: Callable[[], int], halted: Callable[[], bool], stopped: Callable[[], Stopped]
    ) -> None:
        self._lag = lag
        self._halted = halted
        self._stopped = stopped

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "saduak_ingest_lag",
            "Messages on this replica's topics that are not in the figures yet",
            value=self._lag(),
        )
        yield GaugeMetricFamily(
            "saduak_ingest_halted",
            "1 while the consumer has stopped itself and waits for a person, else 0",
            value=self._halted(),
        )
        stopped = GaugeMetricFamily(
            "saduak_ingest_stopped",
            "1 for a stream that is not read on until a person has looked",
            labels=["site", "stream"],
        )
        for topic in self._stopped():
            name = stream_of(topic)
            stopped.add_metric([name.site, name.stream.value], 1)
        yield stopped
