"""Who asks, and by which name: looked at before anything else of a request."""

from http import HTTPStatus

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.service.language import say
from libs.service.problems import Problem
from libs.service.reach import Reach
from libs.service.request_bounds import Refuse

WRONG_HOST = Problem(
    HTTPStatus.MISDIRECTED_REQUEST,
    "wrong_host",
    say("This service does not go by the name in the request."),
    say("Open it at its own address, which the office can tell you."),
    "Host",
)


def address_of(request: Request) -> str:
    """Where a request came from; behind a trusted proxy, the address that the proxy saw."""
    return request.client.host if request.client else "unknown"


class Reached:
    """ASGI middleware: the client's own address, and no request that names another machine.

    A page of a stranger's could else call itself by a name that leads here, and would be taken for
    one of our own.
    """

    def __init__(self, app: ASGIApp, reach: Reach, refuse: Refuse) -> None:
        self._app = app
        self._reach = reach
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        if client is not None:
            forwarded = ",".join(_values(scope, b"x-forwarded-for")).split(",")
            scope["client"] = (self._reach.client(client[0], forwarded), client[1])
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or not self._reach.admits(hosts[0]):
            plain = "/api/" if scope["path"].startswith("/api/") else "/"
            asked = {**scope, "path": plain, "raw_path": plain.encode(), "query_string": b""}
            await self._refuse(Request(asked), WRONG_HOST)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
