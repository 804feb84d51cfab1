"""A database made ready for its services: logins, schemas, and every migration."""

from importlib import resources

from libs.database.migrations import upgrade
from libs.database.pool import Database
from saduak.provision.postgres import SiteDatabase, provision


async def prepare(server: Database, wanted: SiteDatabase) -> None:
    """Make ``wanted`` so, as the superuser of ``server``; what is so already stays."""
    await provision(server, wanted)
    for schema in wanted.owners:
        with resources.as_file(resources.files(f"services.{schema}")) as service:
            versions = service / "migrations" / "versions"
            await upgrade(wanted.owner(schema), schema, versions)
