"""A restored database goes on in a new epoch; a person looks into the days it lost."""

from libs.database.migrations import execute

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v2.sql")
    execute("services.feedback", "sql/schema_v2.sql")
