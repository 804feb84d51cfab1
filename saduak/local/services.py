"""The services of a country: how each is started, and with which settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from libs.database.pool import Database
from libs.events.codes import Stream
from libs.stream.kafka import KafkaAccess
from saduak.local.plan import HOST, REPLICAS, Folder, Plan, operations, site_service
from saduak.local.processes import Command
from saduak.provision.secret_files import kept_password
from saduak.provision.vault import Vault

PEER = {Stream.TICKETING: Stream.FEEDBACK, Stream.FEEDBACK: Stream.TICKETING}


@dataclass(frozen=True, slots=True)
class Service:
    """A process of the country. ``environment`` holds its settings; secrets are named files."""

    name: str
    room: str
    site: str | None
    port: int
    operations_port: int
    """Where its metrics and its detailed health are."""
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def operations_url(self) -> str:
        return f"http://{HOST}:{self.operations_port}"

    def command(self, launcher: Sequence[str], folder: Folder) -> Command:
        """``launcher`` stands for ``python -m saduak``."""
        return Command((*launcher, self.room, "run"), folder.log(self.name), self.environment)


SET_UP = "set-up"
"""Not a process: what the set-up's commands of this country are told."""


def environments(folder: Folder, plan: Plan) -> dict[str, Mapping[str, str]]:
    """The settings of every service by name, and of the set-up."""
    found = {service.name: service.environment for service in services(folder, plan)}
    return {**found, SET_UP: _set_up(folder, plan)}


def services(folder: Folder, plan: Plan) -> list[Service]:
    """Every service of the country: two a site, and the replicas of reporting."""
    sites = [_site_service(folder, plan, site, stream) for site in plan.sites for stream in Stream]
    return sites + [_replica(folder, plan, name) for name in REPLICAS]


def _site_service(folder: Folder, plan: Plan, site: str, stream: Stream) -> Service:
    name = site_service(site, stream)
    vault = folder.vault
    kept_password(vault.link_key(site))
    access = folder.site_kafka(plan, site)
    peer = plan.ports[site_service(site, PEER[stream])]
    settings = {
        "SITE": site,
        "LINK_KEY_FILE": str(vault.link_key(site)),
        "PEER_URL": f"http://{HOST}:{peer}",
        "KAFKA_CA_FILE": str(access.ca_file),
        "DISK": str(folder.postgres(plan).directory),
        **_common(plan, name, access, vault.site_kafka(site)),
        **_database(vault, folder.site_database(plan, site).app(stream), vault.site(site)),
    }
    return _service(plan, name, str(stream), site, settings)


def _replica(folder: Folder, plan: Plan, name: str) -> Service:
    vault, database = folder.vault, folder.national_database(plan).app("reporting")
    settings = {
        "REPLICA": name,
        **_common(plan, name, folder.reporting_kafka(plan), vault.reporting_kafka),
        **_database(vault, database, vault.reporting),
    }
    return _service(plan, name, "reporting", None, settings)


def _service(
    plan: Plan, name: str, room: str, site: str | None, settings: Mapping[str, str]
) -> Service:
    doors = (plan.ports[name], plan.ports[operations(name)])
    return Service(name, room, site, *doors, _prefixed(settings))


def _common(plan: Plan, name: str, access: KafkaAccess, password: Path) -> dict[str, str]:
    return {
        "LISTEN_HOST": HOST,
        "LISTEN_PORT": str(plan.ports[name]),
        "OPERATIONS_HOST": HOST,
        "OPERATIONS_PORT": str(plan.ports[operations(name)]),
        "PUBLIC_URL": f"http://{HOST}:{plan.ports[name]}",
        "STANDARDS": str(plan.standards),
        "DEMO": "true" if plan.demo else "false",
        "KAFKA_BOOTSTRAP": access.bootstrap,
        "KAFKA_USER": access.user or "",
        "KAFKA_PASSWORD_FILE": str(password),
    }


def _database(vault: Vault, database: Database, holder: Path) -> dict[str, str]:
    return {
        "DATABASE_HOST": database.host,
        "DATABASE_PORT": str(database.port),
        "DATABASE_NAME": database.name,
        "DATABASE_USER": database.user,
        "DATABASE_PASSWORD_FILE": str(vault.login(database.user, holder)),
    }


def _prefixed(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"SADUAK_{name}": value for name, value in settings.items()}


def _set_up(folder: Folder, plan: Plan) -> Mapping[str, str]:
    broker, server = folder.kafka(plan), folder.postgres(plan)
    return _prefixed(
        {
            "VAULT_FOLDER": str(folder.vault.root),
            "STANDARDS": str(plan.standards),
            "OFFICES_HERE": "true",
            "KAFKA_BOOTSTRAP": broker.local,
            "KAFKA_PASSWORD_FILE": str(broker.admin_password_file),
            "DATABASE_HOST": server.host,
            "DATABASE_PORT": str(server.port),
            "DATABASE_PASSWORD_FILE": str(server.password_file),
        }
    )
