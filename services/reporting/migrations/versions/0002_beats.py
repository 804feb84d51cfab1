"""The sites' newest signs of life."""

from libs.database.migrations import execute

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v2.sql")
