"""The standards that the centre published last."""

from libs.database.migrations import execute

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    execute("libs.site", "sql/site_v2.sql")
