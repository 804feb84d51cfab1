"""What a service answers when it can't do what was asked: what, where, and how to mend it."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from libs.database.troubles import PASSING, Trouble
from libs.service.language import Said, Text, say
from libs.service.pages import Pages
from libs.service.storage import Storage
from libs.service.text import printable
from libs.service.times import TIME_FAULTS
from libs.stream.outbox import OutOfSpan

MEDIA_TYPE = "application/problem+json"
TRY_AGAIN_SECONDS = 15
"""After which a page, or a program, may try again what could not be done for a trouble that
passes."""
PASSES = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE})


class Problem(Exception):
    """Raised by an edge to answer with an error a person or a program can act on."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        what: Text,
        mend: Text,
        where: str | None = None,
        again_after: int | None = None,
    ) -> None:
        """``code`` is stable, for programs; ``where`` names the field or thing at fault;
        ``again_after`` says in how many seconds the same may be asked again."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.what = what
        self.mend = mend
        self.where = where
        self.again_after = again_after

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later, with nothing done by who asked."""
        return self.status in PASSES


class SignInNeeded(Exception):
    """Raised by an edge when nobody is signed in: a page leads to sign-in, the API says 401."""


NOT_FOUND = Problem(
    HTTPStatus.NOT_FOUND,
    "not_found",
    say("There is nothing at this address."),
    say("Check the address, or go back to the page you came from."),
)
FAILED = Problem(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "failed",
    say("The service could not do this because of a fault of its own."),
    say("Try again in a moment. If it goes on, tell the administrator the time."),
)
NOT_SIGNED_IN = Problem(
    HTTPStatus.UNAUTHORIZED,
    "not_signed_in",
    say("You are not signed in, or your session has ended."),
    say("Sign in and try again."),
)
NOT_JSON = Problem(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_json",
    say("What was sent is no JSON object."),
    say("Send one JSON object, with the header Content-Type: application/json."),
    "body",
)
DATABASE_AWAY = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "database_away",
    say("The database does not answer."),
    say("Wait a moment and try again. If it goes on, tell the administrator."),
)
DISK_FULL = Problem(
    HTTPStatus.INSUFFICIENT_STORAGE,
    "disk_full",
    say("The disk is full: nothing can be saved now."),
    say("Nothing confirmed is lost. Tell the technician to make room; it then goes on by itself."),
)
READ_ONLY = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "read_only",
    say("The database takes no changes now."),
    say("Wait a moment and try again. If it goes on, tell the administrator."),
)
CLOCK_WRONG = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "clock_wrong",
    say("The clock of this office's machine is wrong."),
    say("Nothing was recorded. Tell the technician to set the clock; it then goes on by itself."),
)
TROUBLES: Mapping[Trouble, Problem] = {
    Trouble.DISK_FULL: DISK_FULL,
    Trouble.READ_ONLY: READ_ONLY,
    Trouble.AWAY: DATABASE_AWAY,
}


def _of_status(status: int) -> Problem:
    if status == HTTPStatus.NOT_FOUND:
        return NOT_FOUND
    return Problem(
        HTTPStatus(status),
        HTTPStatus(status).name.lower(),
        say("This request cannot be answered here."),
        say("Go back to the page you came from and try again."),
    )


NOT_AN_OBJECT = frozenset({"model_attributes_type", "model_type", "dict_type"})
"""What pydantic says of a body that is no JSON object, or was not sent as JSON."""


def _of_fields(error: RequestValidationError) -> Problem:
    for one in error.errors():
        place = printable(".".join(map(str, one["loc"])))
        if one["type"] in TIME_FAULTS:
            what, mend = TIME_FAULTS[one["type"]]
            given = one.get("ctx", {})
            return Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                one["type"],
                Said(what.msgid, given),
                Said(mend.msgid, given),
                place,
            )
        if one["type"] in NOT_AN_OBJECT and one["loc"] == ("body",):
            return NOT_JSON
    faults = [
        f"{printable('.'.join(map(str, one['loc'])))}: {printable(one['msg'], 160)}"
        for one in error.errors()
    ]
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid",
        say("Some of what was sent is missing or wrong."),
        say("Correct the fields named here and send again."),
        "; ".join(faults[:8]),
    )


class Answers:
    """Turns problems into pages for people and JSON for programs."""

    def __init__(self, pages: Pages, storage: Storage) -> None:
        self._pages = pages
        self._storage = storage

    def answer(self, request: Request, problem: Problem) -> Response:
        """``problem`` as a page, or as JSON in both languages below ``/api/``."""
        response = self._said(request, problem)
        seconds = TRY_AGAIN_SECONDS if problem.passes else problem.again_after
        if seconds is not None:
            response.headers["Retry-After"] = str(seconds)
        return response

    def _said(self, request: Request, problem: Problem) -> Response:
        if not request.url.path.startswith("/api/"):
            return self._pages.render(
                request,
                "problem.html",
                {"problem": problem, "again": again(request, problem)},
                status=problem.status,
            )
        catalogue = self._pages.catalogue
        body = {
            "code": problem.code,
            "what": catalogue.both(problem.what),
            "where": problem.where,
            "mend": catalogue.both(problem.mend),
        }
        return JSONResponse(body, problem.status, media_type=MEDIA_TYPE)

    def install(self, app: FastAPI) -> None:
        """Answer every error of ``app`` in this way."""

        async def answer(request: Request, error: Exception) -> Response:
            if isinstance(error, SignInNeeded) and _is_page(request):
                here = quote(request.url.path)
                return RedirectResponse(f"/sign-in?next={here}", HTTPStatus.SEE_OTHER)
            trouble = self._storage.trouble_of(error)
            if trouble is None:
                return self.answer(request, problem_of(error))
            self._storage.note(trouble, error)
            return self.answer(request, TROUBLES[trouble])

        async def lost(request: Request, error: Exception) -> Response:
            if self._storage.trouble_of(error) is None:
                raise error  # a wrong call of ours: logged, and answered as such, further out
            return await answer(request, error)

        known = (Problem, SignInNeeded, HTTPException, RequestValidationError, OutOfSpan)
        handled = (*known, *PASSING, Exception)
        for kind in handled:
            app.add_exception_handler(kind, answer)
        app.add_exception_handler(asyncpg.InterfaceError, lost)


def _of_span(error: OutOfSpan) -> Problem:
    if error.field == "recordedtime":
        return CLOCK_WRONG
    what, mend = TIME_FAULTS["out_of_calendar"]
    years = {"first": str(error.span.first.year), "last": str(error.span.last.year)}
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "out_of_calendar",
        Said(what.msgid, years),
        mend,
        error.field,
    )


def _is_page(request: Request) -> bool:
    return request.method == "GET" and not request.url.path.startswith("/api/")


def again(request: Request, problem: Problem) -> int | None:
    """After how many seconds the page of ``problem`` asks for itself again."""
    return TRY_AGAIN_SECONDS if problem.passes and request.method == "GET" else None


def problem_of(error: Exception) -> Problem:
    """What to answer when ``error`` ended a request."""
    match error:
        case Problem():
            return error
        case SignInNeeded():
            return NOT_SIGNED_IN
        case HTTPException():
            return _of_status(error.status_code)
        case RequestValidationError():
            return _of_fields(error)
        case OutOfSpan():
            return _of_span(error)
        case _:
            return FAILED
