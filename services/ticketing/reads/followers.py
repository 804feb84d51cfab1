"""How far ticketing's log has been read by whom it concerns."""

from libs.database.statements import statements
from libs.database.types import Pool

SQL = statements("services.ticketing", "sql/reads.sql")


async def feedback_follows(pool: Pool) -> int:
    """The position up to which feedback has read the log; 0 while feedback has not come."""
    if not await pool.fetchval(SQL.follower_is_here):
        return 0
    return await pool.fetchval(SQL.followed)
