"""The vault, filled: every secret that a country's containers need before the first one starts."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from saduak.provision import office
from saduak.provision.broker import (
    ADMIN,
    BROKER,
    BROKER_PASSWORD,
    Broker,
    Places,
    Ports,
    format_arguments,
    new_cluster_id,
    server_properties,
)
from saduak.provision.certificates import keep_authority, keep_broker_certificate
from saduak.provision.postgres import NATIONAL, NATIONAL_SCHEMAS
from saduak.provision.secret_files import kept, kept_password, write_secret
from saduak.provision.vault import Vault

SETTINGS, TLS, AUTHORITY, FORMAT = "server.properties", "tls.pem", "ca.pem", "format.arguments"
CONTROLLER_PORT, LOCAL_PORT = 9093, 9092
BROKER_FORM = r"([a-z][a-z0-9-]{0,40})=([A-Za-z0-9.-]{1,200}):([0-9]{2,5})"


@dataclass(frozen=True, slots=True)
class Mounts:
    """Where a broker's container has its folder of secrets and its data."""

    secrets: Path = Path("/run/secrets")
    data: Path = Path("/var/lib/kafka/data")


def cluster(text: str) -> list[Broker]:
    """The brokers of ``name=public-host:port`` with commas between, numbered from 1.

    The centre reaches a broker by its name, the offices by its public host and port. Raises
    ValueError for what is not of that form.
    """
    found = [re.fullmatch(BROKER_FORM, part.strip()) for part in text.split(",")]
    brokers = [
        Broker(
            number,
            host=match[1],
            public=match[2],
            bind="",
            ports=Ports(CONTROLLER_PORT, LOCAL_PORT, int(match[3])),
        )
        for number, match in enumerate(found, start=1)
        if match
    ]
    if len(brokers) != len(found):
        raise ValueError(f"{text!r} must be like kafka-1=kafka.example.go.th:9094, with commas")
    return brokers


def fill_servers(vault: Vault) -> None:
    """The superusers' passwords, and Grafana's first account."""
    kept_password(vault.postgres_superuser)
    kept_password(vault.kafka_admin)
    kept_password(vault.grafana_admin)
    kept_password(vault.reporting_kafka)
    vault.passwords(NATIONAL, NATIONAL_SCHEMAS, vault.reporting)
    keep_authority(vault.authority_key, vault.authority)
    for holder in (vault.reporting, vault.root / "servers"):
        hand_out_authority(vault, holder)


def fill_brokers(vault: Vault, brokers: Sequence[Broker], mounts: Mounts) -> list[str]:
    """A folder for each broker, of what it reads when it starts. Names those whose certificate
    is new: they must be started again to show it."""
    renewed: list[str] = []
    password = kept_password(vault.kafka_broker)
    identity = kept(vault.root / "servers" / "cluster", new_cluster_id)
    users = {BROKER: password, ADMIN: kept_password(vault.kafka_admin)}
    places = Places(mounts.data, mounts.secrets, mounts.secrets / TLS, mounts.secrets / AUTHORITY)
    for broker in brokers:
        folder = vault.broker(broker.host)
        names = [broker.host, broker.public, "localhost", "127.0.0.1"]
        if keep_broker_certificate(vault.authority_key, vault.authority, folder / TLS, names):
            renewed.append(broker.host)
        write_secret(folder / BROKER_PASSWORD, password)
        settings = server_properties(broker, brokers, places, encrypted=True)
        write_secret(folder / SETTINGS, settings)
        arguments = format_arguments(identity, mounts.secrets / SETTINGS, users)
        write_secret(folder / FORMAT, arguments)
        hand_out_authority(vault, folder)
    return renewed


def fill_site(vault: Vault, site: str) -> None:
    """What a site needs to reach the brokers: its password and the authority."""
    kept_password(vault.site_kafka(site))
    hand_out_authority(vault, vault.site(site))


def fill(
    vault: Vault, brokers: Sequence[Broker], sites: Collection[str], *, offices: bool
) -> list[str]:
    """All of it, for a centre; with ``offices`` the sites' machines are here too."""
    fill_servers(vault)
    for site in sites:
        fill_site(vault, site)
        if offices:
            office.keep_secrets(vault, site)
    return fill_brokers(vault, brokers, Mounts())


def hand_out_authority(vault: Vault, folder: Path) -> None:
    write_secret(folder / AUTHORITY, vault.authority.read_text(encoding="utf-8"))
