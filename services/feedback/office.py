"""What every use case of feedback works with."""

from dataclasses import dataclass

from libs.clock import Clock
from libs.database.statements import statements
from libs.database.types import Pool
from libs.stream.outbox import Outbox
from services.feedback.model.site_key import SiteKey

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
