"""Attempts to sign in are noted before they are checked, and the audit log knows addresses."""

from libs.database.migrations import execute

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    execute("libs.site", "sql/site_v3.sql")
