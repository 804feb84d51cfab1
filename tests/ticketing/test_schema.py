"""The database refuses what cannot be, and gives the service's login no right it does not need."""

import asyncpg

from libs.database.statements import statements
from services.ticketing.office import Office
from services.ticketing.usecases import close_day, open_day
from tests.ticketing.offices import DAY, MORNING

SQL = statements("tests.ticketing", "sql/impossible.sql")
FORBIDDEN = statements("tests.ticketing", "sql/forbidden.sql")
QUEUE = statements("tests.ticketing", "sql/queue.sql")


IMPOSSIBLE = (
    asyncpg.CheckViolationError,
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
)


async def refusal(office: Office, statement: str) -> asyncpg.PostgresError | None:
    """What the database says against ``statement``; None when it lets it pass."""
    try:
        await office.pool.execute(statement)
    except asyncpg.PostgresError as error:
        return error
    return None


async def test_illegal_states_cannot_be_stored(office: Office) -> None:
    await open_day(office, DAY)
    await office.pool.execute(QUEUE.fill_visits, DAY, 3, MORNING)
    await office.pool.execute(QUEUE.fill_steps, DAY)
    for name, statement in SQL:
        assert isinstance(await refusal(office, statement), IMPOSSIBLE), name
    assert (await close_day(office, DAY)).visits == 3


async def test_the_services_login_may_not_rewrite_what_happened(office: Office) -> None:
    for name, statement in FORBIDDEN:
        refused = await refusal(office, statement)
        assert isinstance(refused, asyncpg.InsufficientPrivilegeError), name
