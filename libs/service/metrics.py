"""Metrics: what every service measures about itself, each with its unit and meaning."""

import math
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.clock import now
from libs.events.codes import RelayState
from libs.service.failing import FailingRoutes
from libs.service.supervision import Supervisor, TaskState, TaskStatus
from libs.stream.inbox import Inbox
from libs.stream.relay import Relay
from libs.stream.retry import is_trouble

LATENCY_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The registry of one process, and the metrics that every service has."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._relay: _RelayMetrics | None = None
        self.requests = Counter(
            "saduak_http_requests",
            "Requests answered, by route template, method and status",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.latency = Histogram(
            "saduak_http_request_duration",
            "Time from the request's arrival to the first byte of its answer, by route template",
            ["route", "method"],
            unit="seconds",
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        self.errors = Counter(
            "saduak_http_errors",
            "Requests that failed inside the service (status 500), by route template",
            ["route"],
            registry=self.registry,
        )

    def watch_tasks(self, supervisor: Supervisor) -> None:
        """Publish the state and restarts of the supervised tasks."""
        self.registry.register(_TaskCollector(supervisor.status))

    def watch_relay(self, relay: Relay) -> None:
        """Publish how far the relay is behind, and its state."""
        self._relay = _RelayMetrics(relay, self.registry)

    def watch_inbox(self, inbox: Inbox) -> None:
        """Publish how many messages of the centre were taken, and how many not understood."""
        self.registry.register(_InboxCollector(inbox))

    def routes(self) -> APIRouter:
        """``/metrics`` in the Prometheus text format."""
        router = APIRouter(include_in_schema=False)

        @router.get("/metrics")
        async def metrics() -> Response:  # pyright: ignore[reportUnusedFunction]
            if self._relay:
                await self._relay.read()
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return router


class _TaskCollector(Collector):
    def __init__(self, status: Mapping[str, TaskStatus]) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        restarts = CounterMetricFamily(
            "saduak_task_restarts",
            "Times a background task failed and started again",
            labels=["task"],
        )
        running = GaugeMetricFamily(
            "saduak_task_running", "1 while a background task runs, else 0", labels=["task"]
        )
        fault = GaugeMetricFamily(
            "saduak_task_fault",
            "1 while a background task fails over a mistake, which does not pass by itself as an "
            "outage does; else 0",
            labels=["task"],
        )
        for name, status in self._status.items():
            restarts.add_metric([name], status.restarts)
            running.add_metric([name], status.state is TaskState.RUNNING)
            fault.add_metric([name], status.fault)
        yield restarts
        yield running
        yield fault


class _InboxCollector(Collector):
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "saduak_inbox_messages", "Messages of the centre that were taken", self._inbox.taken
        )
        yield CounterMetricFamily(
            "saduak_inbox_refused",
            "Messages on the inbox topic that were not understood, and skipped",
            self._inbox.refused,
        )
        yield CounterMetricFamily(
            "saduak_inbox_set_apart",
            "Messages of the centre that were understood, could not be done, and were skipped",
            self._inbox.set_apart,
        )


class _RelayMetrics:
    """How far a stream's relay has come, read from the database at each scrape."""

    def __init__(self, relay: Relay, registry: CollectorRegistry) -> None:
        self._relay = relay
        self._backlog = Gauge(
            "saduak_relay_backlog_events",
            "Events recorded here that the broker has not acknowledged; NaN if unknown",
            registry=registry,
        )
        self._oldest = Gauge(
            "saduak_relay_oldest_unsent_seconds",
            "Age of the oldest unsent event; 0 if none, NaN if unknown",
            registry=registry,
        )
        self._state = Gauge(
            "saduak_relay_state",
            "1 for the state the relay is in, else 0",
            ["state"],
            registry=registry,
        )

    async def read(self) -> None:
        for state in RelayState:
            self._state.labels(state.value).set(state is self._relay.state)
        try:
            backlog = await self._relay.backlog()
        except Exception as error:
            if not is_trouble(error):
                raise
            self._backlog.set(math.nan)
            self._oldest.set(math.nan)
            return
        self._backlog.set(backlog.events)
        age = now() - backlog.oldest if backlog.oldest else timedelta()
        self._oldest.set(age.total_seconds())


class RequestMetrics:
    """ASGI middleware that counts and times requests by route template, never by address."""

    def __init__(self, app: ASGIApp, metrics: Metrics, failing: FailingRoutes) -> None:
        self._app = app
        self._metrics = metrics
        self._failing = failing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, note)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in {"GET", "HEAD", "POST"} else "other"
        self._metrics.requests.labels(route, method, str(status)).inc()
        self._metrics.latency.labels(route, method).observe(seconds)
        self._failing.note(f"{method} {route}", fault=status == 500)
        if status >= 500:
            self._metrics.errors.labels(route).inc()
