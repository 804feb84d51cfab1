"""A wish for a ticket that comes again, after a lost answer, gets the same ticket."""

from libs.database.migrations import execute

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute("services.ticketing", "sql/schema_v2.sql")
