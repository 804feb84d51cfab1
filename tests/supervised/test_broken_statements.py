"""A statement that is wrong shows: in health, in the metrics, within a minute.

Each background task of the three services meets its own statement broken, by a column that has
another name than the program thinks. It must not be taken for an outage, which is waited for.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from libs.clock import now
from libs.database.pool import connections
from libs.events.publication import publication
from libs.events.topics import beats_topic
from libs.service.http import Process
from libs.service.supervision import OnFailure, Supervisor, Work
from libs.site import standards as site_standards
from libs.site.standards import InUse
from libs.standards import contents_of, load, made_of
from libs.stream.kafka import KafkaAccess
from saduak.provision.postgres import SiteDatabase, session
from services.feedback import server as feedback
from services.reporting.dashboards.publisher import Publisher
from services.reporting.sites.beats import BeatReader
from services.reporting.sites.metrics import Vigil
from services.reporting.sites.notices import Notifier
from services.reporting.sites.resend import Asker
from services.reporting.sites.standards import Circulator
from services.ticketing import server as ticketing
from tests.brokers import BrokerSite, KafkaBroker
from tests.databases import FreshDatabase
from tests.feedback.web import settings_of
from tests.reporting.test_beats import beat
from tests.service.running import STANDARDS, settings_for

NEW = {**contents_of(STANDARDS), "queue.yaml": contents_of(STANDARDS)["queue.yaml"] + b"# new\n"}

TICKETING: Mapping[str, str] = {
    "relay": "ALTER TABLE relay_cursor RENAME position TO place",
    "heart": "ALTER TABLE stream_counter RENAME sequence TO number",
    "inbox": "ALTER TABLE inbox_cursor RENAME next_offset TO following",
    "keeper": "ALTER TABLE outbox_partition RENAME beyond TO behind",
    "standards": "ALTER TABLE standards_received RENAME files TO contents",
    "floor": "ALTER TABLE service_day RENAME origin TO beginning",
    "gauges": "ALTER TABLE service_day RENAME state TO condition",
}
FEEDBACK: Mapping[str, str] = {
    **{task: TICKETING[task] for task in ("relay", "heart", "inbox", "keeper", "standards")},
    "follower": "ALTER TABLE followed RENAME position TO place",
    "gauges": "ALTER TABLE response RENAME counted_day TO day",
}
REPORTING: Mapping[str, str] = {
    "vigil": "ALTER TABLE beats RENAME backlog TO behind",
    "publisher": "ALTER TABLE stale_periods RENAME kind TO sort",
    "asker": "ALTER TABLE gaps RENAME asked_at TO told_at",
    "notifier": "ALTER TABLE notices RENAME said_at TO told_at",
    "circulator": "ALTER TABLE standards_in_force RENAME version TO edition",
    "beats": "ALTER TABLE beats RENAME backlog TO behind",
}

Running = AbstractAsyncContextManager[Process]


class OneTask(Supervisor):
    """Runs one of a service's tasks, so that no other's client is cut off in its start."""

    def __init__(self, task: str) -> None:
        super().__init__()
        self._task = task

    def start(
        self,
        name: str,
        work: Work,
        on_failure: OnFailure = OnFailure.RESTART,
        *,
        ending: type[Exception] | None = None,
    ) -> None:
        if name == self._task:
            super().start(name, work, on_failure, ending=ending)


async def shown(running: Running, task: str) -> None:
    """Wait for a minute, no longer, until the task's fault can be seen from outside."""
    with capture_logs():  # which would render each error with all that was in sight of it
        await _shown(running, task)


async def _shown(running: Running, task: str) -> None:
    async with running as process:
        async with asyncio.timeout(60):
            while not process.supervisor.status[task].fault:
                await asyncio.sleep(0.05)
        sample = process.metrics.registry.get_sample_value
        assert sample("saduak_task_fault", {"task": task}) == 1
        assert (sample("saduak_task_restarts_total", {"task": task}) or 0) >= 1
        tasks = (await process.health.ready())[1]["tasks"]
        assert isinstance(tasks, dict)
        assert "UndefinedColumnError" in tasks[task]["last_error"]
        assert not process.supervisor.failed.is_set(), "it goes on with all the rest"


async def broken(database: SiteDatabase, schema: str, statement: str) -> SiteDatabase:
    async with session(database.owner(schema)) as owner:
        await owner.execute(statement)
    return database


def settings(access: KafkaAccess, folder: Path) -> dict[str, object]:
    secret = folder / "kafka"
    secret.write_text(access.password or "", encoding="utf-8")
    return {
        "kafka_bootstrap": access.bootstrap,
        "kafka_user": access.user,
        "kafka_password_file": secret,
        "kafka_ca_file": access.ca_file,
    }


@pytest.fixture(autouse=True)
def published(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one topic of standards in the nation, and it is not this test's. Something new is
    on it for the one task that takes it in; an office that is closed would begin with it."""
    message = publication(uuid4(), now(), made_of(NEW).version, NEW).model_dump_json().encode()

    async def read_newest(_kafka: KafkaAccess, _topic: str) -> bytes | None:
        return message if task == "standards" else None

    monkeypatch.setattr(site_standards, "read_newest", read_newest)


@asynccontextmanager
async def running_ticketing(
    database: SiteDatabase, site: BrokerSite, folder: Path, task: str
) -> AsyncGenerator[Process]:
    known = settings_for(database, folder, 0).model_copy(update=settings(site.access, folder))
    using = InUse(load(STANDARDS), published=False)
    process = Process(supervisor=OneTask(task))
    async with connections(known.database, "ticketing") as pool:
        app = ticketing.build(known, using, pool, process)
        app.state.edge.floor.watchers = 1
        try:
            yield process
        finally:
            await process.supervisor.stop()


@pytest.mark.parametrize("task", TICKETING)
async def test_a_broken_statement_of_ticketing(
    task: str, fresh_database: FreshDatabase, kafka: KafkaBroker, tmp_path: Path
) -> None:
    database = await broken(await fresh_database("ticketing"), "ticketing", TICKETING[task])
    await shown(running_ticketing(database, kafka.site("pjo-50"), tmp_path, task), task)


@asynccontextmanager
async def running_feedback(
    database: SiteDatabase, site: BrokerSite, folder: Path, task: str
) -> AsyncGenerator[Process]:
    known = settings_of(database, folder, **settings(site.access, folder))
    using = InUse(load(STANDARDS), published=False)
    process = Process(supervisor=OneTask(task))
    async with connections(known.database, "feedback") as pool:
        await feedback.build(known, using, pool, process)
        try:
            yield process
        finally:
            await process.supervisor.stop()


@pytest.mark.parametrize("task", FEEDBACK)
async def test_a_broken_statement_of_feedback(
    task: str, fresh_database: FreshDatabase, kafka: KafkaBroker, tmp_path: Path
) -> None:
    database = await fresh_database("ticketing", "feedback")
    await broken(database, "feedback", FEEDBACK[task])
    await shown(running_feedback(database, kafka.site("pjo-50"), tmp_path, task), task)


@asynccontextmanager
async def running_reporting(
    database: SiteDatabase, kafka: KafkaAccess, group: str, task: str
) -> AsyncGenerator[Process]:
    """The tasks of a replica; the readers are in a group of their own on the shared broker."""
    process, standards = Process(supervisor=OneTask(task)), load(STANDARDS)
    async with connections(database.app("reporting"), "reporting") as pool:
        circulator = Circulator(pool, kafka, standards.version, contents_of(STANDARDS))
        for name, run in {
            "vigil": Vigil(pool, standards, CollectorRegistry()).run,
            "publisher": Publisher(pool, standards, CollectorRegistry()).run,
            "asker": Asker(pool, kafka).run,
            "notifier": Notifier(pool, kafka).run,
            "circulator": circulator.run,
            "beats": BeatReader(pool, kafka, "one", group).run,
        }.items():
            process.supervisor.start(name, run)
        try:
            yield process
        finally:
            await process.supervisor.stop()


@pytest.mark.parametrize("task", REPORTING)
async def test_a_broken_statement_of_reporting(
    task: str, fresh_database: FreshDatabase, kafka: KafkaBroker
) -> None:
    site = kafka.new_site()
    async with asyncio.timeout(60):
        producer = AIOKafkaProducer(**site.access.client_settings())
        await producer.start()
        value = beat(now()).value
        assert value is not None
        value = value.replace(b"/pjo-50/", f"/{site.code}/".encode())
        await producer.send_and_wait(beats_topic(site.code), value, partition=0)
        await producer.stop()
    database = await broken(await fresh_database("reporting"), "reporting", REPORTING[task])
    await shown(
        running_reporting(database, kafka.reporting(), f"reporting-beats-{site.code}", task), task
    )
