"""All that can be said of a country, as ``saduak local status --json`` prints it.

Secrets are named by the files that hold them, never shown.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from libs.events.codes import Stream
from saduak.local.country import Country
from saduak.local.plan import PROMETHEUS, REPLICAS, site_service
from saduak.local.report import ProcessReport, Report
from saduak.local.services import Service
from saduak.provision.kafka import REPORTING, site_user
from saduak.provision.postgres import SiteDatabase
from saduak.provision.vault import Vault

Json = dict[str, Any]


def summary(country: Country) -> Json:
    """Raises :class:`saduak.local.country.NotRunning` if the folder never held a country."""
    plan, now, services = country.plan, country.status(), country.services()
    vault = country.folder.vault
    return {
        "state": now.state,
        "detail": now.detail,
        "folder": str(country.folder.root),
        "sites": {
            site: {
                **{
                    str(stream): _service(services[site_service(site, stream)], now)
                    for stream in Stream
                },
                "database": _database(vault, country.site_database(site), vault.site(site)),
                "kafka": {
                    "bootstrap": country.site_kafka(site).bootstrap,
                    "ca_file": str(country.site_kafka(site).ca_file),
                    **_kafka_user(site_user(site), vault.site_kafka(site)),
                },
                "link_key_file": str(vault.link_key(site)),
            }
            for site in plan.sites
        },
        "reporting": {
            "replicas": [_service(services[name], now) for name in REPLICAS],
            "database": _database(vault, country.national_database(), vault.reporting),
            "kafka": {
                "bootstrap": country.folder.kafka(plan).local,
                **_kafka_user(REPORTING, vault.reporting_kafka),
            },
        },
        "postgres": _postgres(country, now),
        "kafka": _kafka(country, now),
        "prometheus": _prometheus(country, now),
        "standards": str(plan.standards),
    }


def _service(service: Service, now: Report) -> Json:
    return {
        "url": service.url,
        "operations": service.operations_url,
        **_process(now, service.name),
    }


def _process(now: Report, name: str) -> Json:
    return asdict(now.processes.get(name, ProcessReport(name, "")))


def _postgres(country: Country, now: Report) -> Json:
    server = country.folder.postgres(country.plan)
    return {
        "host": server.host,
        "port": server.port,
        "superuser": server.admin.user,
        "password_file": str(server.password_file),
        **_process(now, "postgres"),
    }


def _kafka(country: Country, now: Report) -> Json:
    broker = country.folder.kafka(country.plan)
    return {
        "local": broker.local,
        "sites": broker.sites,
        "ca_file": str(broker.ca_file),
        "superuser": broker.admin.user,
        "password_file": str(broker.admin_password_file),
        **_process(now, "kafka"),
    }


def _prometheus(country: Country, now: Report) -> Json | None:
    """None if nothing watches the country."""
    found = country.prometheus()
    if found is None:
        return None
    return {"url": found.url, "program": str(found.program), **_process(now, PROMETHEUS)}


def _database(vault: Vault, database: SiteDatabase, holder: Path) -> Json:
    def login(user: str) -> Json:
        return {"user": user, "password_file": str(vault.login(user, holder))}

    kinds = (
        ("owner", database.owners),
        ("app", database.apps),
        ("reader", database.readers),
        ("grafana", database.dashboards),
    )
    logins = {
        schema: {kind: login(known[schema].user) for kind, known in kinds if schema in known}
        for schema in database.owners
    }
    return {"name": database.name, "logins": logins}


def _kafka_user(user: str, password_file: Path) -> Json:
    return {"user": user, "password_file": str(password_file)}
