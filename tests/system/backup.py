"""A backup of a site's database, made and put back with PostgreSQL's own tools."""

import asyncio
import os
import subprocess
from dataclasses import replace
from pathlib import Path

from libs.database.pool import Database
from libs.database.statements import statements
from saduak.local.country import Country
from saduak.local.postgres import binaries
from saduak.provision.postgres import provision, session

SQL = statements("tests.system", "sql/restoring.sql")


def back_up(country: Country, site: str, file: Path) -> None:
    """Dump the site's database, as a nightly job would."""
    admin, wanted = country.postgres_admin(), country.site_database(site)
    _run(admin, "pg_dump", "--format=custom", f"--file={file}", wanted.name)


def put_back(country: Country, site: str, file: Path) -> None:
    """Restore beside the database in use, then exchange the two: services never see a half."""
    asyncio.run(_put_back(country, site, file))


async def _put_back(country: Country, site: str, file: Path) -> None:
    admin, wanted = country.postgres_admin(), country.site_database(site)
    beside = replace(wanted, name=f"{wanted.name}_restored")
    async with session(admin) as server:
        await server.execute(await server.fetchval(SQL.create, beside.name))
    _run(admin, "pg_restore", "--single-transaction", f"--dbname={beside.name}", str(file))
    await provision(admin, beside)
    async with session(admin) as server:
        await server.execute(await server.fetchval(SQL.drop, wanted.name))
        await server.execute(await server.fetchval(SQL.rename, beside.name, wanted.name))


def _run(admin: Database, program: str, *arguments: str) -> None:
    address = ["--host", admin.host, "--port", str(admin.port), "--username", admin.user]
    subprocess.run(
        [binaries() / program, *address, *arguments],
        env=os.environ | {"PGPASSWORD": admin.password},
        check=True,
    )
