"""What a request may be at all, checked in one place before any route sees it.

Addresses and fields are UTF-8 without odd characters (:mod:`libs.service.text`); JSON says each
thing once, in finite numbers; a form is one of fields, since no page of ours sends files. What a
field means is checked by its route.
"""

import asyncio
import json
import math
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.events.bounds import SEQUENCE
from libs.service.deadlines import BODY_SECONDS
from libs.service.language import say
from libs.service.problems import NOT_FOUND, Problem
from libs.service.text import odd_character, printable

LARGEST_BODY = 262_144
"""Bytes; no form or message of ours comes near."""
LONGEST_ADDRESS = 4096
"""Bytes of a path with its query."""
MOST_FIELDS = 100
"""In a query or a form."""
DEEPEST = 32
"""Arrays and objects within one another."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"

Refuse = Callable[[Request, Problem], Response]

TOO_LARGE = Problem(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_large",
    say("What was sent is too large."),
    say("Send less at once: at most 256 KB."),
)
TOO_SLOW = Problem(
    HTTPStatus.REQUEST_TIMEOUT,
    "too_slow",
    say("What was sent did not come in time."),
    say("Check the connection and send it again."),
)
ADDRESS_TOO_LONG = Problem(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    "address_too_long",
    say("The address is too long."),
    say("Check the address, or go back to the page you came from."),
)
NO_FILES = Problem(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "no_files",
    say("No files are taken here."),
    say("Send a form without files, or JSON as application/json."),
)


def _odd(where: str, character: str) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "odd_text",
        say("A text holds a character that cannot be kept (%(character)s).", character=character),
        say("Write it anew, without control characters and with few marks on a letter."),
        where,
    )


def _unreadable(where: str) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "unreadable",
        say("What was sent cannot be read."),
        say("Send UTF-8 without a byte order mark; JSON whole, finite, not nested deeply."),
        where,
    )


def _key_twice(where: str) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "key_twice",
        say("A field was sent twice."),
        say("Send each field once."),
        where,
    )


class RequestBounds:
    """ASGI middleware that answers a request out of bounds itself, and lets no route see it."""

    def __init__(self, app: ASGIApp, refuse: Refuse, body_seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._refuse = refuse
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            _check_headers(scope["headers"])
            if scope["method"] not in SAFE:
                async with asyncio.timeout(self._body_seconds):
                    receive = await _checked(scope, receive)
        except _Gone:
            return
        except (Problem, TimeoutError) as error:
            problem = error if isinstance(error, Problem) else TOO_SLOW
            answer = self._refuse(Request(_plain(scope)), problem)
            if problem is TOO_SLOW:  # the rest of it may come for ever
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _Gone(Exception):
    """The client went away before its request was whole."""


def _plain(scope: Scope) -> Scope:
    """The scope of a page in the same language at an address that is surely readable."""
    path = "/api/" if scope["path"].startswith("/api/") else "/"
    return {**scope, "path": path, "raw_path": path.encode(), "query_string": b""}


def _check_address(scope: Scope) -> None:
    raw: bytes = scope.get("raw_path") or scope["path"].encode(errors="surrogatepass")
    if len(raw) + len(scope["query_string"]) > LONGEST_ADDRESS:
        raise ADDRESS_TOO_LONG
    try:
        path = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise NOT_FOUND from None
    if odd_character(path) is not None:
        raise NOT_FOUND  # nothing of ours has such an address
    _check_fields(scope["query_string"], "query")


def _check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        odd = next((one for one in value if (one < 0x20 and one != 0x09) or one == 0x7F), None)
        if odd is not None:
            raise _odd(f"header {printable(name.decode('latin-1'))}", f"U+{odd:04X}")


async def _checked(scope: Scope, receive: Receive) -> Receive:
    """``receive`` as it was, of a body that was read and is within bounds."""
    headers = dict(scope["headers"])
    body = await _read(headers, receive)
    if body:
        kind = headers.get(b"content-type", b"").decode("latin-1").split(";")[0].strip().lower()
        if kind == FORM:
            _check_fields(body, "form")
        elif kind.startswith("multipart/"):
            raise NO_FILES
        elif kind == "application/json" or kind.endswith("+json"):
            _check_json(body)
    unread = [body]

    async def again() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return again


async def _read(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    said = headers.get(b"content-length", b"0")
    if not said.isdigit() or int(said[:20]) > LARGEST_BODY:
        raise TOO_LARGE
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise TOO_LARGE
        if not message.get("more_body", False):
            return bytes(body)


def _utf8(raw: bytes, where: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise _unreadable(where) from None


def _check_text(where: str, text: str) -> None:
    odd = odd_character(text)
    if odd is not None:
        raise _odd(where, odd)


def _check_fields(raw: bytes, where: str) -> None:
    """The fields of a query or a form, in ``application/x-www-form-urlencoded``."""
    if not raw:
        return
    fields = raw.replace(b";", b"&").split(b"&")
    if len(fields) > MOST_FIELDS:
        raise TOO_LARGE
    _utf8(raw, where)
    for one in fields:
        name, _, value = one.replace(b"+", b" ").partition(b"=")
        named = _utf8(unquote_to_bytes(name), where)
        _check_text(f"{where}: {printable(named)}", named)
        place = f"{where}.{printable(named)}"
        _check_text(place, _utf8(unquote_to_bytes(value), place))


def _check_json(body: bytes) -> None:
    text = _utf8(body, "body")
    try:
        found = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=_whole,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise _unreadable(f"body, character {error.pos + 1}") from None
    except (ValueError, RecursionError):
        raise _unreadable("body") from None
    for where, one in _texts(found, "body", 0):
        _check_text(where, one)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _key_twice(f"body: {printable(twice)}")
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)


def _whole(digits: str) -> int:
    if len(digits) > 20 or abs(number := int(digits)) > SEQUENCE:
        raise ValueError("no JSON reader reads so large a number exactly")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _texts(found: Any, where: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every text in ``found`` with its place, the names of fields among them."""
    if isinstance(found, str):
        yield where, found
        return
    if isinstance(found, (dict, list)) and depth >= DEEPEST:
        raise _unreadable(where)
    if isinstance(found, dict):
        for name, value in cast(dict[str, Any], found).items():
            named = f"{where}.{printable(name)}"
            yield named, name
            yield from _texts(value, named, depth + 1)
    elif isinstance(found, list):
        for index, value in enumerate(cast(list[Any], found)):
            yield from _texts(value, f"{where}.{index}", depth + 1)
