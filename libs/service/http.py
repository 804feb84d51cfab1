"""The web application of a service, and how it is served and stopped."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.database.troubles import Disk
from libs.service.clients import Reached
from libs.service.deadlines import TimedHttp
from libs.service.failing import FailingRoutes
from libs.service.health import Health
from libs.service.metrics import Metrics, RequestMetrics
from libs.service.pages import Pages
from libs.service.problems import Answers
from libs.service.reach import ANYHOW, Reach
from libs.service.request_bounds import LARGEST_BODY, Refuse, RequestBounds
from libs.service.settings import ServiceSettings
from libs.service.storage import Storage
from libs.service.supervision import Supervisor

LOG = structlog.stdlib.get_logger()
GRACE_SECONDS = 2
"""For requests under way when the process is told to stop."""
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": a browser would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(slots=True)
class Process:
    """What watches over one service process. ``disk`` is its database's, if that is on the same
    machine. ``stopping`` is set when it is told to stop: a stream of events that waits for it lets
    the process end at once."""

    disk: Disk | None = None
    supervisor: Supervisor = field(default_factory=Supervisor)
    metrics: Metrics = field(default_factory=Metrics)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    failing: FailingRoutes = field(default_factory=FailingRoutes)
    health: Health = field(init=False)
    storage: Storage = field(init=False)

    def __post_init__(self) -> None:
        self.health = Health(self.supervisor)
        self.storage = Storage(self.metrics.registry, self.disk)
        self.health.check("storage", self.storage.check)
        self.health.check("answers", self.failing.check)
        self.metrics.watch_tasks(self.supervisor)


def application(
    title: str,
    process: Process,
    pages: Pages,
    routers: Sequence[APIRouter],
    *,
    secure: bool,
    reach: Reach = ANYHOW,
) -> FastAPI:
    """The application of a service: its ``routers``, and what every service has.

    ``secure``: its pages travel by https, and browsers shall insist on it. ``reach`` says by which
    names it may be called. ``state.operations`` is another application, for who runs the service.
    """
    answers = Answers(pages, process.storage)
    app = _Application(process, title, answers.answer, reach, secure=secure)
    answers.install(app)
    for router in (process.health.public_routes(), pages.routes(), *routers):
        app.include_router(router)
    app.state.operations = _operations(process, app)
    return app


def _operations(process: Process, app: FastAPI) -> FastAPI:
    """What is for those who run a service, on a port that its visitors don't reach: metrics,
    health in detail, and the description of the API of ``app``."""
    inner = FastAPI(title=f"{app.title}, operations", openapi_url=None)
    for router in (process.health.routes(), process.metrics.routes()):
        inner.include_router(router)

    @inner.get("/api/openapi.json", include_in_schema=False)
    async def described() -> dict[str, object]:  # pyright: ignore[reportUnusedFunction]
        return app.openapi()

    return inner


class _Application(FastAPI):
    """FastAPI whose metrics and headers are outermost: they see its failures too. What is out of
    bounds comes no further than them."""

    def __init__(
        self, process: Process, title: str, refuse: Refuse, reach: Reach, *, secure: bool
    ) -> None:
        super().__init__(
            title=title,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            max_body_size=LARGEST_BODY,
        )
        self._process = process
        self._refuse = refuse
        self._reach = reach
        self._secure = secure

    def build_middleware_stack(self) -> ASGIApp:
        inner = RequestBounds(super().build_middleware_stack(), self._refuse)
        reached = Reached(inner, self._reach, self._refuse)
        answered = Headers(reached, secure=self._secure)
        return RequestMetrics(answered, self._process.metrics, self._process.failing)


class Headers:
    """ASGI middleware that gives every answer the security headers; pages are never cached."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = dict(SECURITY_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class ListenError(RuntimeError):
    """The address to listen on is taken or not ours."""


def listen(host: str, port: int, setting: str = "LISTEN_PORT") -> socket.socket:
    """A socket on ``host`` and ``port`` (0: any free one), as ``setting`` asks for. Raises
    :class:`ListenError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise ListenError(
            f"cannot listen on {host}:{port} ({error.strerror}); stop what uses that port, or set "
            f"SADUAK_{setting} to another"
        ) from error


class _Server(uvicorn.Server):
    """Uvicorn, which tells the process that it stops and leaves the ending to us."""

    def __init__(self, config: uvicorn.Config, process: Process) -> None:
        super().__init__(config)
        self._process = process

    def stop(self) -> None:
        self._process.stopping.set()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


@dataclass(frozen=True, slots=True)
class Listening:
    """The sockets of a process: that of its visitors, and that of those who run it, if any."""

    public: socket.socket
    operations: socket.socket | None = None


def listen_for(settings: ServiceSettings) -> Listening:
    """The sockets that ``settings`` ask for. Raises :class:`ListenError`."""
    public = listen(settings.listen_host, settings.listen_port)
    if settings.operations_port is None:
        return Listening(public)
    try:
        inner = listen(settings.operations_host, settings.operations_port, "OPERATIONS_PORT")
    except ListenError:
        public.close()
        raise
    return Listening(public, inner)


async def serve(app: FastAPI, process: Process, listening: Listening) -> bool:
    """Serve until the process is told to stop, or a task that it can't do without fails.

    True if it was told to. Ends the supervised tasks; takes less than five seconds.
    """
    server = _Server(server_config(app), process)
    ending = asyncio.create_task(_end_when_failed(process.supervisor, server))
    host, port = listening.public.getsockname()[:2]
    LOG.info("serving", host=host, port=port)
    try:
        async with _operating(app.state.operations, listening.operations):
            await server.serve(sockets=[listening.public])
    finally:
        ending.cancel()
        await process.supervisor.stop()
    LOG.info("stopped")
    return not process.supervisor.failed.is_set()


def server_config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Which proxies are believed is a setting of ours; uvicorn believes all of this machine.
        proxy_headers=False,
        http=TimedHttp,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


@asynccontextmanager
async def _operating(app: FastAPI, listener: socket.socket | None) -> AsyncGenerator[None]:
    """Serve those who run the service on ``listener``, if there is one, until the block ends."""
    if listener is None:
        yield
        return
    server = _Inner(server_config(app))
    host, port = listener.getsockname()[:2]
    LOG.info("serving operations", host=host, port=port)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Inner(uvicorn.Server):
    """A server that leaves the signals to the one beside it."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _end_when_failed(supervisor: Supervisor, server: _Server) -> None:
    await supervisor.failed.wait()
    server.stop()
