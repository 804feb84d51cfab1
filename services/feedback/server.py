"""The feedback process of one site: its pages, its API, its follower and its relay."""

from functools import partial
from pathlib import Path
from typing import NoReturn

from fastapi import FastAPI

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.troubles import Disk
from libs.database.types import Pool
from libs.events.codes import Language, Stream
from libs.events.topics import StreamName
from libs.service import http
from libs.service.health import database_answers
from libs.service.http import Process
from libs.service.pages import Pages
from libs.service.problems import Answers, Problem
from libs.service.settings import SettingsError, SiteSettings
from libs.service.starting import start
from libs.service.stream_tasks import start_sending, without_staff
from libs.site import routes as sign_in
from libs.site.guards import doors_for
from libs.site.refusals import Refusals
from libs.site.retention import keep_small
from libs.site.standards import InUse, in_use, start_reading
from libs.stream.follower import Follower
from libs.stream.partitions import nobody_follows
from services.feedback.metrics import FeedbackMetrics
from services.feedback.office import FeedbackOffice, open_office
from services.feedback.usecases.following import follow
from services.feedback.web import api, pages
from services.feedback.web.answer_desk import Desk

FOLDERS = (Path(__file__).parent / "web", Path(sign_in.__file__).parent)
HOME = "/tablet"
ANSWERING = statements("services.feedback", "sql/answering.sql")


def serve() -> NoReturn:
    """Serve until told to stop; settings come from the environment. Ends the process."""
    start("feedback", SiteSettings, run)


async def run(settings: SiteSettings) -> bool:
    """Serve whether or not Kafka and ticketing's process are there; True when told to stop."""
    listening = http.listen_for(settings)
    async with connections(settings.database, "saduak-feedback") as pool:
        using = await in_use(pool, settings.standards, settings.site)
        if settings.site not in using.standards.sites:
            raise SettingsError(f"SADUAK_SITE is wrong: {settings.site} is not in sites.yaml.")
        process = Process(Disk(settings.disk))
        app = await build(settings, using, pool, process)
        return await http.serve(app, process, listening)


async def build(settings: SiteSettings, using: InUse, pool: Pool, process: Process) -> FastAPI:
    """The application on ``pool``, with its tasks started."""
    site = using.standards.sites[settings.site]
    office = await open_office(pool, now)
    metrics = FeedbackMetrics(process.metrics.registry)
    _start_tasks(process, office, metrics)
    name = StreamName(settings.site, Stream.FEEDBACK)
    version = using.standards.version
    start_sending(settings, process, office.outbox, name, version, without_staff)
    start_reading(settings, process, pool, using, partial(_is_closed, pool))
    desk = Desk(office, settings.link_key, metrics)
    place = {Language.THAI: site.name_th, Language.ENGLISH: site.name_en}
    shown = Pages(FOLDERS, {"demo": settings.demo, "place": place})
    app = http.application(
        f"Saduak feedback, {settings.site}",
        process,
        shown,
        [
            sign_in.api,
            sign_in.page_routes(shown, HOME),
            api.router(desk),
            pages.router(desk, shown, site.counters),
        ],
        secure=settings.secure,
        reach=settings.reach,
    )
    app.state.doors = doors_for(settings, pool, "feedback")
    app.add_exception_handler(Problem, Refusals(pool, Answers(shown, process.storage)).answer)
    return app


def _start_tasks(process: Process, office: FeedbackOffice, metrics: FeedbackMetrics) -> None:
    process.health.check("database", database_answers(office.outbox.pool))
    process.supervisor.start("follower", Follower(office.outbox, follow).run)
    process.supervisor.start("keeper", partial(keep_small, office.outbox.pool, nobody_follows))
    process.supervisor.start("gauges", lambda: metrics.measure(office))


async def _is_closed(pool: Pool) -> bool:
    return await pool.fetchval(ANSWERING.open_day) is None
