"""What the centre asked the sites to send again."""

from libs.database.migrations import execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v4.sql")
