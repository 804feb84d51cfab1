"""Findings about refused messages, and notices to the sites."""

from libs.database.migrations import execute

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v6.sql")
