"""The import of an export: wrong rows, repeated files, live days, days imported half-way."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from libs.database.statements import statements
from libs.events.codes import Channel
from libs.events.visits import DayClosed, VisitCalled, VisitIssued
from services.ticketing import errors
from services.ticketing.imports.importing import SQL as IMPORTS
from services.ticketing.imports.importing import import_visits, plan
from services.ticketing.imports.profile import ProfileError
from services.ticketing.imports.report import Report
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office
from services.ticketing.reads import day_book, days
from services.ticketing.usecases import close_day, issue, open_day
from tests.ticketing.exports import FIRST, PROFILE, ROWS, SECOND, export, profile_in, reading
from tests.ticketing.log import log
from tests.ticketing.offices import DAY, clock_of

SQL = statements("tests.ticketing", "sql/queue.sql")


async def take_in(office: Office, folder: Path, *paths: Path) -> Report:
    profile = profile_in(folder)
    return await import_visits(
        office, profile, reading(office, profile, *paths), lambda _: lambda _: None
    )


async def test_an_export_of_two_days_becomes_two_closed_days(
    office: Office, tmp_path: Path
) -> None:
    report = await take_in(office, tmp_path, export(tmp_path, *ROWS))
    assert report.complete
    assert (report.rows, report.visits, report.skipped) == (6, 5, {"test-ticket": 1})
    assert [(day.day, day.new) for day in report.days] == [(FIRST, 4), (SECOND, 1)]
    assert [(day.day, day.open, day.revision) for day in await days(office, 9)] == [
        (SECOND, False, 1),
        (FIRST, False, 1),
    ]
    # In order of arrival, whatever the order of the file.
    book = await day_book(office, FIRST)
    assert [(step.ticket[1:], step.calls, step.counter) for step in book] == [
        ("001", 0, None),
        ("002", 1, 1),
        ("001", 1, 2),
        ("003", 1, 1),
    ]
    # Past midnight, the clock goes on.
    [late] = await day_book(office, SECOND)
    assert late.ended_at is not None
    assert late.started_at is not None
    assert (late.ended_at - late.started_at).total_seconds() == 12 * 60
    assert late.queued_at.isoformat() == "2021-12-03T16:50:00+00:00"


async def test_imported_calls_claim_nothing_and_offer_nothing(
    office: Office, tmp_path: Path
) -> None:
    await take_in(office, tmp_path, export(tmp_path, *ROWS))
    events = await log(office)
    assert {said.origin for said in events} == {"import"}
    assert all(s.data.out_of_order is None for s in events if isinstance(s.data, VisitCalled))
    assert not any(s.data.feedback_link for s in events if isinstance(s.data, VisitIssued))
    assert Counter(said.type for said in events if said.subject is None) == {
        "day.opened.v1": 2,
        "day.closed.v1": 2,
    }


WRONG = {
    "02/12/2021,info,no,9h00,09:05,09:12,7,done\n": "came: '9h00' is no clock time",
    "02/12/2021,cake,no,09:00,09:05,09:12,7,done\n": "desk: 'cake' is no known service",
    "02/12/2021,info,vip,09:00,09:05,09:12,7,done\n": "fast: 'vip' is no known class",
    "2021-12-02,info,no,09:00,09:05,09:12,7,done\n": "day: '2021-12-02' is no date",
    "02/12/2021,info,no,09:00,-,09:12,7,done\n": "called: no clock time",
    "02/12/2021,info,no,09:00,09:05,09:12,7,lost\n": "result: no rule fits 'lost'",
    "02/12/2021,info,no,09:00\n": "4 values where the header names 8",
    "02/12/2564,info,no,09:00,09:05,09:12,7,done\n": "the year 2564 is counted in the Buddhist Era",
    "02/12/0001,info,no,09:00,09:05,09:12,7,done\n": "0001-12-02 lies outside the years",
    "31/12/9999,info,no,23:50,23:58,00:10,7,done\n": "9999-12-31 lies outside the years",
    "01/01/1990,info,no,06:00,06:05,06:12,7,done\n": "1990-01-01 06:00:00 lies outside the years",
    "02/12/2021,in\x1b[2Jfo,no,09:00,09:05,09:12,7,done\n": "desk: 'in\\x1b[2Jfo' is no known",
}


async def test_wrong_rows_are_named_with_their_lines_and_stop_nothing(
    office: Office, tmp_path: Path
) -> None:
    report = await take_in(office, tmp_path, export(tmp_path, ROWS[0], *WRONG, ROWS[1]))
    assert [(error.file, error.line) for error in report.errors] == [
        ("export.csv", line) for line in range(3, 3 + len(WRONG))
    ]
    for error, words in zip(report.errors, WRONG.values(), strict=True):
        assert words in error.what
        assert error.mend
    assert (report.visits, report.complete) == (2, False)
    assert len(await day_book(office, FIRST)) == 2


async def test_a_buddhist_year_is_named_with_its_line_and_mended_by_the_hint(
    office: Office, tmp_path: Path
) -> None:
    row = ROWS[0].replace("2021", "2564")
    report = await take_in(office, tmp_path, export(tmp_path, *ROWS, row))
    [error] = report.errors
    assert (error.file, error.line) == ("export.csv", len(ROWS) + 2)
    assert error.mend == "write the year 2021 (2564 - 543)"
    assert report.visits == 5


async def test_the_service_day_of_an_early_visitor_is_the_local_one(
    office: Office, tmp_path: Path
) -> None:
    # By UTC each of these came the day before.
    early = (
        "02/12/2021,info,no,00:05,00:10,00:20,7,done\n",
        "02/12/2021,info,no,06:59,07:01,07:05,7,done\n",
    )
    report = await take_in(office, tmp_path, export(tmp_path, *early))
    assert [(day.day, day.new) for day in report.days] == [(FIRST, 2)]
    assert [step.queued_at.isoformat() for step in await day_book(office, FIRST)] == [
        "2021-12-01T17:05:00+00:00",
        "2021-12-01T23:59:00+00:00",
    ]
    assert {said.service_day for said in await log(office)} == {FIRST}


async def test_a_column_that_stands_twice_is_refused(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("day,desk,fast,came,called,went,room,result,came\n" + "x," * 8 + "x\n")
    report = await take_in(office, tmp_path, path)
    [error] = report.errors
    assert error.what == "the file has the column came twice"


async def test_the_dry_run_has_the_same_report(office: Office, tmp_path: Path) -> None:
    path = export(tmp_path, *ROWS, *WRONG)
    profile = profile_in(tmp_path)
    dry = (await plan(office, profile, reading(office, profile, path))).report
    assert await log(office) == []
    assert await take_in(office, tmp_path, path) == dry
    assert list(dry.lines())


async def test_new_rows_of_an_imported_day_make_its_next_revision(
    office: Office, tmp_path: Path
) -> None:
    await take_in(office, tmp_path, export(tmp_path, *ROWS[:2]))
    report = await take_in(office, tmp_path, export(tmp_path, *ROWS))
    assert [(day.day, day.visits, day.new) for day in report.days] == [
        (FIRST, 4, 2),
        (SECOND, 1, 1),
    ]
    manifests = [
        (said.service_day, said.data.revision, said.data.visits)
        for said in await log(office)
        if isinstance(said.data, DayClosed)
    ]
    assert manifests == [(FIRST, 1, 2), (FIRST, 2, 4), (SECOND, 1, 1)]


async def test_another_row_under_an_imported_line_is_an_error(
    office: Office, tmp_path: Path
) -> None:
    await take_in(office, tmp_path, export(tmp_path, *ROWS[:2]))
    before = await log(office)
    report = await take_in(office, tmp_path, export(tmp_path, ROWS[3], ROWS[1]))
    [error] = report.errors
    assert (error.line, report.new) == (2, 0)
    assert "another row was imported before" in error.what
    assert await log(office) == before


async def test_two_files_cannot_share_a_day(office: Office, tmp_path: Path) -> None:
    first = export(tmp_path, ROWS[0], name="a.csv")
    second = export(tmp_path, ROWS[1], name="b.csv")
    report = await take_in(office, tmp_path, first, second)
    [error] = report.errors
    assert (error.file, report.visits) == ("b.csv", 1)


async def test_a_day_that_was_worked_live_is_refused_and_the_others_are_not(
    office: Office, tmp_path: Path
) -> None:
    then = replace(office, clock=clock_of(FIRST))
    await open_day(then, FIRST)
    await issue(then, TicketRequest("INF", Channel.KIOSK))
    await close_day(then, FIRST)
    report = await take_in(office, tmp_path, export(tmp_path, *ROWS))
    assert [(day.refused is not None, day.new) for day in report.days] == [(True, 0), (False, 1)]
    assert not report.complete
    assert len(await day_book(office, FIRST)) == 1
    assert len(await day_book(office, SECOND)) == 1


async def test_a_past_day_is_imported_while_the_office_works(
    office: Office, tmp_path: Path
) -> None:
    await open_day(office, DAY)
    await take_in(office, tmp_path, export(tmp_path, *ROWS))
    await issue(office, TicketRequest("INF", Channel.KIOSK))
    assert (await close_day(office, DAY)).visits == 1


class Stopped(Exception):
    """The process was stopped."""


async def test_an_import_stopped_half_way_goes_on_where_it_was(
    office: Office, tmp_path: Path
) -> None:
    path = export(tmp_path, *ROWS)
    profile = profile_in(tmp_path)
    done = 0

    def stop_at_the_third(_: Report):
        def one_more(count: int) -> None:
            nonlocal done
            done += count
            if done == 3:
                raise Stopped

        return one_more

    with pytest.raises(Stopped):
        await import_visits(office, profile, reading(office, profile, path), stop_at_the_third)
    assert len(await day_book(office, FIRST)) == 3
    with pytest.raises(errors.ImportUnderWay):
        await close_day(office, FIRST)
    report = await take_in(office, tmp_path, path)
    assert report.new == 2
    manifests = [said.data for said in await log(office) if isinstance(said.data, DayClosed)]
    assert [(one.revision, one.visits) for one in manifests] == [(1, 4), (1, 1)]


async def test_two_imports_at_once_do_not_mix(office: Office, tmp_path: Path) -> None:
    path = export(tmp_path, *ROWS)
    profile = profile_in(tmp_path)
    rows = reading(office, profile, path)
    async with office.pool.acquire() as other:
        assert await other.fetchval(IMPORTS.lock_imports)
        with pytest.raises(errors.ImportUnderWay):
            await import_visits(office, profile, rows, lambda _: lambda _: None)
    assert await log(office) == []


async def test_a_past_that_outgrew_a_series_goes_on_in_a_spare_letter(
    office: Office, tmp_path: Path
) -> None:
    rows = [
        f"02/12/2021,info,no,{n // 600 + 8:02}:{n // 10 % 60:02},-,18:00,,gone\n" for n in range(5)
    ]
    await take_in(office, tmp_path, export(tmp_path, *rows[:1]))
    await office.pool.execute(SQL.nearly_use_up_series)
    await take_in(office, tmp_path, export(tmp_path, *rows))
    letters = [step.ticket for step in await day_book(office, FIRST)]
    own = office.standards.services["INF"].series
    taken = {service.series for service in office.standards.services.values()}
    assert letters[:3] == [f"{own}001", f"{own}9998", f"{own}9999"]
    assert letters[3][0] not in taken
    assert [one[1:] for one in letters[3:]] == ["001", "002"]


async def test_a_file_for_another_profile_is_refused_as_a_whole(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    [error] = (await take_in(office, tmp_path, path)).errors
    assert error.line == 1
    assert "came" in error.what


FAULTS = {
    PROFILE.replace("clock: called}", "sun: called}"): (11, "moments.called"),
    PROFILE.replace("Asia/Bangkok", "Asia/Atlantis"): (2, "time_zone"),
    PROFILE.replace("  started: {after: called}\n", ""): (1, "`moments` lacks `started`"),
    PROFILE.replace("{after: called}", "{after: started}"): (1, "`started` comes after itself"),
    PROFILE.replace("outcome: left", "outcome: lost"): (19, "rows.rules.1.outcome"),
    PROFILE.replace("info: INF", "info: Information"): (5, "service.codes.info"),
    PROFILE + "colour: red\n": (22, "colour"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_wrong_profile_says_where(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        profile_in(tmp_path, text)
    line, words = FAULTS[text]
    fault = caught.value.faults[0]
    assert words in fault.what
    assert fault.line == line
