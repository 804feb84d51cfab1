"""Partitions are made also where the outbox's default partition holds rows."""

from libs.database.migrations import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute("libs.stream", "sql/outbox_v5.sql")
