"""The audit log: who did what that a person may later be asked about."""

from datetime import datetime
from enum import StrEnum

from libs.stream.outbox import Pool
from libs.stream.sql import statements

SQL = statements("libs.site", "sql/site.sql")
SYSTEM = "system"
"""The actor of what is done from the command line or by nobody signed in."""


class Action(StrEnum):
    """What is kept in the log."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    STAFF_ADDED = "staff_added"
    STAFF_ACTIVE = "staff_active"
    PASSWORD_SET = "password_set"  # noqa: S105
    DEVICE_INVITED = "device_invited"
    DEVICE_ENROLLED = "device_enrolled"
    DEVICE_REVOKED = "device_revoked"
    DAY_OPENED = "day_opened"
    DAY_CLOSED = "day_closed"
    DAY_REOPENED = "day_reopened"
    DAY_RESOLVED = "day_resolved"
    VISIT_CORRECTED = "visit_corrected"


async def record(
    pool: Pool,
    at: datetime,
    actor: str,
    action: Action,
    subject: str | None = None,
    detail: str | None = None,
) -> None:
    """Add a row. ``subject`` and ``detail`` name things of the office, never visitors."""
    await pool.execute(SQL.audit, at, actor, action.value, subject, detail)
