"""What was published by earlier rules of suppression is made anew."""

from libs.database.migrations import execute

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    execute("services.reporting", "sql/schema_v10.sql")
