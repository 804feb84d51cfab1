"""What the migration makes of what is stored is what the code makes of it."""

from datetime import date
from importlib.resources import files

from tests.reporting.nation import Nation
from tests.reporting.streams import SiteStreams

DAY = date(2026, 3, 2)
FILLED = ("manifest_steps", "manifest_answers", "day_epochs")


def filling(table: str) -> str:
    """The statement of the migration that fills ``table``."""
    text = files("services.reporting").joinpath("sql/schema_v8.sql").read_text(encoding="utf-8")
    (found,) = [one for one in text.split(";") if f"INSERT INTO {table}\n" in one]
    return found


async def test_the_tables_of_the_days_are_filled_from_what_is_stored(nation: Nation) -> None:
    streams = SiteStreams("pjo-50", 3)
    streams.play(DAY, 12, corrections=2)
    streams.ticketing.restore()
    streams.correct(DAY)
    await nation.take_all(streams.messages)
    for table in FILLED:
        await nation.owner.execute(f"DELETE FROM {table}")
        assert table in {difference.table for difference in await nation.check()}
        await nation.owner.execute(filling(table))
        assert await nation.check() == []
