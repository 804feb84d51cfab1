"""An application served to a real browser, by the process of the test."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from libs.service.http import listen


def operator(app: FastAPI) -> httpx.AsyncClient:
    """Who runs the service, at the port that visitors don't reach."""
    transport = httpx.ASGITransport(app.state.operations, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://operations")


class Quiet(uvicorn.Server):
    """A server that leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def served(app: FastAPI) -> AsyncGenerator[str]:
    """The application on a free port, for a real browser; its address."""
    listener = listen("127.0.0.1", 0)
    server = Quiet(uvicorn.Config(app, lifespan="off", log_config=None))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
