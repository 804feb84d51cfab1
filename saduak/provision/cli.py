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

from libs.database.pool import DatabaseUnavailable
from libs.events.codes import SITE_PATTERN, Stream
from libs.events.topics import StreamName
from libs.service.settings import SettingsError, load
from libs.standards import StandardsError
from libs.standards import load as load_standards
from saduak.provision import databases, filling, office
from saduak.provision.kafka import NotProvisioned, rights_by_user
from saduak.provision.nation import Refused, standing
from saduak.provision.postgres import NATIONAL, NATIONAL_SCHEMAS
from saduak.provision.settings import (
    BrokersSettings,
    SecretsSettings,
    ServerSettings,
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
        cluster = filling.cluster(settings.brokers)
        sites = _active(settings)
        new = filling.fill(settings.vault, cluster, sites, offices=settings.offices_here)
    typer.echo(f"secrets of {len(cluster)} brokers and {len(sites)} sites are there")
    if new:
        typer.echo(f"new certificate, shown after the next start: {', '.join(new)}")


@app.command("databases")
def make_databases() -> None:
    """Make databases, logins and schemas that are missing, and bring them to this version."""
    with _plain_errors():
        settings = load(ServerSettings)
        asyncio.run(_databases(settings, _active(settings) if settings.offices_here else []))


@app.command()
def brokers() -> None:
    """Make topics, users, rights and limits that are missing."""
    with _plain_errors():
        settings = load(BrokersSettings)
        done = settings.nation.provide(_active(settings))
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


@site.command("discard")
def discard_stream(
    code: Code, stream: Annotated[Stream, typer.Argument(help="ticketing or feedback.")]
) -> None:
    """Throw away what the brokers hold of a stream of a site that is shut out."""
    with _plain_errors():
        load(BrokersSettings).nation.discard(StreamName(code, stream))
    typer.echo(f"the brokers hold nothing of {code}'s {stream} any more")


@site.command("list")
def list_sites() -> None:
    """How each active site stands with the brokers."""
    with _plain_errors():
        settings = load(BrokersSettings)
        found = rights_by_user(settings.nation.kafka)
        for code in _active(settings):
            typer.echo(f"{code:<10}{standing(found, settings.vault, code)}")


async def _databases(settings: ServerSettings, offices: list[str]) -> None:
    vault, server = settings.vault, settings.server
    nation = vault.database(server, NATIONAL, NATIONAL_SCHEMAS, vault.reporting)
    await databases.prepare(server, nation)
    typer.echo(f"database {nation.name} is ready")
    for code in offices:
        typer.echo(f"database {await office.prepare_database(vault, server, code)} is ready")


def _active(settings: VaultSettings) -> list[str]:
    return [one.code for one in load_standards(settings.standards).active_sites]


def _say(done: list[str]) -> None:
    typer.echo("\n".join(f"made: {change}" for change in done) or "nothing was missing")
