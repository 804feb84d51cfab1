"""A national database of one test's own, and what a test asks it."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg

from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.standards import Standards, load
from saduak.provision.postgres import SiteDatabase
from services.reporting.ingest.batch import Ingest, Taken
from services.reporting.ingest.messages import Record
from services.reporting.model.targets import Yardsticks
from services.reporting.verification import rebuild
from services.reporting.verification.rebuild import Difference

SQL = statements("tests.reporting", "nation.sql")


@cache
def standards() -> Standards:
    """The shipped ones."""
    return load(Path(__file__).parents[2] / "standards")


@dataclass(frozen=True, slots=True)
class Nation:
    """The reporting service's database, as its process uses it."""

    pool: Pool
    owner: Pool
    """Only to alter what the service itself may not."""
    yardsticks: Yardsticks
    ingest: Ingest

    async def take(self, records: Iterable[Record]) -> Taken:
        return await self.ingest.take(records)

    async def take_all(self, records: Sequence[Record], size: int = 50) -> None:
        """Everything, in batches of ``size``."""
        for start in range(0, len(records), size):
            await self.take(records[start : start + size])

    async def rows(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        """What a statement of nation.sql answers."""
        return await self.pool.fetch(getattr(SQL, name), *arguments)

    async def alter(self, name: str, *arguments: object) -> None:
        """Change something by hand, as the tables' owner can."""
        done = await self.owner.execute(getattr(SQL, name), *arguments)
        assert done.split()[-1] != "0", f"{name} changed nothing"

    async def check(self) -> list[Difference]:
        return await rebuild.check(self.pool, self.yardsticks, no_report)

    async def rebuild(self) -> int:
        return await rebuild.rebuild(self.pool, self.yardsticks, no_report)

    async def states(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """The state and its detail of each site and day."""
        return {
            (row["site"], str(row["service_day"])): (row["state"], row["detail"])
            for row in await self.rows("states")
        }


def no_report(_site: str, _events: int) -> None:
    """Nobody wants to know."""


@asynccontextmanager
async def nation_on(database: SiteDatabase) -> AsyncGenerator[Nation]:
    """The service on its database, ready to take events."""
    yardsticks = Yardsticks(standards())
    async with (
        connections(database.app("reporting"), "reporting", most=4) as pool,
        connections(database.owner("reporting"), "by-hand", most=1) as owner,
    ):
        await rebuild.prepare(pool, yardsticks, no_report)
        yield Nation(pool, owner, yardsticks, Ingest(pool, yardsticks))
