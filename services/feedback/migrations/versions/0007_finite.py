"""No moment is infinite."""

from libs.database.migrations import execute

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    execute("libs.site", "sql/finite_v1.sql")
