"""Old entries of the audit log go."""

from libs.database.migrations import execute

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    execute("libs.site", "sql/site_v4.sql")
