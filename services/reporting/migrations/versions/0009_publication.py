"""What could not be published is put behind what can."""

from libs.database.migrations import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v9.sql")
