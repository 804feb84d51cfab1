"""An answer knows whether staff issued its ticket."""

from libs.database.migrations import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute("services.feedback", "sql/schema_v5.sql")
