"""The outbox, staff and devices, and the tables of visits, counters and service days."""

from libs.database.migrations import execute

revision = "0001"
down_revision = None


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v1.sql")
    execute("libs.site", "sql/site_v1.sql")
    execute("services.ticketing", "sql/schema_v1.sql")
