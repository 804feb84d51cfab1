"""No moment is infinite, a booking is of a day that can be, and each call stands in columns."""

from libs.database.migrations import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute("services.ticketing", "sql/schema_v7.sql")
    execute("libs.site", "sql/finite_v1.sql")
