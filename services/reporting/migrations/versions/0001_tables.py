"""The tables of the national database."""

from libs.database.migrations import execute

revision = "0001"
down_revision = None


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v1.sql")
