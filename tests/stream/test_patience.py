"""What a background task waits for, and what it must not swallow."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, NotLeaderForPartitionError

from libs.database.pool import DatabaseUnavailable, connections
from libs.database.troubles import Trouble, trouble_of
from libs.database.types import Pool
from libs.stream.outbox import Outbox
from libs.stream.retry import is_trouble, keep_looking
from saduak.provision.postgres import session
from tests.databases import FreshDatabase, PostgresServer

OUTAGES = [
    *("08003", "08006", "08001", "08004", "08007"),
    *("25006", "40001", "40003", "40P01", "55P03"),
    *("53000", "53100", "53200", "53300", "53400"),
    *("57014", "57P01", "57P02", "57P03", "57P05", "58030"),
]
MISTAKES = [
    *("08P01", "0A000", "21000", "22003", "22007", "22008", "22021", "22P02", "22P05"),
    *("23502", "23503", "23505", "23514", "23P01", "25000", "25P02", "25P03", "26000", "28000"),
    *("28P01", "3D000", "3F000", "40000", "40002", "42501", "42601", "42703", "42804", "42883"),
    *("42P01", "54000", "54001", "55000", "55006", "57000", "57P04", "58000", "58P01"),
    *("P0001", "XX000", "XX001", "XX002", "99999"),
]


def raised(sqlstate: str) -> asyncpg.PostgresError:
    """The error that asyncpg makes of what a server says."""
    error = asyncpg.PostgresError.new({"C": sqlstate, "M": "said by a server"})
    assert error.sqlstate in (sqlstate, None), "asyncpg knows no class for it"
    return error


@pytest.mark.parametrize("sqlstate", OUTAGES)
def test_an_outage_passes(sqlstate: str) -> None:
    assert is_trouble(raised(sqlstate))


@pytest.mark.parametrize("sqlstate", MISTAKES)
def test_a_mistake_does_not_pass(sqlstate: str) -> None:
    error = raised(sqlstate)
    assert not is_trouble(error)
    assert trouble_of(error) is None


def test_the_broker_and_the_line_pass() -> None:
    for error in (
        KafkaConnectionError(),
        NotLeaderForPartitionError(),
        TimeoutError(),
        ConnectionResetError(),
        socket.gaierror(),
        FileNotFoundError("a password that is being changed"),
    ):
        assert is_trouble(error), error
    for error in (ValueError(), KeyError(), RuntimeError(), AssertionError()):
        assert not is_trouble(error), error


async def lost_in_a_transaction(pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        connection.terminate()
        await connection.fetchval("SELECT 1")


async def lost_and_noticed(pool: Pool) -> None:
    async with pool.acquire() as connection:
        connection.terminate()
        await asyncio.sleep(0)
        await connection.fetchval("SELECT 1")


async def ended_by_the_server(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def listening_on_a_closed_one(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.close()
        await connection.add_listener("outbox", print)


async def asking_a_closed_pool(pool: Pool) -> None:
    await pool.close()
    await pool.fetchval("SELECT 1")


@pytest.mark.parametrize(
    "lose",
    [
        lost_in_a_transaction,
        lost_and_noticed,
        ended_by_the_server,
        listening_on_a_closed_one,
        asking_a_closed_pool,
    ],
)
async def test_a_lost_connection_passes(
    outbox: Outbox, lose: Callable[[Pool], Awaitable[None]]
) -> None:
    """The errors are asyncpg's own, so that its words may not change unnoticed."""
    error = await failure(lose(outbox.pool))
    assert trouble_of(error) is Trouble.AWAY, repr(error)
    assert is_trouble(error)


async def of_another_type(pool: Pool) -> None:
    await pool.fetchval("SELECT $1::integer", "many")


async def too_few(pool: Pool) -> None:
    await pool.fetchval("SELECT $1::integer")


async def two_at_once(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await asyncio.gather(connection.fetchval("SELECT 1"), connection.fetchval("SELECT 2"))


async def cursor_without_transaction(pool: Pool) -> None:
    async with pool.acquire() as connection:
        async for _ in connection.cursor("SELECT 1"):
            pass


async def out_of_range(pool: Pool) -> None:
    await pool.fetchval("SELECT $1::bigint", 2**63)


@pytest.mark.parametrize(
    "call", [of_another_type, too_few, two_at_once, cursor_without_transaction, out_of_range]
)
async def test_a_wrong_call_does_not_pass(
    outbox: Outbox, call: Callable[[Pool], Awaitable[None]]
) -> None:
    error = await failure(call(outbox.pool))
    assert isinstance(error, asyncpg.InterfaceError | asyncpg.PostgresError)
    assert not is_trouble(error), repr(error)


async def failure(work: Awaitable[None]) -> Exception:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as failed:
        await work
    return failed.value


async def test_looking_again_goes_on_over_an_outage_and_ends_at_a_mistake(outbox: Outbox) -> None:
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise KafkaConnectionError
        await outbox.pool.execute("SELECT nothing FROM outbox")

    with pytest.raises(asyncpg.UndefinedColumnError):
        await keep_looking(look, 0.001, "a test")
    assert looks == 3


async def test_a_database_of_another_name_is_no_outage(fresh_database: FreshDatabase) -> None:
    """A service that starts waits for a database that comes up, not for one that never will."""
    database = await fresh_database("ticketing", migrated=False)
    wrong = replace(database.owner("ticketing"), name="nowhere")
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        async with connections(wrong, "tests"):
            pass


async def test_a_database_closed_for_a_while_passes(
    postgres: PostgresServer, fresh_database: FreshDatabase
) -> None:
    database = await fresh_database("ticketing", migrated=False)
    async with session(postgres.admin) as admin:
        await admin.execute(f"ALTER DATABASE {database.name} WITH ALLOW_CONNECTIONS false")
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError) as failed:
        async with session(database.owner("ticketing")):
            pass
    assert trouble_of(failed.value) is Trouble.AWAY
