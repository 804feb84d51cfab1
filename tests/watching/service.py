"""A reporting service made of its own parts, in a group of its own on the shared broker."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

from libs.service.http import Process, application
from libs.standards import Standards
from libs.stream.kafka import KafkaAccess
from services.reporting.consumer.consumer import Consumer
from services.reporting.consumer.metrics import Telemetry
from services.reporting.dashboards.publisher import Publisher
from services.reporting.sites.beats import BeatReader
from services.reporting.sites.metrics import Vigil
from services.reporting.sites.topic_sizes import TopicSizes
from services.reporting.web.routes import open_portal, routers
from tests.reporting.nation import Nation, standards
from tests.serving import served


def standards_of(sites: Sequence[str]) -> Standards:
    """The shipped ones, with these sites instead of theirs."""
    like = standards().sites["pjo-50"]
    return replace(standards(), sites={code: replace(like, code=code) for code in sites})


@asynccontextmanager
async def reporting(
    nation: Nation, kafka: KafkaAccess, sites: Sequence[str]
) -> AsyncGenerator[str]:
    """A replica that takes in these sites' streams and beats; host and port of its metrics."""
    process = Process()
    group = f"reporting-{sites[0]}"
    consumer = Consumer(
        nation.ingest,
        kafka,
        "one",
        Telemetry(process.metrics.registry),
        group=group,
        pattern=rf"^site\.({'|'.join(map(re.escape, sites))})\.(ticketing|feedback)$",
    )
    vigil = Vigil(nation.pool, standards_of(sites), process.metrics.registry)
    publisher = Publisher(nation.pool, standards_of(sites), process.metrics.registry)
    process.supervisor.start("consumer", consumer.run)
    process.supervisor.start("publisher", publisher.run)
    process.supervisor.start(
        "beats", BeatReader(nation.pool, kafka, "one", f"reporting-beats-{sites[0]}").run
    )
    process.supervisor.start("vigil", vigil.run)
    sizes = TopicSizes(kafka, process.metrics.registry)
    process.supervisor.start("topic_sizes", sizes.run)
    portal = open_portal(nation.pool, standards(), demo=True)
    app = application("reporting", process, portal.pages, routers(portal), secure=False)
    process.supervisor.start("visitor", partial(look_in, app))
    try:
        async with served(app.state.operations) as address:
            yield urlsplit(address).netloc
    finally:
        await process.supervisor.stop()
        await asyncio.sleep(0)


async def look_in(app: FastAPI) -> None:
    """Somebody looks at the pages again and again."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as visitor:
        while True:
            await visitor.get("/health/live")
            await asyncio.sleep(0.5)
