"""The office's machines: each is let in once by a code that an administrator reads out."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.site.attempts import ENROLMENT, Attempts, from_address
from libs.site.audit import SYSTEM, Action, By, record
from libs.site.tokens import digest, new_code, new_token, plain_code

SQL = statements("libs.site", "sql/site.sql")
CODE_LIFE = timedelta(minutes=30)
ENROLMENTS = "(enrolment)"
"""Stands for the login where codes that were tried are counted."""
LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class DeviceKind(StrEnum):
    """What a machine is there for, and so what it may do."""

    KIOSK = "kiosk"
    BOARD = "board"
    TABLET = "tablet"


@dataclass(frozen=True, slots=True)
class Device:
    """A machine that was let in."""

    id: int
    kind: DeviceKind
    label: str


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A line of the list of machines."""

    device: Device
    invited_at: datetime
    enrolled_at: datetime | None
    revoked_at: datetime | None


class WrongCode(Exception):
    """The code is wrong, was used, or is too old."""


class DeviceError(ValueError):
    """A machine cannot be invited so; the text says why and what would do."""


class Devices:
    """The machines of one site service."""

    def __init__(self, pool: Pool, clock: Clock = now) -> None:
        self._pool = pool
        self._clock = clock
        self._attempts = Attempts(pool, clock)

    async def invite(self, kind: DeviceKind, label: str, by: By = SYSTEM) -> str:
        """A code that lets one machine in, once, within ``CODE_LIFE``.

        ``label`` says where it stands (``door-1``). Raises :class:`DeviceError`.
        """
        if not LABEL.fullmatch(label):
            raise DeviceError(f"the label {label!r} must hold 1 to 32 of a-z 0-9 -")
        code, at = new_code(), self._clock()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                SQL.invite_device, kind.value, label, digest(code), at + CODE_LIFE, at
            )
            await record(connection, at, by, Action.DEVICE_INVITED, label, kind.value)
        return code

    async def enrol(self, code: str, address: str = "unknown") -> tuple[Device, str]:
        """The machine that ``code`` lets in, which stands at ``address``, and its token.

        Raises :class:`WrongCode` or TooManyAttempts.
        """
        source = from_address(address)
        attempt = await self._attempts.note(ENROLMENTS, source, ENROLMENT)
        token, at = new_token(), self._clock()
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                SQL.enrol_device, digest(plain_code(code)), digest(token), at
            )
            if row is not None:
                device = Device(row["id"], DeviceKind(row["kind"]), row["label"])
                await self._attempts.forgive(connection, attempt, ENROLMENTS, source)
                by = By(device.label, address)
                await record(connection, at, by, Action.DEVICE_ENROLLED, device.label)
                return device, token
        by = By(SYSTEM.actor, address)
        await record(self._pool, at, by, Action.ENROLMENT_REFUSED)
        raise WrongCode

    async def device(self, token: str) -> Device | None:
        """The machine whose token this is, unless it was sent away."""
        row = await self._pool.fetchrow(SQL.device, digest(token))
        return None if row is None else Device(row["id"], DeviceKind(row["kind"]), row["label"])

    async def holds(self, device: Device) -> bool:
        """Whether ``device`` has not been sent away."""
        return await self._pool.fetchval(SQL.device_holds, device.id) is not None

    async def revoke(self, device: int, by: By = SYSTEM) -> str:
        """Send a machine away: its token, or its code, is worth nothing from now on. Its label.

        Raises :class:`DeviceError` where there is none of this number, or it was sent away before.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            at = self._clock()
            label: str | None = await connection.fetchval(SQL.revoke_device, device, at)
            if label is None:
                raise DeviceError(
                    f"no machine has the number {device}, or it was sent away already; "
                    "the command 'device list' shows them all"
                )
            await record(connection, at, by, Action.DEVICE_REVOKED, label, str(device))
        return label

    async def all(self) -> tuple[DeviceLine, ...]:
        """Every machine ever invited, oldest first."""
        return tuple(
            DeviceLine(
                Device(row["id"], DeviceKind(row["kind"]), row["label"]),
                row["invited_at"],
                row["enrolled_at"],
                row["revoked_at"],
            )
            for row in await self._pool.fetch(SQL.all_devices)
        )
