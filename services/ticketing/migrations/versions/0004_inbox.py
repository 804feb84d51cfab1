"""How far the service has read what the centre says."""

from libs.database.migrations import execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v3.sql")
    execute("services.ticketing", "sql/schema_v4.sql")
