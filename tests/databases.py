"""Databases for tests: new, real, with the roles and rights of a service centre's own."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from libs.database.migrations import upgrade
from libs.database.pool import Database
from libs.database.statements import statements
from saduak.local.postgres import EmbeddedPostgres
from saduak.provision.postgres import (
    SCHEMA_USERS,
    SiteDatabase,
    described,
    login_names,
    provision,
    session,
)
from saduak.provision.secret_files import kept_password
from tests.containers import ContainedPostgres
from tests.servers import Run

SQL = statements("tests", "sql/databases.sql")
POSTGRES = "SADUAK_TEST_POSTGRES"
POSTGRES_CONTAINER = "postgres-container"
SERVICES = Path(__file__).parent.parent / "services"

FreshDatabase = Callable[..., Awaitable[SiteDatabase]]
"""``await fresh_database("ticketing", "feedback")``: see the fixture of that name."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server and its superuser."""

    admin: Database
    run: Run

    async def fresh(self, schemas: Sequence[str], migrated: bool) -> SiteDatabase:
        """A new database: a copy of one that is made once in a run for each set of schemas."""
        kind = "full" if migrated else "bare"
        template = await self._template(
            f"{self.run.tag}_{kind}_{'_'.join(schemas)}", schemas, migrated
        )
        async with session(self.admin) as admin:
            number = await admin.fetchval(SQL.next_name)
        copy = replace(template, name=f"{self.run.tag}_{number}")
        await provision(self.admin, copy, template.name)
        return copy

    async def drop(self, names: Sequence[str]) -> None:
        async with session(self.admin) as admin:
            for name in names:
                await admin.execute(await admin.fetchval(SQL.drop_database, name))

    async def clear(self) -> None:
        """Remove all that this run made; for a server that outlives the run."""
        async with session(self.admin) as admin:
            left = await admin.fetch(SQL.left_behind, self.run.tag)
            for row in left:
                await admin.execute(row["command"])

    async def _template(self, name: str, schemas: Sequence[str], migrated: bool) -> SiteDatabase:
        secrets = self.run.directory / "logins"
        with self.run.lock("template"):
            passwords = {user: kept_password(secrets / user) for user in login_names(name, schemas)}
            database = described(self.admin, name, schemas, passwords, name)
            done = self.run.directory / f"{name}.template"
            if not done.exists():
                await provision(self.admin, database)
                if migrated:
                    await _migrate(database, schemas)
                done.touch()
        return database


async def _migrate(database: SiteDatabase, schemas: Sequence[str]) -> None:
    for schema in schemas:
        versions = SERVICES / schema / "migrations" / "versions"
        if versions.exists():
            await upgrade(database.owner(schema), schema, versions)


def contained_postgres(run: Run) -> ContainedPostgres:
    """The run's container. Raises what a container may fail with."""
    return run.share(POSTGRES_CONTAINER, ContainedPostgres, _ports)


def _embedded(directory: Path, ports: Sequence[int] | None) -> EmbeddedPostgres:
    return EmbeddedPostgres(directory, ports[0] if ports else None)


def _ports(server: EmbeddedPostgres | ContainedPostgres) -> Sequence[int]:
    return [server.port]


def check_schemas(schemas: Sequence[str]) -> None:
    unknown = set(schemas) - set(SCHEMA_USERS)
    if unknown or not schemas:
        raise ValueError(f"name schemas of {sorted(SCHEMA_USERS)}, not {list(schemas)}")


def postgres_server(run: Run) -> PostgresServer:
    """The server that the environment names, else the run's container, else its embedded one."""
    address = os.environ.get(POSTGRES)
    if address is None:
        contained = run.has(POSTGRES_CONTAINER)
        server = contained_postgres(run) if contained else run.share("postgres", _embedded, _ports)
        return PostgresServer(server.admin, run)
    parts = urlsplit(address)
    if parts.scheme != "postgresql" or not parts.hostname or not parts.username:
        raise ValueError(f"{POSTGRES} must be postgresql://user:password@host:port/database")
    admin = Database(
        host=parts.hostname,
        port=parts.port or 5432,
        name=parts.path.strip("/") or "postgres",
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
    )
    return PostgresServer(admin, run)
