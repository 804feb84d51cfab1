"""A restored database goes on in a new epoch; a person looks into the days it lost."""

from libs.database.migrations import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v2.sql")
    execute("services.ticketing", "sql/schema_v3.sql")
