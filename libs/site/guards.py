"""Who may come in: the guards that a site's pages and API stand behind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from libs.clock import now
from libs.database.types import Pool
from libs.service.clients import address_of
from libs.service.language import say
from libs.service.problems import Problem, SignInNeeded
from libs.service.settings import SiteSettings
from libs.site.attempts import Source
from libs.site.audit import By
from libs.site.browsers import LIFE_DAYS, KnownBrowsers
from libs.site.devices import Device, DeviceKind, Devices
from libs.site.sessions import Session, Sessions
from libs.site.staff import Role, Staff
from libs.site.tokens import key_for, same

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
DEVICE_LIFE = 400 * 24 * 60 * 60
"""Seconds; browsers keep no cookie longer. Renewed whenever the machine loads its page."""

FOREIGN = Problem(
    HTTPStatus.FORBIDDEN,
    "foreign_origin",
    say("The request came from another site's page."),
    say("Open this service's own page and try again."),
)
NO_CSRF = Problem(
    HTTPStatus.FORBIDDEN,
    "csrf",
    say("The request does not carry this session's token."),
    say("Load the page again and try once more."),
    CSRF_HEADER,
)
NOT_ALLOWED = Problem(
    HTTPStatus.FORBIDDEN,
    "not_allowed",
    say("Your role does not allow this."),
    say("Ask a supervisor or the administrator."),
)
NOT_ENROLLED = Problem(
    HTTPStatus.FORBIDDEN,
    "not_enrolled",
    say("This machine has not been let in yet."),
    say("Have the administrator make a code, then enter it at the address /enrol."),
)


@dataclass(frozen=True, slots=True)
class Doors:
    """The cookies of one site service, and what stands behind them.

    Cookies know no ports, so their names hold the service's.
    """

    service: str
    sessions: Sessions
    devices: Devices
    pool: Pool
    browsers: KnownBrowsers
    secure: bool
    """Cookies travel by https only."""
    public_host: str | None
    """The host that browsers see, where a proxy stands before the service."""

    def cookie(self, purpose: str) -> str:
        name = f"saduak-{self.service}-{purpose}"
        return f"__Host-{name}" if self.secure else name

    async def session(self, request: Request) -> Session | None:
        """Who is signed in."""
        token = request.cookies.get(self.cookie("staff"))
        session = None if token is None else await self.sessions.session(token)
        if session is not None:
            request.state.who = session.staff.login
        return session

    async def device(self, request: Request) -> Device | None:
        """Which machine asks."""
        token = request.cookies.get(self.cookie("device"))
        device = None if token is None else await self.devices.device(token)
        if device is not None:
            request.state.who = device.label
        return device

    async def holds(self, who: Session | Device) -> bool:
        """Whether who was let in before may still be here: nobody took it back meanwhile."""
        if isinstance(who, Session):
            return await self.sessions.holds(who)
        return await self.devices.holds(who)

    def browser(self, request: Request, login: str) -> Source | None:
        """The browser, if ``login`` has signed in from it before."""
        return self.browsers.source(request.cookies.get(self.cookie("browser")), login, now())

    def remember(self, request: Request, response: Response, login: str) -> None:
        """Mark the browser as one that ``login`` has signed in from."""
        known = request.cookies.get(self.cookie("browser"))
        token = self.browsers.remember(known, login, now())
        self._give(response, "browser", token, LIFE_DAYS * 24 * 60 * 60)

    def let_in(self, response: Response, session: Session) -> None:
        """Give the browser its session; it ends with the browser."""
        self._give(response, "staff", session.token, None)

    def let_out(self, response: Response) -> None:
        response.delete_cookie(self.cookie("staff"), secure=self.secure, httponly=True)

    def keep_device(self, response: Response, token: str) -> None:
        """Give the machine its token, or give it again for as long."""
        self._give(response, "device", token, DEVICE_LIFE)

    def renew_device(self, request: Request, response: Response) -> None:
        token = request.cookies.get(self.cookie("device"))
        if token is not None:
            self.keep_device(response, token)

    def check_origin(self, request: Request) -> None:
        """Raises a problem for a change asked for by another site's page."""
        origin = request.headers.get("origin")
        if origin is None:
            if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
                raise FOREIGN
        elif _host_of(origin) not in {request.headers.get("host"), self.public_host}:
            raise FOREIGN

    def _give(self, response: Response, purpose: str, token: str, seconds: int | None) -> None:
        response.set_cookie(
            self.cookie(purpose),
            token,
            max_age=seconds,
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )


def doors_for(settings: SiteSettings, pool: Pool, service: str) -> Doors:
    """The doors of the ``service`` of a site."""
    named = f"{service}-{settings.site}"
    return Doors(
        service=named,
        sessions=Sessions(pool),
        devices=Devices(pool),
        pool=pool,
        browsers=KnownBrowsers(key_for(settings.link_key, f"browsers of {named}")),
        secure=settings.secure,
        public_host=settings.public_host,
    )


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no address of anybody
        raise FOREIGN from None


def doors_of(request: Request) -> Doors:
    """The doors of the application that ``request`` came to."""
    return cast(Doors, request.app.state.doors)


TheDoors = Annotated[Doors, Depends(doors_of)]


async def from_own_page(request: Request, doors: TheDoors) -> None:
    """A guard for the ways to become somebody: from our own pages, whatever else is asked."""
    doors.check_origin(request)


OwnPage = Depends(from_own_page)


async def signed_in(request: Request, doors: TheDoors) -> Session:
    """Whoever is signed in; a change must come from our own page and carry the CSRF token."""
    session = await doors.session(request)
    if session is None:
        raise SignInNeeded
    if request.method not in SAFE:
        doors.check_origin(request)
        given = request.headers.get(CSRF_HEADER)
        if given is None and "form" in request.headers.get("content-type", ""):
            given = str((await request.form()).get(CSRF_FIELD, ""))
        if given is None or not same(given, session.csrf):
            raise NO_CSRF
    return session


SignedIn = Annotated[Session, Depends(signed_in)]


def _at_least(role: Role) -> Callable[[Session], Awaitable[Staff]]:
    async def guard(session: SignedIn) -> Staff:
        if not session.staff.role.covers(role):
            raise NOT_ALLOWED
        return session.staff

    return guard


Clerk = Annotated[Staff, Depends(_at_least(Role.CLERK))]
Supervisor = Annotated[Staff, Depends(_at_least(Role.SUPERVISOR))]
Admin = Annotated[Staff, Depends(_at_least(Role.ADMIN))]


async def acting(request: Request, session: SignedIn) -> By:
    """Who acts, for the audit log."""
    return By(session.staff.login, address_of(request))


Acting = Annotated[By, Depends(acting)]


def machine(kind: DeviceKind) -> Callable[[Request, Doors], Awaitable[Device | Session]]:
    """A guard that lets in an enrolled machine of ``kind``, or anybody signed in."""

    async def guard(request: Request, doors: TheDoors) -> Device | Session:
        device = await doors.device(request)
        if device is not None and device.kind is kind:
            if request.method not in SAFE:
                doors.check_origin(request)
            return device
        if await doors.session(request) is None:
            raise NOT_ENROLLED
        return await signed_in(request, doors)

    return guard
