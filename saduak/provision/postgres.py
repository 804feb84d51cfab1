"""Databases with their schemas and logins; the same for the embedded country and production.

A service has a schema, a login that owns it (for migrations) and a login for its process. What a
process may do with each table is granted by the migrations, to groups that are the same on every
server. Nothing here takes away what a service needs, and a second run changes nothing.

Who only looks (Grafana, an analyst) must not be able to make anybody wait: PostgreSQL lets every
login take advisory locks, make large objects and connect to the server's own databases, and all
that is shut here.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import asyncpg

from libs.database.pool import Database
from libs.database.statements import statements
from saduak.provision import scram

SQL = statements("saduak.provision", "sql/postgres.sql")

# In quotes: asyncpg's classes take a parameter for type checkers only.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SITE_SCHEMAS = ("ticketing", "feedback")
NATIONAL_SCHEMAS = ("reporting",)
SUPERUSER = "postgres"
NATIONAL = "national"
"""The nation's database."""
LOCKING = "advisory_locks"
"""The group that may take advisory locks: the services' own logins."""
GROUPS = (
    *("ticketing_app", "feedback_app", "reporting_app", "reporting_reader", "grafana_reader"),
    LOCKING,
)

SCHEMA_USERS: Mapping[str, Sequence[str]] = {
    "ticketing": ("ticketing_app", "feedback_app"),
    "feedback": ("feedback_app", "ticketing_app"),
    "reporting": ("reporting_app", "reporting_reader"),
}
"""The groups that may look into a schema; each sees only the tables granted to it."""

VIEWS: Mapping[str, str] = {"reporting": "watch"}
"""Of a service that has them, the schema of its reading views for dashboards. It belongs to the
service's owner, and the group ``grafana_reader`` may look into it and nowhere else."""
LOOKING_SETTINGS = {
    "default_transaction_read_only": "on",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "60s",
}
"""Of everybody who only looks. A login can change them for itself; what it may not do is held by
what it was granted, and by how many sessions it may have."""
READER_SETTINGS = LOOKING_SETTINGS | {"statement_timeout": "5min", "transaction_timeout": "15min"}
DASHBOARD_SETTINGS = LOOKING_SETTINGS | {"statement_timeout": "10s", "transaction_timeout": "60s"}
MOST_SESSIONS = 15
"""Of a login that only looks, so that it takes no service's place; Grafana keeps ten."""


@dataclass(frozen=True, slots=True)
class Login:
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SiteDatabase:
    """A database and its logins, by schema.

    ``readers`` look at the nation's figures as they are, ``dashboards`` at what is published.
    """

    host: str
    port: int
    name: str
    owners: Mapping[str, Login]
    apps: Mapping[str, Login]
    readers: Mapping[str, Login] = field(default_factory=dict[str, Login])
    dashboards: Mapping[str, Login] = field(default_factory=dict[str, Login])

    def owner(self, schema: str) -> Database:
        """For migrations, and for tests that make their own tables."""
        return self._as(self.owners[schema])

    def app(self, schema: str) -> Database:
        """For the service's process."""
        return self._as(self.apps[schema])

    def reader(self, schema: str) -> Database:
        """For an analyst: small numbers are not suppressed."""
        return self._as(self.readers[schema])

    def dashboard(self, schema: str) -> Database:
        """For Grafana: the reading views, where small numbers are."""
        return self._as(self.dashboards[schema])

    def _as(self, login: Login) -> Database:
        return Database(self.host, self.port, self.name, login.user, login.password)


def site_database_name(site: str) -> str:
    return f"site_{site.replace('-', '_')}"


def login_names(prefix: str, schemas: Sequence[str]) -> list[str]:
    """The logins that a database with these schemas has, for whoever keeps their passwords."""
    kinds = {"reporting": ("owner", "app", "reader", "grafana")}
    pairs = [(schema, kind) for schema in schemas for kind in kinds.get(schema, ("owner", "app"))]
    return [f"{prefix}_{schema}_{kind}" for schema, kind in pairs]


def described(
    server: Database, name: str, schemas: Sequence[str], passwords: Mapping[str, str], prefix: str
) -> SiteDatabase:
    """The database ``name`` whose logins begin with ``prefix`` and have these ``passwords``."""

    def logins(kind: str) -> dict[str, Login]:
        names = {schema: f"{prefix}_{schema}_{kind}" for schema in schemas}
        return {
            schema: Login(user, passwords[user])
            for schema, user in names.items()
            if user in passwords
        }

    return SiteDatabase(
        server.host,
        server.port,
        name,
        owners=logins("owner"),
        apps=logins("app"),
        readers=logins("reader"),
        dashboards=logins("grafana"),
    )


@asynccontextmanager
async def session(
    database: Database,
) -> AsyncGenerator[Connection]:
    """One connection, closed at the end."""
    connection = await asyncpg.connect(
        host=database.host,
        port=database.port,
        database=database.name,
        user=database.user,
        password=database.password,
    )
    try:
        yield connection
    finally:
        await connection.close()


async def provision(server: Database, wanted: SiteDatabase, template: str | None = None) -> None:
    """Make ``wanted`` so: database, logins, schemas, who may connect and look.

    ``server`` is the superuser in any database of the server. A database that does not exist yet
    is made empty, or as a copy of ``template``, which holds its schemas already.
    """
    async with session(server) as admin:
        await _provision_roles(admin, wanted)
        if not await admin.fetchval(SQL.database_exists, wanted.name):
            if template is None:
                await _carry_out(admin, SQL.create_database, wanted.name)
            else:
                await _carry_out(admin, SQL.copy_database, wanted.name, template)
        await _carry_out(admin, SQL.shut_database, wanted.name)
        for schema, user in _members(wanted):
            await _carry_out(admin, SQL.open_database, wanted.name, user)
            await _carry_out(admin, SQL.setting, wanted.name, user, "search_path", schema)
        for logins, settings in (
            (wanted.readers, READER_SETTINGS),
            (wanted.dashboards, DASHBOARD_SETTINGS),
        ):
            for login in logins.values():
                for name, value in settings.items():
                    await _carry_out(admin, SQL.setting, wanted.name, login.user, name, value)
    inside = Database(server.host, server.port, wanted.name, server.user, server.password)
    async with session(inside) as admin:
        await admin.execute(SQL.shut_public_schema)
        await _shut_functions(admin)
        for schema, owner in wanted.owners.items():
            await _provision_schema(admin, schema, owner, SCHEMA_USERS[schema])
            if schema in VIEWS:
                await _provision_schema(admin, VIEWS[schema], owner, ("grafana_reader",))


async def _shut_functions(admin: Connection) -> None:
    """Leave advisory locks to the services, and what fills the disk to nobody."""
    async with admin.transaction():
        await admin.execute(SQL.one_at_a_time)
        for wording in await admin.fetch(SQL.shut_functions, LOCKING):
            await admin.execute(wording["command"])


async def _provision_schema(
    admin: Connection, schema: str, owner: Login, groups: Sequence[str]
) -> None:
    if not await admin.fetchval(SQL.schema_exists, schema):
        await _carry_out(admin, SQL.create_schema, schema, owner.user)
    for group in groups:
        await _carry_out(admin, SQL.use_schema, schema, group)


async def _provision_roles(admin: Connection, wanted: SiteDatabase) -> None:
    logins = [
        login
        for kind in (wanted.owners, wanted.apps, wanted.readers, wanted.dashboards)
        for login in kind.values()
    ]
    names = [*GROUPS, *(login.user for login in logins)]
    async with admin.transaction():
        await admin.execute(SQL.one_at_a_time)
        found = {
            row["rolname"]: row["rolpassword"] for row in await admin.fetch(SQL.roles_exist, names)
        }
        for group in GROUPS:
            if group not in found:
                await _carry_out(admin, SQL.create_group, group)
        for login in logins:
            if login.user not in found:
                await _carry_out(
                    admin, SQL.create_login, login.user, scram.verifier(login.password)
                )
            elif not scram.matches(found[login.user], login.password):
                await _carry_out(
                    admin, SQL.change_password, login.user, scram.verifier(login.password)
                )
        await _join_groups(admin, wanted)
        for login in (*wanted.readers.values(), *wanted.dashboards.values()):
            await _carry_out(admin, SQL.limit_sessions, login.user, MOST_SESSIONS)
        for wording in await admin.fetch(SQL.shut_own_databases):
            await admin.execute(wording["command"])


async def _join_groups(admin: Connection, wanted: SiteDatabase) -> None:
    apps = [(f"{schema}_app", login.user) for schema, login in wanted.apps.items()]
    readers = [(f"{schema}_reader", login.user) for schema, login in wanted.readers.items()]
    dashboards = [("grafana_reader", login.user) for login in wanted.dashboards.values()]
    services = [*wanted.owners.values(), *wanted.apps.values()]
    locking = [(LOCKING, login.user) for login in services]
    for group, user in apps + readers + dashboards + locking:
        if not await admin.fetchval(SQL.is_member, group, user):
            await _carry_out(admin, SQL.join_group, group, user)


def _members(wanted: SiteDatabase) -> list[tuple[str, str]]:
    """The schema that each login finds its tables in."""
    kinds = (wanted.owners, wanted.apps, wanted.readers)
    own = [(schema, login.user) for logins in kinds for schema, login in logins.items()]
    return own + [(VIEWS[schema], login.user) for schema, login in wanted.dashboards.items()]


async def _carry_out(admin: Connection, wording: str, *names: str | int) -> None:
    """Run the command that the server words, with the names quoted by itself."""
    await admin.execute(await admin.fetchval(wording, *names))
