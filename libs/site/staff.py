"""The people who sign in: logins, roles and passwords."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import uuid_utils.compat

from libs.database.statements import statements
from libs.database.types import Pool
from libs.site import passwords
from libs.site.audit import SYSTEM, Action, By, record

SQL = statements("libs.site", "sql/site.sql")
LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")


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
    pool: Pool, login: str, password: str, role: Role, at: datetime, by: By = SYSTEM
) -> Staff:
    """Make an account. Raises :class:`StaffError` for a login or password that won't do."""
    if not LOGIN.fullmatch(login):
        raise StaffError(
            f"the login {login!r} must begin with a small letter and hold 2 to 32 of a-z 0-9 . _ -"
        )
    hashed = await _hashed(login, password)
    staff = Staff(uuid_utils.compat.uuid7(), login, role)
    async with pool.acquire() as connection, connection.transaction():
        added = await connection.fetchval(SQL.add_staff, staff.id, login, role.value, hashed, at)
        if added is None:
            raise StaffError(f"the login {login!r} is taken; choose another")
        await record(connection, at, by, Action.STAFF_ADDED, login, role.value)
    return staff


async def set_password(pool: Pool, login: str, password: str, at: datetime, by: By = SYSTEM) -> int:
    """Give a new password and end the sessions that the old one opened; how many there were."""
    hashed = await _hashed(login, password)
    async with pool.acquire() as connection, connection.transaction():
        staff = _known(login, await connection.fetchval(SQL.set_password, login, hashed))
        ended: int = await connection.fetchval(SQL.close_sessions_of, staff)
        await record(connection, at, by, Action.PASSWORD_SET, login)
    return ended


async def set_active(pool: Pool, login: str, active: bool, at: datetime, by: By = SYSTEM) -> int:
    """Let somebody sign in, or no longer; how many sessions of who may not were ended."""
    async with pool.acquire() as connection, connection.transaction():
        staff = _known(login, await connection.fetchval(SQL.set_active, login, active))
        ended = 0 if active else await connection.fetchval(SQL.close_sessions_of, staff)
        await record(connection, at, by, Action.STAFF_ACTIVE, login, "yes" if active else "no")
    return ended


async def end_sessions(pool: Pool, login: str, at: datetime, by: By = SYSTEM) -> int:
    """End the sessions of somebody, who may sign in again; how many there were."""
    async with pool.acquire() as connection, connection.transaction():
        staff = _known(login, await connection.fetchval(SQL.staff_of_login, login))
        ended: int = await connection.fetchval(SQL.close_sessions_of, staff)
        await record(connection, at, by, Action.SESSIONS_ENDED, login, str(ended))
    return ended


async def all_staff(pool: Pool) -> tuple[Account, ...]:
    """Every account, by login."""
    return tuple(
        Account(Staff(row["id"], row["login"], Role(row["role"])), row["active"])
        for row in await pool.fetch(SQL.all_staff)
    )


def _known(login: str, staff: UUID | None) -> UUID:
    if staff is None:
        raise StaffError(f"nobody has the login {login!r}; the command 'staff list' shows them all")
    return staff


async def _hashed(login: str, password: str) -> str:
    try:
        return await passwords.hashed(login, password)
    except passwords.EasyPassword as error:
        raise StaffError(str(error)) from None
