"""What is published to dashboards: figures as anybody may see them, and views to read them."""

from libs.service.migrations import execute

revision = "0003_watch"
down_revision = "0002"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_watch.sql")
