"""What days are judged by, in columns; services that the standards don't know."""

from libs.database.migrations import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v8.sql")
