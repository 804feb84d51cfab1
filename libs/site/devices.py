"""The office's machines: each is let in once by a code that an administrator reads out."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from libs.site.audit import SYSTEM, Action, record
from libs.site.tokens import digest, new_code, new_token, plain_code
from libs.stream.clock import Clock, now
from libs.stream.outbox import Pool
from libs.stream.sql import statements

SQL = statements("libs.site", "sql/site.sql")
CODE_LIFE = timedelta(minutes=30)
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

    async def invite(self, kind: DeviceKind, label: str, by: str = SYSTEM) -> str:
        """A code that lets one machine in, once, within ``CODE_LIFE``.

        ``label`` says where it stands (``door-1``). Raises :class:`DeviceError`.
        """
        if not LABEL.fullmatch(label):
            raise DeviceError(f"the label {label!r} must hold 1 to 32 of a-z 0-9 -")
        code, at = new_code(), self._clock()
        await self._pool.execute(
            SQL.invite_device, kind.value, label, digest(code), at + CODE_LIFE, at
        )
        await record(self._pool, at, by, Action.DEVICE_INVITED, label, kind.value)
        return code

    async def enrol(self, code: str) -> tuple[Device, str]:
        """The machine that ``code`` lets in, and its token. Raises :class:`WrongCode`."""
        token, at = new_token(), self._clock()
        row = await self._pool.fetchrow(
            SQL.enrol_device, digest(plain_code(code)), digest(token), at
        )
        if row is None:
            raise WrongCode
        device = Device(row["id"], DeviceKind(row["kind"]), row["label"])
        await record(self._pool, at, device.label, Action.DEVICE_ENROLLED, device.label)
        return device, token

    async def device(self, token: str) -> Device | None:
        """The machine whose token this is, unless it was sent away."""
        row = await self._pool.fetchrow(SQL.device, digest(token))
        return None if row is None else Device(row["id"], DeviceKind(row["kind"]), row["label"])

    async def revoke(self, device: int, by: str = SYSTEM) -> None:
        """Send a machine away: its token is worth nothing from now on."""
        label: str | None = await self._pool.fetchval(SQL.revoke_device, device, self._clock())
        if label is not None:
            await record(self._pool, self._clock(), by, Action.DEVICE_REVOKED, label)

    async def all(self) -> tuple[DeviceLine, ...]:
        """Every machine ever invited, oldest first."""
        return tuple(
            DeviceLine(
                Device(row["id"], DeviceKind(row["kind"]), row["label"]),
                row["enrolled_at"],
                row["revoked_at"],
            )
            for row in await self._pool.fetch(SQL.all_devices)
        )
