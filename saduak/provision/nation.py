"""The sites as the brokers know them: let in, given another password, shut out.

The set-up and an operator's commands are the same few functions, so that whatever was interrupted
is finished by doing it again.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from libs.events.topics import StreamName
from libs.stream.kafka import KafkaAccess
from saduak.provision.kafka import (
    Plan,
    Right,
    change_password,
    country,
    discard,
    provision,
    site_user,
)
from saduak.provision.secret_files import (
    is_being_replaced,
    kept_password,
    put_in_place,
    replacement,
)
from saduak.provision.vault import Vault


class Refused(RuntimeError):
    """What was asked does not fit how things are; the text names the cure."""


@dataclass(frozen=True, slots=True)
class Nation:
    """The vault, and the brokers as their superuser; a topic lies on ``replicas`` of them."""

    vault: Vault
    kafka: KafkaAccess
    replicas: int = 1

    def provide(self, sites: Collection[str]) -> list[str]:
        """Make users, rights, limits and topics of these sites and of the reporting service.

        Says what it did. A site that was shut out stays out. Raises KafkaException for what the
        broker refuses, :class:`saduak.provision.kafka.NotProvisioned` if a change does not show.
        """
        done = provision(self.kafka, self._plan(sites))
        for site in sites:
            if is_being_replaced(self.vault.site_kafka(site)):
                self._replace_password(site)
                done.append(f"password of {site_user(site)}")
        return done

    def rotate(self, site: str) -> None:
        """Give the site another password. What is connected stays so until it connects anew."""
        if self.vault.is_revoked(site):
            raise Refused(f"{site} is shut out; let it in again with `site admit {site}`")
        self._known(site)
        self._replace_password(site)

    def revoke(self, site: str) -> None:
        """Shut the site out, connected or not; its events wait at the site.

        Its credential is overwritten and never deleted: a broker that misses one it knew lets
        nobody in at its next start.
        """
        self._known(site)
        self.vault.mark_revoked(site)
        provision(self.kafka, self._plan([site]))
        change_password(self.kafka, site_user(site), secrets.token_urlsafe(24))

    def discard(self, name: StreamName) -> None:
        """Throw away what the brokers hold of a stream, while its site is shut out.

        What was good comes again from the site: the centre asks for the numbers that it misses.
        """
        if not self.vault.is_revoked(name.site):
            raise Refused(f"{name.site} still writes; shut it out first: `site revoke {name.site}`")
        discard(self.kafka, name.topic)

    def admit(self, site: str) -> list[str]:
        """Let the site in, with a new password if it was shut out. Says what it did."""
        if self.vault.is_revoked(site):
            self._replace_password(site)
            self.vault.mark_admitted(site)
        return self.provide([site])

    def _plan(self, sites: Collection[str]) -> Plan:
        return country(
            {site: kept_password(self.vault.site_kafka(site)) for site in sites},
            kept_password(self.vault.reporting_kafka),
            revoked=[site for site in sites if self.vault.is_revoked(site)],
            replicas=self.replicas,
        )

    def _replace_password(self, site: str) -> None:
        kept = self.vault.site_kafka(site)
        change_password(self.kafka, site_user(site), replacement(kept))
        put_in_place(kept)

    def _known(self, site: str) -> None:
        if not self.vault.site_kafka(site).exists():
            raise Refused(f"{site} was never let in; do so with `site admit {site}`")


def standing(found: Mapping[str, Collection[Right]], vault: Vault, site: str) -> str:
    """How a site stands, in words: what the vault wants and what the brokers hold."""
    rights = found.get(site_user(site))
    if rights is None:
        return "not let in yet"
    if vault.is_revoked(site):
        return "shut out" if not rights else "to be shut out: run `site revoke` again"
    return "let in" if rights else "without rights: run `site admit` again"
