"""A published nation at its real size, for queries that are to be timed and explained."""

from datetime import date

from libs.database.statements import statements
from libs.database.types import Pool

SQL = statements("tests.watching", "sql/seeding.sql")
PARTS = ("figures", "months", "criteria", "scorecards", "days", "queues", "beats")


async def seed(owner: Pool, last_day: date, days: int) -> None:
    """Every site of the standards over ``days`` days up to ``last_day``, beside what is there."""
    async with owner.acquire() as connection:
        await connection.execute(SQL.switch_sites_on)
        for part in PARTS:
            wording: str = getattr(SQL, part)
            dated = "$1" in wording
            arguments = (last_day, days)[: 2 if dated else 0]
            await connection.execute(wording, *arguments, timeout=600)
        await connection.execute("VACUUM ANALYZE", timeout=600)
