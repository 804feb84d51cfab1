"""The centre's notices to the staff."""

from libs.database.migrations import execute

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    execute("services.ticketing", "sql/schema_v6.sql")
