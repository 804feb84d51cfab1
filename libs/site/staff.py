"""The people who sign in: logins, roles and passwords."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import uuid_utils.compat
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from libs.service.text import odd_character
from libs.site.audit import SYSTEM, Action, record
from libs.stream.outbox import Pool
from libs.stream.sql import statements

SQL = statements("libs.site", "sql/site.sql")
HASHER = PasswordHasher()
LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128


class Role(StrEnum):
    """What a person may do; each may do all that those before it may."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether this role may do what ``other`` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who is signed in."""

    id: UUID
    login: str
    role: Role


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the list of staff."""

    staff: Staff
    active: bool


class StaffError(ValueError):
    """An account cannot be made or changed so; the text says why and what would do."""


async def add_staff(
    pool: Pool, login: str, password: str, role: Role, at: datetime, by: str = SYSTEM
) -> Staff:
    """Make an account. Raises :class:`StaffError` for a login or password that won't do."""
    if not LOGIN.fullmatch(login):
        raise StaffError(
            f"the login {login!r} must begin with a small letter and hold 2 to 32 of a-z 0-9 . _ -"
        )
    hashed = await hash_password(login, password)
    staff = Staff(uuid_utils.compat.uuid7(), login, role)
    if await pool.fetchval(SQL.add_staff, staff.id, login, role.value, hashed, at) is None:
        raise StaffError(f"the login {login!r} is taken; choose another")
    await record(pool, at, by, Action.STAFF_ADDED, login, role.value)
    return staff


async def set_password(
    pool: Pool, login: str, password: str, at: datetime, by: str = SYSTEM
) -> None:
    """Give a new password and end the sessions that the old one opened."""
    hashed = await hash_password(login, password)
    staff: UUID | None = await pool.fetchval(SQL.set_password, login, hashed)
    if staff is None:
        raise StaffError(f"nobody has the login {login!r}")
    await pool.execute(SQL.close_sessions_of, staff)
    await record(pool, at, by, Action.PASSWORD_SET, login)


async def set_active(pool: Pool, login: str, active: bool, at: datetime, by: str = SYSTEM) -> None:
    """Let somebody sign in, or no longer; the sessions of who may not are ended."""
    staff: UUID | None = await pool.fetchval(SQL.set_active, login, active)
    if staff is None:
        raise StaffError(f"nobody has the login {login!r}")
    if not active:
        await pool.execute(SQL.close_sessions_of, staff)
    await record(pool, at, by, Action.STAFF_ACTIVE, login, "yes" if active else "no")


async def all_staff(pool: Pool) -> tuple[Account, ...]:
    """Every account, by login."""
    return tuple(
        Account(Staff(row["id"], row["login"], Role(row["role"])), row["active"])
        for row in await pool.fetch(SQL.all_staff)
    )


async def hash_password(login: str, password: str) -> str:
    """The argon2id hash of ``password``. Raises :class:`StaffError` for one that is too weak."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise StaffError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; "
            "three words that do not belong together make a good one"
        )
    if odd_character(password) is not None:
        raise StaffError("a password is of letters, digits and signs; this one holds others")
    if login in password.lower() or len(set(password)) < 5:
        raise StaffError("the password is easy to guess; choose one without the login or repeats")
    return await asyncio.to_thread(HASHER.hash, password)


async def verify_password(hashed: str, password: str) -> bool:
    """Whether ``password`` made ``hashed``; off the event loop, since it takes its time."""
    try:
        return await asyncio.to_thread(HASHER.verify, hashed, password)
    except (VerificationError, InvalidHashError):
        return False
