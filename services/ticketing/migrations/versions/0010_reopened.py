"""A closed day can go on, and a counter knows the desk that it was opened from."""

from libs.database.migrations import execute

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    execute("services.ticketing", "sql/schema_v8.sql")
