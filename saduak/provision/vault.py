"""Where the secrets of a country lie: one folder for each who may read it.

A container, or an office's machine, is given its own folder and no other::

    authority/            the certificate authority's key and certificate: the set-up alone
    servers/              Kafka's superusers: the set-up alone
    owners/               the logins that own schemas, for migrations: the set-up alone
    postgres/             the database server's superuser
    brokers/<name>/       a broker's settings, its key and the brokers' own password
    sites/<code>/         a site's Kafka password, its two logins, the key of its ticket links
    reporting/ grafana/   the nation's services
    readers/              an analyst's login to the nation's figures
    revoked/<code>        exists while the site is shut out

Every file is 0600 and holds one secret. Nothing is ever made twice: what exists is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from libs.database.pool import Database
from saduak.provision.postgres import SiteDatabase, described, login_names
from saduak.provision.secret_files import kept_password


@dataclass(frozen=True, slots=True)
class Vault:
    """The folder ``root`` of all secrets."""

    root: Path

    def site(self, code: str) -> Path:
        """All that the site ``code`` is given."""
        return self.root / "sites" / code

    def broker(self, name: str) -> Path:
        """All that the broker ``name`` is given."""
        return self.root / "brokers" / name

    @property
    def reporting(self) -> Path:
        return self.root / "reporting"

    @property
    def authority(self) -> Path:
        return self.root / "authority" / "ca.pem"

    @property
    def authority_key(self) -> Path:
        return self.root / "authority" / "ca.key"

    @property
    def kafka_admin(self) -> Path:
        return self.root / "servers" / "kafka_admin"

    @property
    def kafka_broker(self) -> Path:
        return self.root / "servers" / "kafka_broker"

    @property
    def postgres_superuser(self) -> Path:
        return self.root / "postgres" / "superuser"

    @property
    def grafana_admin(self) -> Path:
        return self.root / "grafana" / "admin"

    def site_kafka(self, code: str) -> Path:
        """The password of the site's Kafka user."""
        return self.site(code) / "kafka"

    @property
    def reporting_kafka(self) -> Path:
        """The password of the reporting service's Kafka user."""
        return self.reporting / "kafka"

    def link_key(self, site: str) -> Path:
        return self.site(site) / "link_key"

    def login(self, login: str, holder: Path) -> Path:
        """A database login's password: an owner's lies apart, where no service can read it."""
        *_, schema, kind = login.split("_")  # as in site_pjo_50_ticketing_app
        match kind:
            case "owner":
                return self.root / "owners" / login
            case "app":
                return holder / schema
            case "grafana":
                return self.root / "grafana" / login
            case _:  # an analyst's, who sees small numbers too: no service is given it
                return self.root / "readers" / login

    def passwords(self, name: str, schemas: Sequence[str], holder: Path) -> dict[str, str]:
        """Of the logins of the database ``name``; those that are not there yet are made."""
        logins = login_names(name, schemas)
        return {login: kept_password(self.login(login, holder)) for login in logins}

    def database(
        self, server: Database, name: str, schemas: Sequence[str], holder: Path
    ) -> SiteDatabase:
        """The database ``name`` on ``server``."""
        return described(server, name, schemas, self.passwords(name, schemas, holder), name)

    def is_revoked(self, site: str) -> bool:
        return self._revoked(site).exists()

    def mark_revoked(self, site: str) -> None:
        """From now on no set-up gives the site its rights back."""
        self._revoked(site).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._revoked(site).touch(mode=0o600)

    def mark_admitted(self, site: str) -> None:
        self._revoked(site).unlink(missing_ok=True)

    def _revoked(self, site: str) -> Path:
        return self.root / "revoked" / site
