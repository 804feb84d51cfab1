"""Every metric of ticketing beside those of all services, with its unit and meaning."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from services.ticketing.floor import Floor


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
