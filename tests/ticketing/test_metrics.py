"""What ticketing measures of its office."""

import asyncio
from uuid import uuid4

from prometheus_client import CollectorRegistry

from libs.events.codes import Channel
from libs.service.http import Process
from services.ticketing.metrics import TicketingMetrics
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office
from services.ticketing.usecases import call_next, issue, open_counter, open_day
from services.ticketing.web.live import Floor
from tests.ticketing.offices import DAY


async def test_the_length_of_the_queue_is_measured(office: Office) -> None:
    await open_day(office, DAY)
    for _ in range(3):
        await issue(office, TicketRequest("INF", Channel.KIOSK))
    await open_counter(office, 1, uuid4())
    await call_next(office, 1)
    registry = CollectorRegistry()
    metrics = TicketingMetrics(registry, Floor(office, Process()))
    task = asyncio.create_task(metrics.measure(office))
    try:
        async with asyncio.timeout(30):
            while registry.get_sample_value("saduak_ticketing_waiting_visitors") != 2:
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.wait([task])
