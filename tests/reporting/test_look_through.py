"""What an earlier release has stored is looked through once: no infinity stays, none can come."""

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import pytest

from libs.database.migrations import upgrade
from libs.database.pool import connections
from libs.events.codes import CorrectionReason
from libs.events.visits import EndCorrection, VisitCorrected
from services.reporting.cli import VERSIONS
from services.reporting.ingest.event_store import digest
from tests.databases import FreshDatabase
from tests.reporting.messages import DAY, SITE, one_day, rewritten
from tests.reporting.nation import SQL, Nation, nation_on
from tests.reporting.streams import Message, local

BEFORE = ("0001", "0002", "0003", "0004", "0005", "0006")


def earlier(folder: Path) -> Path:
    """The migrations of the release before."""
    for step in VERSIONS.glob("*.py"):
        if step.name[:4] in BEFORE:
            shutil.copy(step, folder)
    return folder


def stored() -> list[Message]:
    """A day's events as an earlier release took them: one is timed by an epoch number, one of a
    booking in the year 1, one of a correction to the year 9999."""
    streams = one_day(8)
    told = next(told for told in streams.visits[DAY] if told.started)
    end = EndCorrection(field="ended_at", old=None, new=datetime(2026, 3, 2, 9, tzinfo=UTC))
    event = VisitCorrected(step=1, correction=end, reason=next(iter(CorrectionReason)))
    streams.ticketing.emit(event, told.visit, local(DAY, 18, 0), DAY)
    messages = streams.ticketing.sent
    far = messages[-1]
    messages[-1] = rewritten(
        far,
        lambda raw: raw.replace(b'"new":"2026-03-02T09:00:00Z"', b'"new":"9999-12-31T23:59:59Z"'),
    )
    assert messages[-1].value != far.value
    booked = next(n for n, one in enumerate(messages) if b"visit.issued" in (one.value or b""))
    messages[booked] = rewritten(
        messages[booked],
        lambda raw: raw.replace(b'"appointment":null', b'"appointment":"0001-01-01T00:00:00Z"'),
    )
    timed = next(n for n, one in enumerate(messages) if b"counter.opened" in (one.value or b""))
    odd = messages[timed].value or b""
    before, _, rest = odd.partition(b'"time":"')
    messages[timed] = messages[timed]._replace(
        value=before + b'"time":"1764000000"' + rest[rest.index(b'"') + 1 :]
    )
    return messages


async def fill(owner: asyncpg.Pool, messages: Sequence[Message]) -> None:
    """Put rows into the tables, as they were."""
    for number, message in enumerate(messages, start=1):
        raw = message.value or b""
        subject = (
            raw.split(b'"subject":"')[1].split(b'"')[0].decode() if b"subject" in raw else None
        )
        kind = raw.split(b'"type":"')[1].split(b'"')[0].decode()
        id_ = raw.split(b'"id":"')[1].split(b'"')[0].decode()
        await owner.execute(
            SQL.store_as_before, SITE, number, id_, kind, subject, DAY, raw.decode(), digest(raw)
        )
    await owner.execute(SQL.reach_as_before, SITE, len(messages))
    await owner.execute(SQL.odd_step_as_before, SITE)
    await owner.execute(SQL.odd_progress_as_before, SITE)
    await owner.execute(SQL.odd_beat_as_before, SITE)
    await owner.execute(SQL.odd_stale_as_before)
    await owner.execute(SQL.odd_notice_as_before, SITE)


async def test_what_is_stored_is_looked_through(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    database = await fresh_database("reporting", migrated=False)
    owner = database.owner("reporting")
    await upgrade(owner, "reporting", earlier(tmp_path))
    messages = stored()
    async with connections(owner, "by-hand", most=1) as pool:
        await fill(pool, messages)
    await upgrade(owner, "reporting", VERSIONS)
    async with nation_on(database) as nation:
        await its_events(nation, messages)
        await its_other_rows(nation)
        assert await nation.check() == []
        for statement in ("infinite_beat", "infinite_stale", "infinite_notice", "infinite_step"):
            with pytest.raises(asyncpg.CheckViolationError):
                await nation.owner.execute(getattr(SQL, statement))


async def its_events(nation: Nation, messages: Sequence[Message]) -> None:
    times = await nation.rows("times")
    assert len(times) == len(messages) - 1
    assert all(row["happened_at"] and row["recorded_at"] for row in times)
    (vacant,) = await nation.rows("vacancies")
    assert (vacant["reason"], vacant["service_day"]) == ("refused", DAY)
    (kept,) = await nation.rows("quarantined")
    assert (kept["reason"], kept["offset"]) == ("poison", -1)
    assert b"1764000000" in kept["raw"]
    steps = await nation.rows("steps")
    assert sum(step["odd_appointment"] for step in steps) == 1
    (corrected,) = [step for step in steps if step["odd_end"]]
    assert corrected["ended_at"] is None
    assert sum(step["events"] for step in steps) == sum(
        b'"type":"visit.' in (message.value or b"") for message in messages
    )


async def its_other_rows(nation: Nation) -> None:
    assert (await nation.rows("infinities"))[0]["count"] == 0
    (beat,) = await nation.rows("whole_beats")
    assert (beat["oldest_unsent"], beat["certificate_until"]) == (None, None)
    (notice,) = await nation.rows("notices_until")
    assert notice["until"] == datetime(2026, 12, 1, tzinfo=UTC)
    days = {row["service_day"] for row in await nation.rows("states")}
    assert days == {date(2026, 3, 2)}
