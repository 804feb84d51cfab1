"""What an embedded country consists of, and where everything of it lies.

One folder holds one country::

    country.json      its sites and ports, kept from start to start
    wanted.json       whether its broker should run
    status.json       how its processes are, written by the supervisor
    lock              held by the supervisor that runs it
    postgres/ kafka/  the servers: data, settings, their own secrets
    prometheus/       what watches it, where one is installed
    secrets/          what saduak.provision.vault says; each file 0600
    logs/             one file a process
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from libs.database.pool import Database
from libs.events.codes import Stream
from libs.stream.kafka import KafkaAccess
from saduak.local.jars import Progress
from saduak.local.kafka import EmbeddedKafka, quietly
from saduak.local.postgres import EmbeddedPostgres
from saduak.local.processes import free_ports, port_is_free
from saduak.provision.broker import Ports
from saduak.provision.kafka import REPORTING, site_user
from saduak.provision.postgres import (
    NATIONAL,
    NATIONAL_SCHEMAS,
    SITE_SCHEMAS,
    SiteDatabase,
    site_database_name,
)
from saduak.provision.secret_files import kept_password
from saduak.provision.vault import Vault

HOST = "127.0.0.1"
REPLICAS = ("reporting-1", "reporting-2")
PROMETHEUS = "prometheus"
KAFKA_PORTS = ("kafka-controller", "kafka-local", "kafka-sites")
SERVER_PORTS = ("postgres", *KAFKA_PORTS, PROMETHEUS)


@dataclass(frozen=True, slots=True)
class Plan:
    """The sites, the folder of standards, and a port for every server and service."""

    sites: tuple[str, ...]
    standards: Path
    demo: bool
    ports: Mapping[str, int]
    prometheus: Path | None = None
    """The program that watches it; None where none is wanted or none is installed."""

    @staticmethod
    def names(sites: Sequence[str]) -> tuple[str, ...]:
        """Every name that needs a port."""
        services = [site_service(site, stream) for site in sites for stream in Stream]
        doors = [door for name in (*services, *REPLICAS) for door in (name, operations(name))]
        return (*SERVER_PORTS, *doors)


FORM = TypeAdapter(Plan)
WANTED = TypeAdapter(dict[str, bool])


def operations(service: str) -> str:
    """The name under which the port of ``service`` for metrics and detailed health is planned."""
    return f"{service}-operations"


def site_service(site: str, stream: Stream) -> str:
    """The name of a site's process."""
    return f"{site}-{stream}"


@dataclass(frozen=True, slots=True)
class Folder:
    """A country's folder, and what can be said of it without its running."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def wanted(self) -> Path:
        return self.root / "wanted.json"

    @property
    def status(self) -> Path:
        return self.root / "status.json"

    def log(self, process: str) -> Path:
        return self.root / "logs" / f"{process}.log"

    def plan(self) -> Plan | None:
        """The country that was planned here; None if none was."""
        path = self.root / "country.json"
        return FORM.validate_json(path.read_bytes()) if path.exists() else None

    def replan(
        self, sites: Sequence[str], standards: Path, *, demo: bool, prometheus: Path | None
    ) -> Plan:
        """Keep the ports that are known and free, find others, and write the plan down."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / "logs").mkdir(exist_ok=True)
        before = self.plan()
        known = {} if before is None else dict(before.ports)
        names = Plan.names(sites)
        kept = {name: known[name] for name in names if name in known and port_is_free(known[name])}
        new = [port for port in free_ports(len(names) + len(kept)) if port not in kept.values()]
        ports = kept | dict(zip((name for name in names if name not in kept), new, strict=False))
        return self._written(Plan(tuple(sites), standards.resolve(), demo, ports, prometheus))

    def extend(self, plan: Plan, site: str) -> Plan:
        """The plan with one more site; the ports of all others stay, since they are in use."""
        services = [site_service(site, stream) for stream in Stream]
        names = [door for name in services for door in (name, operations(name))]
        needed = len(plan.ports) + len(names)
        new = [port for port in free_ports(needed) if port not in plan.ports.values()]
        ports = dict(plan.ports) | dict(zip(names, new, strict=False))
        return self._written(replace(plan, sites=(*plan.sites, site), ports=ports))

    def _written(self, plan: Plan) -> Plan:
        (self.root / "country.json").write_bytes(FORM.dump_json(plan, indent=2))
        return plan

    def postgres(self, plan: Plan) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.root / "postgres", plan.ports["postgres"])

    def kafka(self, plan: Plan, progress: Progress = quietly) -> EmbeddedKafka:
        ports = [plan.ports[name] for name in KAFKA_PORTS]
        return EmbeddedKafka(self.root / "kafka", Ports(*ports), progress)

    def wants_kafka(self) -> bool:
        """Whether the broker should run."""
        return WANTED.validate_json(self.wanted.read_bytes())["kafka"]

    def want_kafka(self, wanted: bool) -> None:
        self.wanted.write_bytes(WANTED.dump_json({"kafka": wanted}))

    @property
    def vault(self) -> Vault:
        return Vault(self.root / "secrets")

    def site_database(self, plan: Plan, site: str) -> SiteDatabase:
        server = self._server(plan)
        return self.vault.database(
            server, site_database_name(site), SITE_SCHEMAS, self.vault.site(site)
        )

    def national_database(self, plan: Plan) -> SiteDatabase:
        holder = self.vault.reporting
        return self.vault.database(self._server(plan), NATIONAL, NATIONAL_SCHEMAS, holder)

    def site_kafka(self, plan: Plan, site: str) -> KafkaAccess:
        """A site's own access, over TLS."""
        password = kept_password(self.vault.site_kafka(site))
        broker = self.kafka(plan)
        return KafkaAccess(broker.sites, site_user(site), password, broker.ca_file)

    def reporting_kafka(self, plan: Plan) -> KafkaAccess:
        """The reporting service's access, on the same machine as the broker."""
        password = kept_password(self.vault.reporting_kafka)
        return KafkaAccess(self.kafka(plan).local, REPORTING, password)

    def _server(self, plan: Plan) -> Database:
        return Database(HOST, plan.ports["postgres"], "postgres", "", "")
