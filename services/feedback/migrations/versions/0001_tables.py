"""The outbox, enrolled devices, and feedback's own tables."""

from libs.database.migrations import execute

revision = "0001"
down_revision = None


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v1.sql")
    execute("libs.site", "sql/site_v1.sql")
    execute("services.feedback", "sql/schema_v1.sql")
