"""The audit log: who did what that a person may later be asked about, and what was refused.

A row is written in the transaction of the act, so that neither is there without the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from libs.database.statements import statements
from libs.database.types import Connection, Pool

SQL = statements("libs.site", "sql/site.sql")
MOST_ENTRIES = 1000
"""That are read at once."""
KEPT = timedelta(days=2 * 365)
"""How long an entry stays, at the least."""
FORGOTTEN_AT_ONCE = 1000
"""Entries that go in one statement, so that nobody waits for it."""


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and from which address of the network."""

    actor: str
    """A login, a machine's label, or ``system``."""
    address: str | None = None
    """None for what is done from the command line."""


SYSTEM = By("system")
"""Acts from the command line, or on its own."""


class Action(StrEnum):
    """What is kept in the log."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    """Somebody who is known asked for what that role or machine may not do, or from elsewhere than
    our own pages."""
    STAFF_ADDED = "staff_added"
    STAFF_ACTIVE = "staff_active"
    PASSWORD_SET = "password_set"  # noqa: S105
    SESSIONS_ENDED = "sessions_ended"
    DEVICE_INVITED = "device_invited"
    DEVICE_ENROLLED = "device_enrolled"
    DEVICE_REVOKED = "device_revoked"
    ENROLMENT_REFUSED = "enrolment_refused"
    DAY_OPENED = "day_opened"
    DAY_CLOSED = "day_closed"
    DAY_REOPENED = "day_reopened"
    DAY_RESOLVED = "day_resolved"
    VISIT_CORRECTED = "visit_corrected"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log."""

    at: datetime
    by: By
    action: str
    """One of :class:`Action`, or what a later release wrote."""
    subject: str | None
    detail: str | None


async def record(
    connection: "Connection | Pool",
    at: datetime,
    by: By,
    action: Action,
    subject: str | None = None,
    detail: str | None = None,
) -> None:
    """Add a row. ``connection`` is that of the act's transaction; a pool does for what changed
    nothing. ``subject`` and ``detail`` name things of the office, never visitors."""
    await connection.execute(SQL.audit, at, by.actor, action.value, subject, detail, by.address)


async def entries(
    pool: Pool,
    since: datetime,
    *,
    actor: str | None = None,
    action: Action | None = None,
    most: int = MOST_ENTRIES,
) -> tuple[Entry, ...]:
    """The rows since a moment, newest first; of one ``actor``, or one ``action``, if asked."""
    named = None if action is None else action.value
    rows = await pool.fetch(SQL.audited, since, actor, named, min(most, MOST_ENTRIES))
    return tuple(
        Entry(
            row["at"],
            By(row["actor"], row["address"]),
            row["action"],
            row["subject"],
            row["detail"],
        )
        for row in rows
    )


async def forget_old(pool: Pool, moment: datetime) -> int:
    """Remove some of the entries that are older than :data:`KEPT` at ``moment``, oldest first; how
    many went. Those of the last 90 days on which anything was written stay whatever the clock says
    (``sql/site_v4.sql``)."""
    return await pool.fetchval(SQL.forget_old_audit, moment - KEPT, FORGOTTEN_AT_ONCE)
