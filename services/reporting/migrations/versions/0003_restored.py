"""What sites say after a restore from a backup."""

from libs.database.migrations import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v3.sql")
