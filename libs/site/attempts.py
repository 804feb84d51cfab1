"""Attempts to sign in or to enrol: noted before they are checked, so that no number of guesses at
the same moment gets past the limit."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from libs.clock import Clock
from libs.database.statements import statements
from libs.database.types import Connection, Pool

SQL = statements("libs.site", "sql/site.sql")
MEMORY = timedelta(minutes=15)
"""For how long a failure slows down the next attempts."""
IPV6_NETWORK_BITS = 64
"""Whoever has one IPv6 address has all of its network."""
MOST_WAITING = 200
"""Attempts that wait for their turn: more than an office has people."""


class TooManyAttempts(Exception):
    """Too many failures lately: nothing was checked. Pass after ``MEMORY``."""


class AttemptsBusy(Exception):
    """More attempts at this moment than people can make: nothing was checked."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures within ``MEMORY`` after which nothing is checked any more."""

    both: int
    """Of one login from one address."""
    by_address: int
    """From one address: somebody tries many logins. An office may share one address."""
    by_login: int | None
    """Of one login, by strangers anywhere. None: what strangers do is of no account here."""


STRANGERS = Limits(both=5, by_address=200, by_login=20)
"""An office of a hundred people that all mistype twice stays below, behind one address."""
KNOWN_BROWSER = Limits(both=5, by_address=30, by_login=None)
"""Where somebody signed in before: the browser is the address, and strangers count for nothing."""
ENROLMENT = Limits(both=30, by_address=30, by_login=1000)
"""Codes have 40 bits and live for half an hour: a thousand guesses find one in 10^9, and no
stranger keeps the technician out."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an attempt came from, as it is counted."""

    name: str
    known_browser: bool = False

    @property
    def limits(self) -> Limits:
        return KNOWN_BROWSER if self.known_browser else STRANGERS


def from_address(address: str) -> Source:
    """A stranger at ``address``; one of IPv6 is counted with its network."""
    try:
        found = ip_address(address)
    except ValueError:
        return Source(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        shift = found.max_prefixlen - IPV6_NETWORK_BITS
        return Source(f"{IPv6Address(int(found) >> shift << shift)}/{IPV6_NETWORK_BITS}")
    return Source(address)


class Attempts:
    """The attempts at one site service."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def note(self, login: str, source: Source, limits: Limits | None = None) -> int:
        """Count an attempt as failed until it has succeeded; its number.

        Raises :class:`TooManyAttempts` and counts nothing where the limit was reached.
        """
        at, limits = self._clock(), limits or source.limits
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL.attempts_alone)
            await connection.execute(SQL.forget_old_failures, at - MEMORY)
            (found,) = await connection.fetch(SQL.failures_since, login, source.name, at - MEMORY)
            if (
                found["both"] >= limits.both
                or found["by_address"] >= limits.by_address
                or (limits.by_login is not None and found["by_login"] >= limits.by_login)
            ):
                raise TooManyAttempts
            return await connection.fetchval(
                SQL.note_attempt, login, source.name, source.known_browser, at
            )

    async def forgive(
        self, connection: Connection, attempt: int, login: str, source: Source
    ) -> None:
        """The attempt has succeeded: it, and the failures before it, count no more."""
        await connection.execute(SQL.forget_attempt, attempt)
        await connection.execute(SQL.forget_failures_of, login, source.name)


class Turns:
    """Attempts are checked one after the other, in the order in which they came.

    So an attempt of this process that is still being checked counts against no other one.
    """

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._turn = asyncio.Lock()
        self._most = most
        self._here = 0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for the turn. Raises :class:`AttemptsBusy` where too many wait already."""
        if self._here >= self._most:
            raise AttemptsBusy
        self._here += 1
        try:
            async with self._turn:
                yield
        finally:
            self._here -= 1
