"""Every metric of ticketing beside those of all services, with its unit and meaning."""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge

from services.ticketing.office import Office
from services.ticketing.reads import waiting
from services.ticketing.web.live import Floor

MEASURE_EVERY_S = 15.0


class TicketingMetrics:
    """What ticketing measures about itself; what it measures of visits travels as events."""

    def __init__(self, registry: CollectorRegistry, floor: Floor) -> None:
        self.refused = Counter(
            "saduak_ticketing_refusals",
            "Requests that the rules did not allow, by the refusal's code",
            ["code"],
            registry=registry,
        )
        watchers = Gauge(
            "saduak_ticketing_watchers",
            "Boards and consoles that watch the office live at this moment",
            registry=registry,
        )
        watchers.set_function(lambda: floor.watchers)
        self.waiting = Gauge(
            "saduak_ticketing_waiting_visitors",
            "Visitors that wait to be called: the length of the queue",
            registry=registry,
        )

        self.odd = Gauge(
            "saduak_ticketing_odd_tickets",
            "Visitors that wait and whose ticket can't be shown: a person must look at the row",
            registry=registry,
        )

    async def measure(self, office: Office) -> None:
        """Keep the gauges up to date, for ever."""
        while True:
            queue = await waiting(office)
            self.waiting.set(len(queue) + len(queue.odd))
            self.odd.set(len(queue.odd))
            await asyncio.sleep(MEASURE_EVERY_S)
