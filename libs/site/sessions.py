"""Signing in and out: sessions on the server, slowed down for who guesses."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from libs.site.audit import SYSTEM, Action, record
from libs.site.staff import HASHER, LOGIN, SQL, Role, Staff, verify_password
from libs.site.tokens import csrf_of, digest, new_token
from libs.stream.clock import Clock, now
from libs.stream.outbox import Pool

LONGEST_SESSION = timedelta(hours=12)
"""A working day, whatever happens."""
LONGEST_IDLE = timedelta(hours=2)
"""Without a request. A stream that stays open is none."""
SEEN_GRAIN = timedelta(minutes=1)
"""How finely the last use is kept, so that not every request writes."""
MEMORY = timedelta(minutes=15)
"""For how long a failure slows down the next attempts."""
MOST_BOTH = 5
"""Failures of one login from one address within the memory."""
MOST_BY_LOGIN = 20
"""Of one login from anywhere: several machines guess."""
MOST_BY_ADDRESS = 30
"""From one address: somebody tries many logins. An office may share one address."""
NOBODY = "(no login)"
"""Stands for every login that nobody can have."""
NOBODYS_HASH = HASHER.hash("nobody's password")
"""Checked for a login that does not exist, so that the answer takes as long."""


class WrongCredentials(Exception):
    """The login or the password is wrong; which of them is not said."""


class TooManyAttempts(Exception):
    """Too many failures lately: nothing was checked. Pass after ``MEMORY``."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in, and the token that proves it."""

    staff: Staff
    token: str = field(repr=False)

    @property
    def csrf(self) -> str:
        """What every change must carry besides the cookie."""
        return csrf_of(self.token)


class Sessions:
    """The sessions of one site service."""

    def __init__(self, pool: Pool, clock: Clock = now) -> None:
        self._pool = pool
        self._clock = clock

    async def sign_in(self, login: str, password: str, address: str) -> Session:
        """A new session. Raises :class:`WrongCredentials` or :class:`TooManyAttempts`."""
        at = self._clock()
        # What can be nobody's login is counted as one, and stored nowhere.
        login = login if LOGIN.fullmatch(login) else NOBODY
        await self.check_attempts(login, address)
        row = await self._pool.fetchrow(SQL.staff_to_sign_in, login)
        hashed = NOBODYS_HASH if row is None else row["password_hash"]
        right = await verify_password(hashed, password)
        if row is None or not right:
            await self.note_failure(login, address)
            known = login if row is not None else "unknown login"
            await record(self._pool, at, SYSTEM, Action.SIGN_IN_REFUSED, known)
            raise WrongCredentials
        if HASHER.check_needs_rehash(hashed):
            await self._pool.execute(SQL.rehash, row["id"], HASHER.hash(password))
        staff = Staff(row["id"], row["login"], Role(row["role"]))
        session = Session(staff, new_token())
        await self._pool.execute(SQL.open_session, digest(session.token), staff.id, at)
        await self._pool.execute(SQL.forget_failures_of, login, address)
        await self._pool.execute(SQL.forget_old_sessions, at - LONGEST_SESSION, at - LONGEST_IDLE)
        await record(self._pool, at, staff.login, Action.SIGNED_IN)
        return session

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

    async def sign_out(self, session: Session) -> None:
        """End the session, here and on every page that shows it."""
        await self._pool.execute(SQL.close_session, digest(session.token))
        await record(self._pool, self._clock(), session.staff.login, Action.SIGNED_OUT)

    async def check_attempts(self, login: str, address: str) -> None:
        """Raises :class:`TooManyAttempts` where ``login`` or ``address`` failed too often."""
        since = self._clock() - MEMORY
        await self._pool.execute(SQL.forget_old_failures, since)
        (failures,) = await self._pool.fetch(SQL.failures_since, login, address, since)
        if (
            failures["both"] >= MOST_BOTH
            or failures["by_login"] >= MOST_BY_LOGIN
            or failures["by_address"] >= MOST_BY_ADDRESS
        ):
            raise TooManyAttempts

    async def note_failure(self, login: str, address: str) -> None:
        """Count a failed attempt."""
        await self._pool.execute(SQL.note_failure, login, address, self._clock())
