"""Partitions of the outbox come and go."""

from libs.database.migrations import execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v4.sql")
    execute("services.feedback", "sql/schema_v4.sql")
