"""The ticketing service of one site: its pages, its API and its relay in one process."""

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn, cast

from fastapi import FastAPI, Request, Response

from libs.database.pool import connections
from libs.database.troubles import Disk
from libs.database.types import Pool
from libs.events.codes import Language, Origin, Stream
from libs.events.topics import StreamName
from libs.service.health import database_answers
from libs.service.http import Process, application, listen_for
from libs.service.http import serve as serve_application
from libs.service.pages import Pages
from libs.service.problems import Answers, Problem
from libs.service.settings import SettingsError, SiteSettings
from libs.service.starting import start
from libs.service.stream_tasks import start_sending
from libs.site import routes as sign_in
from libs.site.guards import doors_for
from libs.site.paces import TICKETS_PER_KIOSK, Buckets, Pace
from libs.site.refusals import Refusals
from libs.site.retention import keep_small
from libs.site.standards import InUse, in_use, start_reading
from libs.stream.outbox import Outbox
from libs.stream.partitions import feedback_follows
from services.ticketing import reads
from services.ticketing.error_texts import words_of
from services.ticketing.errors import Invalid, NotFound, Refused
from services.ticketing.metrics import TicketingMetrics
from services.ticketing.office import Office
from services.ticketing.usecases.notices import hear
from services.ticketing.web import api_counters, api_days, api_visitors, audit_page, pages
from services.ticketing.web.context import Edge
from services.ticketing.web.live import Floor

FOLDERS = (Path(__file__).parent / "web", Path(sign_in.__file__).parent)
HOME = "/console"


def serve() -> NoReturn:
    """Serve until told to stop; settings come from the environment. Ends the process."""
    start("ticketing", SiteSettings, run)


async def run(settings: SiteSettings) -> bool:
    """Serve whether or not Kafka is there; True when told to stop."""
    listening = listen_for(settings)
    async with connections(settings.database, "saduak-ticketing", most=16) as pool:
        using = await in_use(pool, settings.standards, settings.site)
        if settings.site not in using.standards.sites:
            raise SettingsError(f"SADUAK_SITE is wrong: {settings.site} is not in sites.yaml.")
        process = Process(Disk(settings.disk))
        app = build(settings, using, pool, process)
        return await serve_application(app, process, listening)


def build(
    settings: SiteSettings,
    using: InUse,
    pool: Pool,
    process: Process,
    pace: Pace = TICKETS_PER_KIOSK,
) -> FastAPI:
    """The application on ``pool``, with its tasks started. Each kiosk takes tickets at ``pace``."""
    outbox = Outbox(pool)
    origin = Origin.DEMO if settings.demo else Origin.LIVE
    office = Office(settings.site, outbox, using.standards, origin=origin)
    floor = Floor(office, process)
    metrics = TicketingMetrics(process.metrics.registry, floor)
    _start_tasks(settings, office, floor, process)
    process.supervisor.start("gauges", lambda: metrics.measure(office))
    start_reading(settings, process, pool, using, partial(_is_closed, office))
    place = {Language.THAI: office.place.name_th, Language.ENGLISH: office.place.name_en}
    shown = Pages(FOLDERS, {"demo": settings.demo, "place": place, "using": using})
    doors = doors_for(settings, pool, "ticketing")
    app = application(
        f"Saduak ticketing, {settings.site}",
        process,
        shown,
        [
            sign_in.api,
            sign_in.page_routes(shown, HOME),
            api_visitors.router,
            api_counters.router,
            api_days.router,
            pages.router,
            audit_page.router,
        ],
        secure=settings.secure,
        reach=settings.reach,
    )
    app.state.doors = doors
    app.state.edge = Edge(
        office=office,
        doors=doors,
        pages=shown,
        floor=floor,
        tickets=Buckets(pace),
        link_key=settings.link_key,
        public_url=settings.public_url,
        peer_url=settings.peer_url,
    )
    answers = Answers(shown, process.storage)
    app.add_exception_handler(Problem, Refusals(pool, answers).answer)
    _say_refusals(app, answers, metrics)
    return app


def _start_tasks(settings: SiteSettings, office: Office, floor: Floor, process: Process) -> None:
    process.health.check("database", database_answers(office.pool))
    process.health.check("scene", floor.check)
    process.supervisor.start("floor", floor.run)
    process.supervisor.start("keeper", partial(keep_small, office.pool, feedback_follows))
    name = StreamName(settings.site, Stream.TICKETING)
    version = office.standards.version
    start_sending(settings, process, office.outbox, name, version, partial(hear, office))


async def _is_closed(office: Office) -> bool:
    return await reads.working_day(office) is None


def _say_refusals(app: FastAPI, answers: Answers, metrics: TicketingMetrics) -> None:
    """Answer the rules' refusals in words, by page or API."""

    async def refused(request: Request, error: Exception) -> Response:
        refusal = cast(Refused, error)
        metrics.refused.labels(refusal.code).inc()
        return answers.answer(request, problem_of(refusal))

    app.add_exception_handler(Refused, refused)


def problem_of(refused: Refused) -> Problem:
    """A refusal of the rules as an answer: 404, 422 or 409, with its words in both languages."""
    words = {language: words_of(refused, language) for language in Language}
    match refused:
        case NotFound():
            status = HTTPStatus.NOT_FOUND
        case Invalid():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        case _:
            status = HTTPStatus.CONFLICT
    what = {language: one.what for language, one in words.items()}
    mend = {language: one.mend for language, one in words.items()}
    where = ", ".join(f"{name} {value}" for name, value in refused.where.items())
    return Problem(status, refused.code, what, mend, where or None)
