"""``saduak provision``: the set-up of a country, and the sites that it lets in.

Every command may be run again: it does what is missing, and says what it did.
"""

import asyncio
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException

from libs.events.codes import SITE_PATTERN
from libs.service.database import Database, DatabaseUnavailable
from libs.service.settings import SettingsError, load, read_secret
from libs.standards import StandardsError
from libs.standards import load as load_standards
from saduak.provision import databases, filling
from saduak.provision.kafka import NotProvisioned, rights_by_user
from saduak.provision.nation import Refused, standing
from saduak.provision.postgres import (
    NATIONAL,
    NATIONAL_SCHEMAS,
    SITE_SCHEMAS,
    SUPERUSER,
    site_database_name,
)
from saduak.provision.settings import (
    BrokersSettings,
    CentreSettings,
    SecretsSettings,
    VaultSettings,
)

app = typer.Typer(help="A country's secrets, brokers and databases.", no_args_is_help=True)
site = typer.Typer(help="The sites that the brokers let in.", no_args_is_help=True)
app.add_typer(site, name="site")

MISTAKES = (
    DatabaseUnavailable,
    KafkaError,
    KafkaException,
    NotProvisioned,
    OSError,
    Refused,
    SettingsError,
    StandardsError,
    ValueError,
)


def _code(text: str) -> str:
    if not re.fullmatch(SITE_PATTERN, text):
        raise typer.BadParameter(f"{text!r} is no code of a site; it must be like pjo-57")
    return text


Code = Annotated[str, typer.Argument(help="The site's code.", callback=_code, metavar="SITE")]


@contextmanager
def _plain_errors() -> Generator[None]:
    """What an operator can mend is said in a line or two, and ends with status 1."""
    try:
        yield
    except MISTAKES as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def secrets() -> None:
    """Make every secret and certificate that is missing; needs no server."""
    with _plain_errors():
        settings = load(SecretsSettings)
        brokers = filling.cluster(settings.brokers)
        sites = _active(settings)
        new = filling.fill(settings.vault, brokers, sites, offices=settings.offices_here)
    typer.echo(f"secrets of {len(brokers)} brokers and {len(sites)} sites are there")
    if new:
        typer.echo(f"new certificate, shown after the next start: {', '.join(new)}")


@app.command()
def centre() -> None:
    """Make databases, logins, schemas, topics, users, rights and limits that are missing."""
    with _plain_errors():
        settings = load(CentreSettings)
        sites = _active(settings)
        asyncio.run(_databases(settings, sites if settings.offices_here else []))
        done = settings.nation.provide(sites)
    _say(done)


@site.command()
def admit(code: Code) -> None:
    """Let a site in: its topics, user, rights and limits. Again, if it was shut out."""
    with _plain_errors():
        settings = load(BrokersSettings)
        if code not in _active(settings):
            raise Refused(f"{code} is not active in {settings.standards / 'sites.yaml'}")
        if settings.vault.authority.exists():
            filling.fill_site(settings.vault, code)
        done = settings.nation.admit(code)
    _say(done)
    typer.echo(f"{code} is let in. Hand over to it: {settings.vault.site_kafka(code)}")


@site.command()
def rotate(code: Code) -> None:
    """Give a site another password for the brokers."""
    with _plain_errors():
        settings = load(BrokersSettings)
        settings.nation.rotate(code)
    typer.echo(f"{code} has a new password. Hand over to it: {settings.vault.site_kafka(code)}")


@site.command()
def revoke(code: Code) -> None:
    """Shut a site out, at once and after every restart; what it has not sent waits there."""
    with _plain_errors():
        load(BrokersSettings).nation.revoke(code)
    typer.echo(f"{code} is shut out: no rights, and its password counts no more")


@site.command("list")
def list_sites() -> None:
    """How each active site stands with the brokers."""
    with _plain_errors():
        settings = load(BrokersSettings)
        found = rights_by_user(settings.nation.kafka)
        for code in _active(settings):
            typer.echo(f"{code:<10}{standing(found, settings.vault, code)}")


async def _databases(settings: CentreSettings, offices: list[str]) -> None:
    vault = settings.vault
    password = read_secret(settings.database_password_file)
    server = Database(
        settings.database_host, settings.database_port, "postgres", SUPERUSER, password
    )
    wanted = [vault.database(server, NATIONAL, NATIONAL_SCHEMAS, vault.reporting)]
    wanted += [
        vault.database(server, site_database_name(code), SITE_SCHEMAS, vault.site(code))
        for code in offices
    ]
    for database in wanted:
        await databases.prepare(server, database)
        typer.echo(f"database {database.name} is ready")


def _active(settings: VaultSettings) -> list[str]:
    return [one.code for one in load_standards(settings.standards).active_sites]


def _say(done: list[str]) -> None:
    typer.echo("\n".join(f"made: {change}" for change in done) or "nothing was missing")
