"""Old entries of the audit log go, and ticketing's page shows the others."""

from libs.database.migrations import execute

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    execute("libs.site", "sql/site_v4.sql")
    execute("services.feedback", "sql/schema_v6.sql")
