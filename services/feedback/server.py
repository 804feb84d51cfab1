"""The feedback process: put together, served, stopped."""

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI

from libs.events.codes import Stream
from libs.events.topics import StreamName
from libs.service import http, logs
from libs.service.database import connections
from libs.service.health import database_answers, relay_notice
from libs.service.http import Process
from libs.service.pages import Pages
from libs.service.settings import SiteSettings
from libs.site.devices import Devices
from libs.site.doors import Doors
from libs.site.sessions import Sessions
from libs.standards import Site, load
from libs.stream.clock import now
from libs.stream.follower import Follower
from libs.stream.relay import Relay
from services.feedback import api, pages
from services.feedback.desk import Desk
from services.feedback.following import follow
from services.feedback.metrics import FeedbackMetrics
from services.feedback.office import FeedbackOffice, open_office

SCHEMA = "feedback"
VERSIONS = Path(__file__).parent / "migrations" / "versions"


class UnknownSite(ValueError):
    """The standards list no such site."""


async def serve(settings: SiteSettings) -> bool:
    """Serve one site's feedback until told to stop; whether it was told to.

    Needs its database only: without Kafka it works and keeps its events. Raises
    :class:`~libs.service.database.DatabaseUnavailable`, :class:`~libs.service.http.ListenError`,
    :class:`~libs.standards.StandardsError` or :class:`UnknownSite` at the start.
    """
    logs.configure(SCHEMA, settings.site)
    site = _site(settings)
    process = Process()
    listener = http.listen(settings.listen_host, settings.listen_port)
    async with connections(settings.database, SCHEMA) as pool:
        office = await open_office(pool, now)
        metrics = FeedbackMetrics(process.metrics.registry)
        desk = Desk(office, settings.link_key, metrics)
        process.health.check("database", database_answers(pool))
        app = application(settings, site, process, desk)
        start_tasks(settings, process, office, metrics)
        return await http.serve(app, process, listener)


def _site(settings: SiteSettings) -> Site:
    sites = load(settings.standards).sites
    if settings.site not in sites:
        raise UnknownSite(
            f"the standards in {settings.standards} list no site {settings.site!r}; mend "
            "SADUAK_SITE, or add the site to sites.yaml"
        )
    return sites[settings.site]


def application(settings: SiteSettings, site: Site, process: Process, desk: Desk) -> FastAPI:
    """The pages and the API of one site's feedback."""
    pool = desk.office.outbox.pool
    look = Pages(
        [pages.FOLDER],
        {"demo": settings.demo, "place": {"th": site.name_th, "en": site.name_en}},
    )
    routers = [api.router(desk), pages.router(desk, look)]
    app = http.application("Saduak feedback", process, look, routers, secure=settings.secure)
    app.state.doors = Doors(
        service=SCHEMA,
        sessions=Sessions(pool),
        devices=Devices(pool),
        pool=pool,
        secure=settings.secure,
        public_host=urlsplit(settings.public_url).netloc if settings.public_url else None,
    )
    return app


def start_tasks(
    settings: SiteSettings, process: Process, office: FeedbackOffice, metrics: FeedbackMetrics
) -> None:
    """What runs beside the pages: the follower, the gauges, and the relay if there is Kafka."""
    supervisor = process.supervisor
    supervisor.start("follower", Follower(office.outbox, follow).run)
    supervisor.start("gauges", lambda: metrics.measure(office))
    if settings.kafka is not None:
        name = StreamName(settings.site, Stream.FEEDBACK)
        relay = Relay(office.outbox, name, settings.kafka)
        supervisor.start("relay", relay.run)
        process.metrics.watch_relay(relay)
        process.health.notice("relay", relay_notice(relay))
