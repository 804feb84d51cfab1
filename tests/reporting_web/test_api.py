"""The API over HTTP, on a real database that the real ingest filled."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID

import httpx
import pytest

from libs.events.codes import Channel, Outcome, TimeQuality, VisitorClass
from libs.events.visits import VisitCalled, VisitEnded, VisitIssued, VisitStarted
from libs.standards.standards import Standards
from libs.standards.timeline import Period, Timeline
from libs.standards.values import Source, SourceMark, Target
from tests.databases import FreshDatabase
from tests.reporting.streams import SiteStreams
from tests.reporting_web.country import DAYS, SITES, STANDARDS, Country, country
from tests.serving import operator

Json = Mapping[str, object]
MARCH = "from=2026-03-01&to=2026-03-31"
NUMBERS = ("value", "n", "numerator", "denominator")


@pytest.fixture
async def nation(fresh_database: FreshDatabase) -> AsyncGenerator[Country]:
    async with country(await fresh_database("reporting")) as made:
        yield made


async def get(client: httpx.AsyncClient, path: str, status: int = 200) -> Json:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return cast("Json", answer.json())


def at(body: object, *path: str | int) -> object:
    for key in path:
        body = cast("Mapping[str | int, object]", body)[key]
    return body


def figures_in(body: object) -> Iterator[Json]:
    """Every figure anywhere in an answer."""
    if isinstance(body, dict):
        body = cast("dict[str, object]", body)
        if "suppressed" in body:
            yield body
        for one in body.values():
            yield from figures_in(one)
    elif isinstance(body, list):
        for one in cast("list[object]", body):
            yield from figures_in(one)


async def test_the_nation_counts_what_its_sites_counted(nation: Country) -> None:
    await nation.play(visits=20)
    async with nation.browser() as client:
        body = await get(client, f"/api/national?{MARCH}")
        sites = [await get(client, f"/api/sites/{code}?{MARCH}") for code in SITES]
        cards = await get(client, f"/api/scorecards?{MARCH}")
    assert [at(site, "site", "code") for site in cast("list[Json]", body["sites"])] == list(SITES)
    visits = [cast("float", at(site, "figures", "visits", "value")) for site in sites]
    assert at(body, "nation", "figures", "visits", "value") == sum(visits) == 60 * len(SITES)
    assert at(body, "coverage", "complete") == 3 * len(SITES)
    assert at(body, "data_until") == "2026-03-18T10:00:00Z"
    for answer in (body, cards, *sites):
        assert answer["working_model"] is True
        assert "GECC" in cast("str", at(answer, "edition", "notice_th"))
        assert "suppression" in answer
    assert at(cards, "scorecards", 0, "scorecard", "working_model") is True
    states = {
        at(one, "state")
        for one in cast("list[Json]", at(cards, "scorecards", 3, "scorecard", "findings"))
    }
    assert {"not_yet_measured", "attested_none"} <= states
    for answer in (body, *sites):
        assert all(one["n"] not in (1, 2, 3, 4) for one in figures_in(answer))


async def test_the_share_of_answers_on_tickets_of_the_staff_stands_with_the_answers(
    nation: Country,
) -> None:
    await nation.play(visits=60, sites=("pjo-50",))
    async with nation.browser() as client:
        body = await get(client, f"/api/sites/pjo-50?{MARCH}")
        page = await client.get("/sites/pjo-50?period=month&of=2026-03-18&lang=en")
    share = cast("Mapping[str, float]", at(body, "figures", "staff_issued_share"))
    assert (
        0
        < share["numerator"]
        < share["denominator"]
        < cast("float", at(body, "figures", "responses", "value"))
    )
    section = page.text.partition('id="satisfaction"')[2].partition("</section>")[0]
    assert "Answers on tickets that staff issued" in section
    assert f"{100 * share['value']:.1f}" in section


async def test_nothing_about_fewer_than_five_is_told(nation: Country) -> None:
    few = SiteStreams("pjo-57", seed=4, services=("ADV",))
    few.play(DAYS[0], visits=4)
    await nation.take(few)
    await nation.play(visits=15, sites=("pjo-50", "led-bkk4"))
    async with nation.browser() as client:
        site = await get(client, f"/api/sites/pjo-57?{MARCH}")
        body = await get(client, f"/api/national?{MARCH}")
    for one in figures_in(site):
        assert not any(one[name] for name in NUMBERS), one
    assert at(body, "nation", "left_out", "visits") == ["pjo-57"]
    assert at(body, "nation", "figures", "visits", "value") == 90
    assert at(site, "days", 0, "state") == "complete"


async def test_a_range_over_several_kinds_of_days(nation: Country) -> None:
    streams = SiteStreams("pjo-50", seed=1)
    streams.play(DAYS[0], visits=12, corrections=1)
    streams.open(DAYS[1])
    streams.serve(DAYS[1], visits=8)
    await nation.take(streams)
    async with nation.browser() as client:
        body = await get(client, f"/api/sites/pjo-50?{MARCH}")
    days = cast("list[Json]", body["days"])
    assert [(one["day"], one["state"], one["revision"]) for one in days] == [
        ("2026-03-16", "complete", 2),
        ("2026-03-17", "open", None),
        ("2026-03-18", "missing", None),
    ]
    assert at(body, "coverage", "share") == pytest.approx(1 / 3)


async def test_before_the_first_edition_nothing_is_judged(nation: Country) -> None:
    long_ago = SiteStreams("pjo-50", seed=1)
    long_ago.play(date(2019, 8, 1), visits=12)
    await nation.take(long_ago)
    async with nation.browser() as client:
        body = await get(client, "/api/sites/pjo-50?from=2019-08-01&to=2019-08-01")
    assert (body["edition"], body["scorecard"], body["working_model"]) == (None, None, False)
    assert at(body, "figures", "wait_mean", "value") is not None
    within = at(body, "figures", "wait_within_target")
    assert (at(within, "value"), at(within, "n")) == (None, 0)


async def test_a_target_changed_within_the_month_judges_each_day_by_its_own(
    fresh_database: FreshDatabase,
) -> None:
    """Ten waits of 12 minutes on each of two days: 15 minutes allowed, then 10."""
    standards = with_targets((date(2026, 3, 1), 15), (date(2026, 3, 17), 10))
    async with country(await fresh_database("reporting"), standards) as nation:
        streams = SiteStreams("pjo-50", seed=1)
        for day in DAYS[:2]:
            for number in range(10):
                wait(streams, day, number, minutes=12)
        await nation.take(streams)
        async with nation.browser() as client:
            month = await get(client, "/api/sites/pjo-50?from=2026-03-01&to=2026-03-31")
            days = [await get(client, f"/api/sites/pjo-50?from={d}&to={d}") for d in DAYS[:2]]
    assert [at(one, "figures", "wait_within_target", "value") for one in days] == [1, 0]
    within = at(month, "figures", "wait_within_target")
    assert (at(within, "numerator"), at(within, "denominator")) == (10, 20)


async def test_an_answer_that_has_not_changed_is_not_sent_again(nation: Country) -> None:
    await nation.play(visits=6, sites=("pjo-50",))
    async with nation.browser() as client:
        first = await client.get(f"/api/national?{MARCH}")
        tag = first.headers["etag"]
        again = await client.get(f"/api/national?{MARCH}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["cache-control"] == "public, max-age=15"
        more = SiteStreams("pjo-41", seed=3)
        more.play(DAYS[0], visits=7)
        await nation.take(more)
        async with asyncio.timeout(60):
            while (
                await client.get(f"/api/national?{MARCH}", headers={"If-None-Match": tag})
            ).status_code == 304:
                await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("from=2026-03-16", "to"),
        ("from=16/3/2026&to=2026-03-17", "Write a day that exists as YYYY-MM-DD"),
        ("from=1700000000&to=2026-03-17", "Write a day that exists as YYYY-MM-DD"),
        ("from=2026-03-17&to=2026-03-16", "exchange them"),
        ("from=2569-03-16&to=2569-03-17", "Write the year 2026 (2569 - 543)"),
        ("from=2015-03-16&to=2026-03-17", "ask for less"),
    ],
)
async def test_a_question_that_cannot_be_answered(nation: Country, query: str, why: str) -> None:
    async with nation.browser() as client:
        for path in ("national", "scorecards", "sites/pjo-50"):
            body = await get(client, f"/api/{path}?{query}", 422)
            mend = cast("dict[str, str]", body["mend"])
            assert why in f"{body['where']} {mend['en']}"
            assert set(mend) == {"th", "en"}


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-03-16&to=2026-03-18",
        "from=2026-03-09&to=2026-03-15",
        "from=2026-03-01&to=2026-03-18",
        "from=2025-01-01&to=2025-12-31",
    ],
)
async def test_days_that_are_no_calendar_period_are_refused_with_the_mend(
    nation: Country, query: str
) -> None:
    """23 to 25 less 23 to 24 November is one day, of however few people."""
    async with nation.browser() as client:
        for path in ("national", "scorecards", "sites/pjo-50"):
            body = await get(client, f"/api/{path}?{query}", 422)
            assert body["code"] == "period"
            assert "a quarter or a fiscal year" in cast("str", at(body, "mend", "en"))
            assert "ไตรมาส หรือปีงบประมาณ" in cast("str", at(body, "mend", "th"))
            first = date.fromisoformat(query[5:15])
            assert f"{first} to {first}" in cast("str", body["where"]), "the nearest are named"


async def test_public_periods_are_answered_and_weeks_are_none(nation: Country) -> None:
    await nation.play(visits=6, sites=("pjo-50",))
    async with nation.browser() as client:
        for first, last, kind in (
            ("2026-03-16", "2026-03-16", "day"),
            ("2026-03-01", "2026-03-31", "month"),
            ("2026-01-01", "2026-03-31", "quarter"),
            ("2025-10-01", "2026-09-30", "year"),
        ):
            body = await get(client, f"/api/national?from={first}&to={last}")
            assert at(body, "period", "kind") == kind
            page = await client.get(f"/?period={kind}&of={first}&lang=en")
            assert page.status_code == 200
        assert (
            "Quarter 2 of fiscal year B.E. 2569"
            in (await client.get("/?period=quarter&of=2026-03-16&lang=en")).text
        )
        assert (
            "ไตรมาส 2 ปีงบประมาณ พ.ศ. 2569"
            in (await client.get("/?period=quarter&of=2026-03-16&lang=th")).text
        )
        assert (await client.get("/?period=week&of=2026-03-16")).status_code == 422


async def test_on_a_sunday_no_office_is_judged(nation: Country) -> None:
    await nation.play(visits=20)
    async with nation.browser() as client:
        sunday = await get(client, "/api/scorecards?from=2026-03-15&to=2026-03-15")
        month = await get(client, f"/api/scorecards?{MARCH}")
        page = (await client.get("/?period=day&of=2026-03-15&lang=en")).text
        office = (await client.get("/sites/pjo-50?period=day&of=2026-03-15&lang=th")).text
        whole = (await client.get("/?period=month&of=2026-03-15&lang=en")).text
    for answer, standing in ((sunday, "not_judged"), (month, "points")):
        for one in cast("list[Json]", answer["scorecards"]):
            card = cast("Json", one["scorecard"])
            assert (card["standing"], card["level"], card["lift"]) == (standing, None, None)
            assert (card["points"] is None) is (standing == "not_judged")
    for text in (page, whole):
        assert "Below" not in text
        assert "Basic" not in text
    assert page.count("Not judged") == len(SITES)
    assert "of 28 points" not in page
    assert "No level is named" in whole
    assert "ยังไม่ตัดสิน" in office


async def test_ratings_are_not_shown_as_people(nation: Country) -> None:
    await nation.play(visits=20)
    async with nation.browser() as client:
        body = await get(client, f"/api/national?{MARCH}")
        english = (await client.get("/?period=month&of=2026-03-16&lang=en")).text
        thai = (await client.get("/?period=month&of=2026-03-16&lang=th")).text
    ratings = cast("int", at(body, "nation", "figures", "satisfaction_top2", "n"))
    assert ratings > cast("int", at(body, "nation", "figures", "responses", "value"))
    assert f"{ratings:,}\N{NO-BREAK SPACE}ratings" in english
    assert f"{ratings:,}\N{NO-BREAK SPACE}คะแนนรายด้าน" in thai
    for text in (english, thai):
        assert f"n\N{NO-BREAK SPACE}{ratings:,}" not in text


async def test_an_office_that_is_none(nation: Country) -> None:
    async with nation.browser() as client:
        body = await get(client, f"/api/sites/pjo-99?{MARCH}", 404)
        assert body["code"] == "no_such_site"
        await get(client, f"/api/sites/nobody?{MARCH}", 422)
        assert len(cast("list[Json]", (await get(client, "/api/sites"))["sites"])) == len(
            STANDARDS.sites
        )


async def test_every_answer_is_described(nation: Country) -> None:
    async with operator(nation.app) as client:
        described = await get(client, "/api/openapi.json")
    paths = cast("Json", described["paths"])
    for path in ("/api/national", "/api/sites", "/api/sites/{code}", "/api/scorecards"):
        answer = at(paths, path, "get", "responses", "200", "content", "application/json")
        assert "$ref" in json.dumps(answer)


def with_targets(*targets: tuple[date, int]) -> Standards:
    """The standards with wait targets of our own for legal advice, in minutes."""
    source = Source(SourceMark.WORKING, "for tests")
    periods = (
        Period(start, None, Target(minutes * 60_000, 3_600_000, source))
        for start, minutes in targets
    )
    every = dict(STANDARDS.targets) | {(None, "ADV"): Timeline(periods)}
    return replace(STANDARDS, version="0" * 64, targets=every)


def wait(streams: SiteStreams, day: date, number: int, minutes: int) -> None:
    """One visit for legal advice that waits so long."""
    entered = datetime(day.year, day.month, day.day, 2, number, tzinfo=UTC)
    called = entered.replace(minute=number + minutes)
    visit = UUID(int=(day.toordinal() << 64) + number)
    issued = VisitIssued(
        step=1, ticket=f"A{number:03}", service="ADV", channel=Channel.KIOSK,
        visitor_class=VisitorClass.NORMAL, appointment=None, estimate=None, feedback_link=False,
    )  # fmt: skip
    for data, moment in (
        (issued, entered),
        (VisitCalled(step=1, counter=1, call=1, out_of_order=None), called),
        (VisitStarted(step=1, counter=1), called),
        (VisitEnded(step=1, outcome=Outcome.SERVED, time_quality=TimeQuality.ACTUAL), called),
    ):
        streams.ticketing.emit(data, visit, moment, day)
