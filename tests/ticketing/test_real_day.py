"""One real day of a call centre, imported: the site's own database gives what the file says."""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from libs.database.statements import statements
from libs.events.visits import DayClosed
from services.ticketing import imports
from services.ticketing.imports.files import Reading, read
from services.ticketing.imports.importing import import_visits, plan
from services.ticketing.imports.parsing import RowReader
from services.ticketing.imports.profile import Profile, load
from services.ticketing.office import Office
from tests.ticketing.log import log

SQL = statements("tests.ticketing", "sql/real_day.sql")
FILE = Path(
    os.environ.get("SADUAK_REAL_DAY")
    or Path(__file__).parents[3] / "shared" / "data" / "real_day_visits.csv"
)
PROFILE = Path(imports.__file__).parent / "profiles" / "technion_day.yaml"
DAY = date(1999, 8, 1)
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"the real day's file is not at {FILE}; name it in SADUAK_REAL_DAY"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """One row of the table in the data's description."""

    service: str
    served: int
    left: int
    mean_wait: float
    p50: float
    p90: float
    within_60_percent: float
    mean_service: float


EXPECTED = [
    Expected("ADV", 177, 223, 215.75, 218.0, 422.8, 25.99, 128.31),
    Expected("CMP", 68, 62, 208.96, 154.5, 410.2, 32.35, 514.41),
    Expected("ENF", 121, 19, 128.41, 91.0, 291.0, 38.84, 301.94),
    Expected("INF", 1120, 418, 118.25, 83.0, 285.0, 42.50, 174.56),
    Expected("MED", 16, 0, 18.69, 0.0, 74.0, 87.50, 42.94),
    Expected("WIT", 9, 4, 342.11, 306.0, 719.0, 22.22, 265.11),
]


def the_day(office: Office) -> tuple[Profile, Reading]:
    profile = load(PROFILE)
    return profile, read(
        profile, RowReader(profile, frozenset(office.standards.services), DAY), [FILE]
    )


async def test_the_real_day_comes_out_as_its_file_says_once(office: Office) -> None:
    profile, reading = the_day(office)
    dry = (await plan(office, profile, reading)).report
    assert await log(office) == []
    report = await import_visits(office, profile, reading, lambda _: lambda _: None)

    assert report == dry
    assert (report.rows, report.visits, report.new, report.errors) == (2375, 2237, 2237, ())
    assert report.skipped == {"hung-up-before-waiting": 120, "phantom-call": 18}
    assert report.complete
    found = [Expected(**dict(row)) for row in await office.pool.fetch(SQL.figures, DAY)]
    assert found == EXPECTED

    events = await log(office)
    assert {said.origin for said in events} == {"import"}
    assert {said.service_day for said in events} == {DAY}
    assert [said.type for said in (events[0], events[-1])] == ["day.opened.v1", "day.closed.v1"]
    manifest = events[-1].data
    assert isinstance(manifest, DayClosed)
    assert manifest.visits == 2237
    assert [
        (row.service, row.served, row.left, round(row.wait_ms / row.served / 1000, 2))
        for row in manifest.services
    ] == [(row.service, row.served, row.left, row.mean_wait) for row in EXPECTED]
    assert sum(row.implausible for row in manifest.services) == 0

    again = await import_visits(office, profile, reading, lambda _: lambda _: None)
    assert (again.visits, again.new) == (2237, 0)
    assert "imported before" in list(again.lines())[-1]
    assert await log(office) == events
