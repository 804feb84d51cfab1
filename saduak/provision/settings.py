"""What the set-up and an operator's commands are told by their environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.database.pool import Database
from libs.service.settings import PREFIX, SecretFile, read_secret
from libs.stream.kafka import KafkaAccess
from saduak.provision.broker import ADMIN
from saduak.provision.nation import Nation
from saduak.provision.postgres import SUPERUSER
from saduak.provision.vault import Vault


class VaultSettings(BaseSettings):
    """Where the secrets are, and for whom."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    vault_folder: Path
    standards: Path
    """The sites that are active there are the country's."""

    @property
    def vault(self) -> Vault:
        return Vault(self.vault_folder)


class SecretsSettings(VaultSettings):
    """For making secrets."""

    brokers: str
    """As :func:`saduak.provision.filling.cluster` reads it."""
    offices_here: bool = False
    """Whether the sites' databases are on this machine too."""


class BrokersSettings(VaultSettings):
    """For what concerns the brokers: their superuser's access."""

    kafka_bootstrap: str
    kafka_password_file: SecretFile
    kafka_ca_file: Path | None = None
    replicas: int = Field(default=1, ge=1, le=3)
    """On how many brokers a topic lies."""

    @property
    def nation(self) -> Nation:
        access = KafkaAccess(
            self.kafka_bootstrap,
            ADMIN,
            ca_file=self.kafka_ca_file,
            password_file=self.kafka_password_file,
        )
        return Nation(self.vault, access, self.replicas)


class ServerSettings(VaultSettings):
    """For what concerns the database server: its superuser's access."""

    database_host: str
    database_port: int = Field(default=5432, ge=1, le=65535)
    database_password_file: SecretFile
    offices_here: bool = False

    @property
    def server(self) -> Database:
        password = read_secret(self.database_password_file)
        return Database(self.database_host, self.database_port, "postgres", SUPERUSER, password)
