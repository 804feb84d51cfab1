"""How the live part reaches a service: by HTTP only, as a browser does, and patiently."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import httpx

from saduak.demo.cast import Account

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds before a service that does not answer is asked again: doubled each time."""
AWAY = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE}
)

Notice = Callable[[str | None], None]
"""Told what is amiss; None when it is well again."""


class Refusal(Exception):
    """The service answered, and said no."""

    def __init__(self, status: int, code: str, where: str) -> None:
        super().__init__(f"{where}: {status} {code}")
        self.status = status
        self.code = code
        """As in the answer's ``application/problem+json``."""


class Web:
    """A person or a machine before one service."""

    def __init__(
        self,
        service: str,
        address: str,
        notice: Notice,
        *,
        tls: ssl.SSLContext,
        cookies: httpx.Cookies | None = None,
        account: Account | None = None,
    ) -> None:
        """``service`` is its name in notices. ``cookies`` are those of an enrolled machine; with
        an ``account`` it signs in whenever it must."""
        self._service = service
        self._notice = notice
        self._account = account
        self._client = httpx.AsyncClient(
            base_url=address, cookies=cookies, verify=tls, timeout=10, trust_env=False
        )

    async def get(self, path: str) -> Any:
        """The answer's JSON. Raises :class:`Refusal`."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """The answer's JSON, or None of an empty answer. Raises :class:`Refusal`.

        Asked again where no answer came: what was asked may then have been done twice.
        """
        return await self._ask("POST", path, body or {})

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> Any:
        answer = await self._answered(method, path, body)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and self._account is not None:
            await self._sign_in(self._account)
            answer = await self._answered(method, path, body)
        return _content(answer, f"{self._service} {path}")

    async def _sign_in(self, account: Account) -> None:
        credentials = {"login": account.login, "password": account.password}
        answer = await self._answered("POST", "/api/session", credentials)
        session = _content(answer, f"{self._service} /api/session")
        self._client.headers["X-CSRF-Token"] = session["csrf"]

    async def _answered(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> httpx.Response:
        """Whatever the service answers, as soon as it does."""
        pause, away = FIRST_PAUSE, False
        while True:
            try:
                answer = await self._client.request(method, path, json=body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                # A hurried scenario takes tickets faster than one kiosk gives them.
                await asyncio.sleep(float(answer.headers.get("Retry-After", FIRST_PAUSE)))
                continue
            if answer is not None and answer.status_code not in AWAY:
                if away:
                    self._notice(None)
                return answer
            away = True
            self._notice(f"{self._service} does not answer; trying again")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _content(answer: httpx.Response, where: str) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        code = str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        code = answer.reason_phrase
    raise Refusal(answer.status_code, code, where)
