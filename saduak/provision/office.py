"""What a site's own machine needs: its logins, the key of its ticket links, its database.

The same whether the machine stands at the office, or all offices are played on one.
"""

from libs.database.pool import Database
from saduak.provision.databases import prepare
from saduak.provision.postgres import SITE_SCHEMAS, site_database_name
from saduak.provision.secret_files import kept_password
from saduak.provision.vault import Vault


def keep_secrets(vault: Vault, site: str) -> None:
    """Make what is missing; needs no server."""
    kept_password(vault.link_key(site))
    vault.passwords(site_database_name(site), SITE_SCHEMAS, vault.site(site))


async def prepare_database(vault: Vault, server: Database, site: str) -> str:
    """The site's database on ``server``, given as its superuser. Returns its name."""
    name = site_database_name(site)
    await prepare(server, vault.database(server, name, SITE_SCHEMAS, vault.site(site)))
    return name
