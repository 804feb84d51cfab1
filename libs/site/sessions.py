"""Signing in and out: sessions on the server, slowed down for who guesses."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from libs.clock import Clock, now
from libs.database.types import Connection, Pool
from libs.site import passwords
from libs.site.attempts import Attempts, Source, TooManyAttempts, Turns, from_address
from libs.site.audit import SYSTEM, Action, By, record
from libs.site.paces import Told
from libs.site.staff import LOGIN, SQL, Role, Staff
from libs.site.tokens import csrf_of, digest, new_token

LONGEST_SESSION = timedelta(hours=12)
"""A working day, whatever happens."""
LONGEST_IDLE = timedelta(hours=2)
"""Without a request. A stream that stays open is none."""
SEEN_GRAIN = timedelta(minutes=1)
"""How finely the last use is kept, so that not every request writes."""
NOBODY = "(no login)"
"""Stands for every login that nobody can have."""
UNKNOWN = "unknown login"
"""Stands in the log for what somebody typed: it may be a password."""
NOBODYS_HASH = passwords.HASHER.hash(secrets.token_hex())
"""Checked for a login that does not exist, so that the answer takes as long."""


class WrongCredentials(Exception):
    """The login or the password is wrong; which of them is not said."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in, and the token that proves it."""

    staff: Staff
    token: str = field(repr=False)

    @property
    def csrf(self) -> str:
        """What every change must carry besides the cookie."""
        return csrf_of(self.token)


@dataclass(frozen=True, slots=True)
class _Account:
    """Whom a login names, and what its password must fit."""

    staff: Staff | None
    kept: str


class Sessions:
    """The sessions of one site service."""

    def __init__(self, pool: Pool, clock: Clock = now) -> None:
        self._pool = pool
        self._clock = clock
        self.attempts = Attempts(pool, clock)
        self._told = Told()
        # Apart, so that no flood of strangers stands before who is known here.
        self._turns = {False: Turns(), True: Turns()}

    async def sign_in(
        self, login: str, password: str, address: str, browser: Source | None = None
    ) -> Session:
        """A new session, asked for at ``address``, from a ``browser`` where ``login`` signed in
        before, if it did.

        Raises :class:`WrongCredentials`, TooManyAttempts or AttemptsBusy.
        """
        # What can be nobody's login is counted as one, and stored nowhere.
        login = login if LOGIN.fullmatch(login) else NOBODY
        source = browser or from_address(address)
        async with self._turns[source.known_browser].turn():
            attempt = await self._noted(login, source, address)
            account = await self._account(login)
            right = await passwords.fits(account.kept, password)
            if account.staff is None or not right:
                named = UNKNOWN if account.staff is None else login
                by = By(SYSTEM.actor, address)
                await record(self._pool, self._clock(), by, Action.SIGN_IN_REFUSED, named)
                raise WrongCredentials
            anew = await passwords.hashed_anew(account.kept, password)
            session = Session(account.staff, new_token())
            async with self._pool.acquire() as connection, connection.transaction():
                await self._open(connection, session, account.kept, anew, address)
                await self.attempts.forgive(connection, attempt, login, source)
        return session

    async def _noted(self, login: str, source: Source, address: str) -> int:
        """The attempt's number; one that comes too often is told of, once a minute."""
        try:
            return await self.attempts.note(login, source)
        except TooManyAttempts:
            if self._told.is_new(source):
                by = By(SYSTEM.actor, address)
                at, why = self._clock(), "too many attempts"
                await record(self._pool, at, by, Action.SIGN_IN_REFUSED, None, why)
            raise

    async def _account(self, login: str) -> _Account:
        row = await self._pool.fetchrow(SQL.staff_to_sign_in, login)
        if row is None:
            return _Account(None, NOBODYS_HASH)
        return _Account(Staff(row["id"], row["login"], Role(row["role"])), row["password_hash"])

    async def _open(
        self, connection: Connection, session: Session, kept: str, anew: str | None, address: str
    ) -> None:
        """Keep ``session``, whose password fitted the hash ``kept``; ``anew`` takes its place."""
        staff, at = session.staff, self._clock()
        # Somebody may have been switched off, or given another password, during the check.
        if await connection.fetchval(SQL.active_staff, staff.id, kept) is None:
            raise WrongCredentials
        if anew is not None:
            await connection.execute(SQL.rehash, staff.id, anew)
        await connection.execute(SQL.open_session, digest(session.token), staff.id, at)
        await connection.execute(SQL.forget_old_sessions, at - LONGEST_SESSION, at - LONGEST_IDLE)
        await record(connection, at, By(staff.login, address), Action.SIGNED_IN)

    async def session(self, token: str) -> Session | None:
        """The session of ``token``, if it still holds."""
        at = self._clock()
        row = await self._pool.fetchrow(
            SQL.session, digest(token), at - LONGEST_SESSION, at - LONGEST_IDLE
        )
        if row is None:
            return None
        seen: datetime = row["seen_at"]
        if at - seen > SEEN_GRAIN:
            await self._pool.execute(SQL.see_session, digest(token), at)
        return Session(Staff(row["id"], row["login"], Role(row["role"])), token)

    async def holds(self, session: Session) -> bool:
        """Whether ``session`` still holds; this asking is no use of it."""
        at = self._clock()
        oldest = (at - LONGEST_SESSION, at - LONGEST_IDLE)
        return await self._pool.fetchrow(SQL.session, digest(session.token), *oldest) is not None

    async def sign_out(self, session: Session, address: str | None = None) -> None:
        """End the session, here and on every page that shows it."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL.close_session, digest(session.token))
            by = By(session.staff.login, address)
            await record(connection, self._clock(), by, Action.SIGNED_OUT)
