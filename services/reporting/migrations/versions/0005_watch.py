"""What is published to dashboards: figures as anybody may see them, and views to read them."""

from libs.database.migrations import execute

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v5.sql")
