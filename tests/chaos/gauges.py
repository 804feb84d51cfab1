"""How much is written, sent, followed and stored at this moment, on connections kept open."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from libs.database.pool import connections
from libs.database.types import Pool
from libs.events.codes import Stream
from saduak.local.country import Country
from tests.chaos.invariants import SQL


@dataclass(frozen=True, slots=True)
class Gauges:
    """Counts of events, over all sites or at one."""

    sites: Mapping[tuple[str, Stream], Pool]
    nation: Pool

    async def written(self) -> int:
        """Events in all outboxes."""
        return sum([await pool.fetchval(SQL.written) for pool in self.sites.values()])

    async def stored(self) -> int:
        """Events of these sites in the national database."""
        return await self.nation.fetchval(SQL.stored, sorted({site for site, _ in self.sites}))

    async def at_relay(self, site: str, stream: Stream) -> int:
        """Events that one relay, or what feeds it, has yet to pass on."""
        unsent: int = await self.sites[site, stream].fetchval(SQL.unsent)
        if stream is Stream.FEEDBACK:
            unsent += await self.unfollowed(site)
        return unsent

    async def unfollowed(self, site: str) -> int:
        """Events of ticketing that feedback has yet to read."""
        last: int = await self.sites[site, Stream.TICKETING].fetchval(SQL.last)
        followed: int = await self.sites[site, Stream.FEEDBACK].fetchval(SQL.followed)
        return last - followed


@asynccontextmanager
async def gauges(country: Country, but: Collection[str] = ()) -> AsyncGenerator[Gauges]:
    """Of every site but those named in ``but``."""
    async with AsyncExitStack() as stack:
        sites = {
            (site, stream): await stack.enter_async_context(
                connections(country.site_database(site).owner(stream), "gauge", most=1)
            )
            for site in country.plan.sites
            if site not in but
            for stream in Stream
        }
        owner = country.national_database().owner("reporting")
        nation = await stack.enter_async_context(connections(owner, "gauge", most=1))
        yield Gauges(sites, nation)
