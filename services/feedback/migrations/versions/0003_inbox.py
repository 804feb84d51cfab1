"""How far the service has read what the centre says."""

from libs.database.migrations import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v3.sql")
    execute("services.feedback", "sql/schema_v3.sql")
