"""Asks an application itself, without a server: also a route that answers for ever."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers
from starlette.types import Message

HOST = "office.example"
ADDRESS = "10.20.30.40"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: of an endless answer, its beginning."""

    status: int
    headers: Headers
    text: str


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one route."""

    method: str
    path: str
    takes_body: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: FastAPI) -> tuple[Route, ...]:
    """Every route of ``app``, whether its description shows it or not."""
    found: list[Route] = []
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, context.path
        assert isinstance(route, APIRoute), f"{path}: a route of which the matrix knows nothing"
        assert path is not None
        takes_body = bool(route.dependant.body_params)
        found += [Route(method, path, takes_body) for method in sorted(route.methods or ())]
    return tuple(found)


async def ask(
    app: FastAPI, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    """The answer of ``app``."""
    started = asyncio.Event()
    told: list[Message] = []
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if unread:
            return unread.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        told.append(message)
        endless = b"text/event-stream" in dict(told[0]["headers"]).get(b"content-type", b"")
        if endless or (message["type"] == "http.response.body" and not message.get("more_body")):
            started.set()

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": _raw({"host": HOST, "content-length": str(len(body)), **headers}),
        "client": (ADDRESS, 1234),
        "server": (HOST, 80),
    }
    asking = asyncio.ensure_future(app(scope, receive, send))
    waiting = asyncio.ensure_future(started.wait())
    async with asyncio.timeout(60):
        await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not asking.done() and not _is_whole(told):
        asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    text = b"".join(one.get("body", b"") for one in told[1:]).decode()
    return Answer(told[0]["status"], Headers(raw=list(told[0]["headers"])), text)


def _is_whole(told: Sequence[Message]) -> bool:
    last = told[-1]
    return last["type"] == "http.response.body" and not last.get("more_body", False)


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
