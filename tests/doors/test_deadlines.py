"""A client that sends a byte now and then holds no connection for long."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from fastapi import APIRouter
from starlette.types import ASGIApp

from libs.service.deadlines import TimedHttp
from libs.service.http import Process, application, listen, server_config
from libs.service.pages import Pages
from libs.service.problems import Answers
from libs.service.request_bounds import RequestBounds
from tests.serving import Quiet

SOON = 0.3
router = APIRouter()


class Hurried(TimedHttp):
    header_seconds = SOON


@router.post("/api/things")
async def things() -> str:
    return "taken"


@router.get("/api/slow")
async def slow() -> str:
    await asyncio.sleep(3 * SOON)  # the time of a client's is meant, never our own
    return "done"


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncGenerator[int]:
    listener = listen("127.0.0.1", 0)
    server = Quiet(uvicorn.Config(app, lifespan="off", log_config=None, http=Hurried))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def port() -> AsyncGenerator[int]:
    process = Process()
    pages = Pages([], {"demo": False, "place": {"th": "", "en": ""}})
    app = application("test", process, pages, [router], secure=False)
    bounded = RequestBounds(app, Answers(pages, process.storage).answer, body_seconds=SOON)
    async with served(bounded) as port:
        yield port


async def drip(port: int, first: bytes, then: bytes) -> bytes:
    """What is answered until the line is closed: ``first`` at once, ``then`` byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = asyncio.ensure_future(_all_of(reader))
    with suppress(ConnectionError):
        writer.write(first)
        for byte in then:
            writer.write(bytes([byte]))
            await writer.drain()
            done, _ = await asyncio.wait({answered}, timeout=SOON / 10)
            if done:
                break
    async with asyncio.timeout(30):
        got = await answered
    writer.close()
    return got


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    got = b""
    with suppress(ConnectionError):  # what was sent after the end
        while more := await reader.read(4096):
            got += more
    return got


HEAD = b"POST /api/things HTTP/1.1\r\nHost: 127.0.0.1\r\n"


async def test_a_header_that_never_ends_is_cut(port: int) -> None:
    assert await drip(port, b"", b"") == b""  # a connection without a word, too
    assert await drip(port, b"GET / HT", b"x" * 1000) == b""
    assert await drip(port, HEAD, b"X-Long: " + b"x" * 1000) == b""


async def test_the_header_of_a_second_request_too(port: int) -> None:
    whole = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    got = await drip(port, whole, HEAD + b"X-Long: " + b"x" * 1000)
    assert got.startswith(b"HTTP/1.1 200")
    assert got.count(b"HTTP/1.1") == 1


async def test_a_body_that_never_ends_is_answered_and_cut(port: int) -> None:
    got = await drip(port, HEAD + b"Content-Length: 5000\r\n\r\n", b"x" * 5000)
    assert got.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in got


async def test_what_the_service_takes_itself_is_no_matter(port: int) -> None:
    slow = b"GET /api/slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert (await drip(port, slow, b"")).startswith(b"HTTP/1.1 200")


def test_every_server_of_ours_has_deadlines_and_believes_no_proxy_by_itself() -> None:
    pages = Pages([], {"demo": False, "place": {"th": "", "en": ""}})
    config = server_config(application("test", Process(), pages, [], secure=False))
    assert config.http is TimedHttp
    assert not config.proxy_headers
