"""Numbers without an event, streams that are stopped, and no infinity anywhere."""

from libs.database.migrations import execute

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v7.sql")
