"""The reporting process: ingest, pages and API, put together, served, stopped."""

import asyncio

import structlog

from libs.database.pool import Database, connections
from libs.database.types import Pool
from libs.service import http, logs
from libs.service.health import database_answers
from libs.service.http import Process
from libs.service.supervision import OnFailure
from libs.standards import Standards, contents_of, load
from services.reporting.consumer.consumer import Consumer
from services.reporting.consumer.liveness import Progress
from services.reporting.consumer.metrics import Telemetry
from services.reporting.dashboards.publisher import Publisher
from services.reporting.garbage_collection import expect_many_objects
from services.reporting.ingest.batch import Ingest
from services.reporting.model.targets import Yardsticks
from services.reporting.pools import Pools, pools
from services.reporting.settings import ReportingSettings
from services.reporting.sites.beats import BeatReader
from services.reporting.sites.metrics import Vigil
from services.reporting.sites.notices import Notifier
from services.reporting.sites.resend import Asker
from services.reporting.sites.standards import Circulator
from services.reporting.sites.topic_sizes import TopicSizes
from services.reporting.verification.rebuild import prepare
from services.reporting.web import routes

LOG = structlog.stdlib.get_logger()
SCHEMA = "reporting"
WATCH_SECONDS = 10.0


async def serve(settings: ReportingSettings) -> bool:
    """Run one replica until told to stop; whether it was told to.

    The pages are there at once; the consumer connects when Kafka is there. Raises
    :class:`~libs.database.pool.DatabaseUnavailable`, :class:`~libs.service.http.ListenError`
    or :class:`~libs.standards.StandardsError` at the start.
    """
    logs.configure(SCHEMA)
    standards = load(settings.standards)
    listening = http.listen_for(settings)
    async with pools(settings.database, SCHEMA) as opened:
        process = Process()
        process.health.check("database", database_answers(opened.tasks))
        portal = routes.open_portal(opened.pages, standards, demo=settings.demo)
        app = http.application(
            "Saduak reporting",
            process,
            portal.pages,
            routes.routers(portal),
            secure=settings.secure,
            reach=settings.reach,
        )
        start_watching(process, opened.tasks, standards)
        start_consumer(settings, process, opened, standards)
        expect_many_objects()
        return await http.serve(app, process, listening)


def start_watching(process: Process, pool: Pool, standards: Standards) -> None:
    """Look after the sites, and publish to the dashboards. A replica whose looking or publishing
    fails is not ready, and says why."""
    vigil = Vigil(pool, standards, process.metrics.registry)
    process.supervisor.start("vigil", vigil.run)
    process.health.check("vigil", vigil.rounds.check)
    publisher = Publisher(pool, standards, process.metrics.registry)
    process.supervisor.start("publisher", publisher.run)
    process.health.check("publisher", publisher.rounds.check)
    process.health.notice("dashboards", publisher.notice)


def start_consumer(
    settings: ReportingSettings, process: Process, opened: Pools, standards: Standards
) -> None:
    """Ingest beside the pages, if there is Kafka: prepared, consumed, watched."""
    if settings.kafka is None:
        return
    yardsticks = Yardsticks(standards)
    telemetry = Telemetry(process.metrics.registry)
    consumer = Consumer(
        Ingest(opened.ingest, yardsticks), settings.kafka, settings.replica, telemetry
    )

    async def consume() -> None:
        await prepare_figures(settings.database, yardsticks)
        await consumer.run()

    process.supervisor.start("consumer", consume)
    process.supervisor.start("asker", Asker(opened.tasks, settings.kafka).run)
    process.supervisor.start("notifier", Notifier(opened.tasks, settings.kafka).run)
    circulator = Circulator(
        opened.tasks, settings.kafka, standards.version, contents_of(settings.standards)
    )
    process.supervisor.start("circulator", circulator.run)
    process.supervisor.start(
        "beats", BeatReader(opened.tasks, settings.kafka, settings.replica).run
    )
    sizes = TopicSizes(settings.kafka, process.metrics.registry)
    process.supervisor.start("topic_sizes", sizes.run)
    process.supervisor.start("watchdog", lambda: _watch(consumer.progress), OnFailure.END)
    process.health.check("progress", consumer.check)
    process.health.notice("ingest", consumer.notice)


async def prepare_figures(database: Database, yardsticks: Yardsticks) -> None:
    """Rebuild where it is due, on a connection of its own that waits as long as it takes."""
    async with connections(database, f"{SCHEMA}-rebuild", most=1, long_work=True) as pool:
        await prepare(pool, yardsticks, _say_rebuilt)


def _say_rebuilt(site: str, events: int) -> None:
    LOG.info("figures rebuilt", of=site, events=events)


async def _watch(progress: Progress) -> None:
    """End the process when its consumer is stuck: the client library has known ways to be."""
    while True:
        progress.watch()
        await asyncio.sleep(WATCH_SECONDS)
