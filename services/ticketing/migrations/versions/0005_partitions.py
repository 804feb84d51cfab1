"""Partitions of the outbox come and go."""

from libs.database.migrations import execute

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v4.sql")
    execute("services.ticketing", "sql/schema_v5.sql")
