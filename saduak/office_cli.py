"""``saduak office``: a site's own machine, made ready. Run again, it does what is missing."""

import asyncio
from pathlib import Path

import typer
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.database.pool import Database, DatabaseUnavailable
from libs.events.codes import SiteCode
from libs.service.settings import PREFIX, SettingsError, load, read_secret
from saduak.provision import office
from saduak.provision.postgres import SUPERUSER
from saduak.provision.secret_files import kept_password
from saduak.provision.vault import Vault

app = typer.Typer(help="A site's own machine: its secrets and its database.", no_args_is_help=True)


class OfficeSettings(BaseSettings):
    """Which site it is, and where its machine keeps its secrets."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    site: SiteCode
    vault_folder: Path


class ServerSettings(OfficeSettings):
    """The database server, besides."""

    database_host: str
    database_port: int = Field(default=5432, ge=1, le=65535)


@app.command()
def secrets() -> None:
    """Make every secret that is missing; needs no server."""
    try:
        settings = load(OfficeSettings)
        vault = Vault(settings.vault_folder)
        kept_password(vault.postgres_superuser)
        office.keep_secrets(vault, settings.site)
    except (OSError, SettingsError) as error:
        raise _fail(error) from None
    typer.echo(f"the secrets of {settings.site} are there")


@app.command()
def database() -> None:
    """Make the site's database, logins and schemas, and bring them to this version."""
    try:
        settings = load(ServerSettings)
        vault = Vault(settings.vault_folder)
        password = read_secret(vault.postgres_superuser)
        server = Database(
            settings.database_host, settings.database_port, "postgres", SUPERUSER, password
        )
        name = asyncio.run(office.prepare_database(vault, server, settings.site))
    except (DatabaseUnavailable, OSError, SettingsError) as error:
        raise _fail(error) from None
    typer.echo(f"database {name} is ready")


def _fail(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)
