"""Every metric of feedback beside those of all services, with its unit and meaning."""

import asyncio
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge

from libs.events.codes import FeedbackChannel
from services.feedback.office import FeedbackOffice
from services.feedback.reads import backlog

MEASURE_EVERY_S = 15.0


class Result(StrEnum):
    """What became of a sent answer."""

    TAKEN = "taken"
    """Counted, now or by an earlier sending of the same answer."""
    REFUSED = "refused"
    """Not asked, answered already, expired, or not genuine."""
    LIMITED = "limited"
    """Too many at once from one sender."""


class FeedbackMetrics:
    """What feedback measures about itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.answers = Counter(
            "saduak_feedback_answers",
            "Sent answers, retries included, by channel and what became of them",
            ["channel", "result"],
            registry=registry,
        )
        self.held = Gauge(
            "saduak_feedback_held_answers",
            "Answers kept here that wait for the next service day to open",
            registry=registry,
        )
        self.behind = Gauge(
            "saduak_feedback_behind_events",
            "Events of ticketing's log that feedback has not followed yet",
            registry=registry,
        )

    def count(self, channel: FeedbackChannel, result: Result) -> None:
        """One sent answer came to its end."""
        self.answers.labels(channel.value, result.value).inc()

    async def measure(self, office: FeedbackOffice) -> None:
        """Keep the gauges up to date, for ever."""
        while True:
            waiting = await backlog(office)
            self.held.set(waiting.held)
            self.behind.set(waiting.behind)
            await asyncio.sleep(MEASURE_EVERY_S)
