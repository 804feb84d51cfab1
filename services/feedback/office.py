"""What every use case of feedback works with."""

from dataclasses import dataclass

from libs.stream.clock import Clock
from libs.stream.outbox import Outbox, Pool
from libs.stream.sql import statements
from services.feedback.keys import SiteKey

SQL = statements("services.feedback", "sql/asking.sql")


@dataclass(frozen=True, slots=True)
class FeedbackOffice:
    """One site's feedback: its outbox, its key, and the clock its use cases run by."""

    outbox: Outbox
    key: SiteKey
    clock: Clock


async def open_office(pool: Pool, clock: Clock) -> FeedbackOffice:
    """The office whose schema ``pool`` works in.

    ``clock`` may be a virtual one, for a replay; the outbox keeps the real one.
    """
    key = await pool.fetchval(SQL.key)
    return FeedbackOffice(Outbox(pool), SiteKey(bytes(key)), clock)
