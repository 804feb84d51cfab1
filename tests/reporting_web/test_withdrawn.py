"""What earlier releases published on dashboards is withdrawn by the upgrade, and made anew."""

from prometheus_client import CollectorRegistry

from libs.database.pool import connections
from libs.database.statements import text
from services.reporting.dashboards.publisher import Publisher
from tests.databases import FreshDatabase
from tests.reporting_web.country import NOW, country

PUBLISHED = "SELECT count(*) FROM published_figures"
STALE = "SELECT count(DISTINCT first_day) FROM stale_periods WHERE kind = 'day'"


async def test_old_figures_are_gone_at_once_and_published_by_the_new_rules(
    fresh_database: FreshDatabase,
) -> None:
    database = await fresh_database("reporting")
    async with country(database) as nation:
        await nation.play(visits=6, sites=("pjo-50",))
        publisher = Publisher(nation.pool, nation.standards, CollectorRegistry())
        assert await publisher.publish(NOW)
        before = await nation.pool.fetchval(PUBLISHED)
        assert before > 0
        async with connections(database.owner("reporting"), "test", most=1) as owner:
            await owner.execute(text("services.reporting", "sql/schema_v10.sql"))
        assert await nation.pool.fetchval(PUBLISHED) == 0
        assert await nation.pool.fetchval(STALE) == 3
        again = Publisher(nation.pool, nation.standards, CollectorRegistry())
        assert await again.publish(NOW)
        assert await nation.pool.fetchval(PUBLISHED) == before
        assert await nation.pool.fetchval(STALE) == 0
