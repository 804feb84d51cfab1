"""An answer tells whether staff issued its ticket."""

from libs.database.migrations import execute

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v11.sql")
