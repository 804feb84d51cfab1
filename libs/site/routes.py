"""Sign-in and enrolment: the pages, and the same by the API."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from libs.clock import now
from libs.service.clients import address_of
from libs.service.language import Text, say
from libs.service.pages import Pages
from libs.service.problems import Problem
from libs.site.attempts import AttemptsBusy, TooManyAttempts
from libs.site.devices import Device, DeviceError, DeviceKind, WrongCode
from libs.site.guards import Acting, Admin, Doors, OwnPage, SignedIn, TheDoors
from libs.site.sessions import Session, WrongCredentials
from libs.site.staff import Role, StaffError, add_staff

WRONG = Problem(
    HTTPStatus.UNAUTHORIZED,
    "wrong_credentials",
    say("The login or the password is wrong."),
    say("Check both and try again. A supervisor can have a new password set."),
)
SLOW_DOWN = Problem(
    HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_attempts",
    say("There were too many failed attempts."),
    say("Wait 15 minutes, then try again."),
)
BUSY_SECONDS = 5
BUSY = Problem(
    HTTPStatus.TOO_MANY_REQUESTS,
    "sign_in_busy",
    say("Too many people are signing in at this moment."),
    say("Wait a few seconds, then try again."),
    again_after=BUSY_SECONDS,
)
WRONG_CODE = Problem(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "wrong_code",
    say("The code is wrong, was used already, or is older than 30 minutes."),
    say("Check the code, or have the administrator make a new one."),
    "code",
)


class Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Credentials(Asked):
    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256, repr=False)]


class Code(Asked):
    code: Annotated[str, Field(min_length=8, max_length=20, repr=False)]


class NewDevice(Asked):
    kind: DeviceKind
    label: Annotated[str, Field(min_length=1, max_length=32)]


class NewStaff(Credentials):
    role: Role


class SessionShown(BaseModel):
    """Who is signed in, and the token that every change must carry as ``X-CSRF-Token``."""

    staff: UUID
    login: str
    role: Role
    csrf: str


class DeviceShown(BaseModel):
    kind: DeviceKind
    label: str


async def sign_in(request: Request, doors: Doors, login: str, password: str) -> Session:
    """A session, or a problem that says no more than it must."""
    try:
        return await doors.sessions.sign_in(
            login, password, address_of(request), doors.browser(request, login)
        )
    except WrongCredentials:
        raise WRONG from None
    except TooManyAttempts:
        raise SLOW_DOWN from None
    except AttemptsBusy:
        raise BUSY from None


async def enrol(request: Request, doors: Doors, code: str) -> tuple[Device, str]:
    """The machine that a code lets in, and its token, or a problem."""
    try:
        return await doors.devices.enrol(code, address_of(request))
    except WrongCode:
        raise WRONG_CODE from None
    except TooManyAttempts:
        raise SLOW_DOWN from None


def _let_in(request: Request, response: Response, doors: Doors, session: Session) -> None:
    doors.let_in(response, session)
    doors.remember(request, response, session.staff.login)


api = APIRouter(prefix="/api", tags=["sign-in"])


@api.get("/session")
async def whoami(session: SignedIn) -> SessionShown:
    """Who is signed in."""
    return _shown(session)


@api.post("/session", dependencies=[OwnPage])
async def open_session(
    request: Request, response: Response, asked: Credentials, doors: TheDoors
) -> SessionShown:
    """Sign in: the session's cookie comes with the answer."""
    session = await sign_in(request, doors, asked.login, asked.password)
    _let_in(request, response, doors, session)
    return _shown(session)


@api.delete("/session", status_code=HTTPStatus.NO_CONTENT)
async def close_session(
    request: Request, response: Response, session: SignedIn, doors: TheDoors
) -> None:
    """Sign out."""
    await doors.sessions.sign_out(session, address_of(request))
    doors.let_out(response)


@api.post("/devices/enrol", dependencies=[OwnPage])
async def enrol_device(
    request: Request, response: Response, asked: Code, doors: TheDoors
) -> DeviceShown:
    """Let this machine in by its one-time code: its cookie comes with the answer."""
    device, token = await enrol(request, doors, asked.code)
    doors.keep_device(response, token)
    return DeviceShown(kind=device.kind, label=device.label)


@api.post("/devices", status_code=HTTPStatus.CREATED)
async def invite_device(asked: NewDevice, doors: TheDoors, _admin: Admin, by: Acting) -> Code:
    """A code that lets one machine in, once."""
    try:
        code = await doors.devices.invite(asked.kind, asked.label, by)
    except DeviceError as error:
        raise _invalid(str(error)) from None
    return Code(code=code)


@api.post("/staff", status_code=HTTPStatus.CREATED)
async def new_staff(asked: NewStaff, doors: TheDoors, _admin: Admin, by: Acting) -> None:
    """Make an account."""
    try:
        await add_staff(doors.pool, asked.login, asked.password, asked.role, now(), by)
    except StaffError as error:
        raise _invalid(str(error)) from None


def _shown(session: Session) -> SessionShown:
    staff = session.staff
    return SessionShown(staff=staff.id, login=staff.login, role=staff.role, csrf=session.csrf)


def _invalid(where: str) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid",
        say("Some of what was sent is missing or wrong."),
        say("Correct the fields named here and send again."),
        where,
    )


def page_routes(pages: Pages, home: str) -> APIRouter:
    """``/sign-in``, ``/sign-out`` and ``/enrol``. ``home`` is where staff begin."""
    router = APIRouter(include_in_schema=False)
    after_enrolment = {
        DeviceKind.KIOSK: "/kiosk",
        DeviceKind.BOARD: "/board",
        DeviceKind.TABLET: "/tablet",
    }

    def form(request: Request, template: str, problem: Problem | None, **values: str) -> Response:
        status = 200 if problem is None else problem.status
        fault: Text | None = problem.what if problem else None
        mend: Text | None = problem.mend if problem else None
        return pages.render(request, template, {"fault": fault, "mend": mend, **values}, status)

    @router.get("/sign-in")
    async def sign_in_page(request: Request, next: str = home) -> Response:  # noqa: A002  # pyright: ignore[reportUnusedFunction]
        return form(request, "sign_in.html", None, next=own_path(next, home), login="")

    @router.post("/sign-in", dependencies=[OwnPage])
    async def sign_in_form(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        doors: TheDoors,
        login: Annotated[str, Form(max_length=64)],
        password: Annotated[str, Form(max_length=256)],
        next: Annotated[str, Form(max_length=200)] = home,  # noqa: A002
    ) -> Response:
        try:
            session = await sign_in(request, doors, login.strip().lower(), password)
        except Problem as problem:
            return form(request, "sign_in.html", problem, next=own_path(next, home), login=login)
        response = RedirectResponse(own_path(next, home), HTTPStatus.SEE_OTHER)
        _let_in(request, response, doors, session)
        return response

    @router.post("/sign-out")
    async def sign_out_form(  # pyright: ignore[reportUnusedFunction]
        request: Request, session: SignedIn, doors: TheDoors
    ) -> Response:
        await doors.sessions.sign_out(session, address_of(request))
        response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        doors.let_out(response)
        return response

    @router.get("/enrol")
    async def enrol_page(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return form(request, "enrol.html", None)

    @router.post("/enrol", dependencies=[OwnPage])
    async def enrol_form(  # pyright: ignore[reportUnusedFunction]
        request: Request, doors: TheDoors, code: Annotated[str, Form(max_length=20)]
    ) -> Response:
        try:
            device, token = await enrol(request, doors, code)
        except Problem as problem:
            return form(request, "enrol.html", problem)
        response = RedirectResponse(after_enrolment[device.kind], HTTPStatus.SEE_OTHER)
        doors.keep_device(response, token)
        return response

    return router


def own_path(path: str, home: str) -> str:
    """``path`` if it leads nowhere but to this service's own pages, else ``home``."""
    own = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if own and path.isprintable() else home
