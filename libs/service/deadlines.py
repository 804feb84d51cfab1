"""How long a client may take for its request: who sends a byte now and then holds no connection."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
"""From the opening of a connection, or the first byte of a further request, to the last of its
header."""
BODY_SECONDS = 20.0
"""For the body that follows: at most 256 KB."""


class TimedHttp(H11Protocol):
    """A connection that is closed when no request comes together in time.

    Uvicorn itself closes a connection that lies idle after an answer, but waits for ever for the
    first request, and for the rest of a header.
    """

    header_seconds = HEADER_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as its own
        super().connection_made(transport)
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A cycle is a request that has come, until it is answered; there is none at first.
        underway = self.cycle is not None and not self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]
        if underway:
            self._forget()
        else:
            self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()
