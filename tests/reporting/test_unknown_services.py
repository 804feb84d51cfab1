"""Services that the standards don't know: counted under one code until the standards know them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice, product
from string import ascii_uppercase

import pytest

from libs.database.types import Pool
from libs.events.codes import Channel, VisitorClass
from libs.events.visits import VisitIssued
from libs.standards import Service, Standards
from services.reporting.ingest.batch import Ingest, StandardsChanged
from services.reporting.model.periods import Period
from services.reporting.model.rollups import UNKNOWN_SERVICE
from services.reporting.model.targets import Yardsticks
from services.reporting.reads import questions, rollup_sums
from services.reporting.reads.questions import Asked
from services.reporting.verification import rebuild
from services.reporting.verification.reconcile import Question, reconcile
from tests.reporting.nation import Nation, no_report, standards
from tests.reporting.streams import SiteStreams, local, uuid7

SITE = "pjo-50"
DAY = date(2026, 3, 2)
THE_DAY = (SITE, str(DAY))
DISPUTED = ("disputed", "service_unknown")
TABLES = {"steps", "feedback", "feedback days", "step manifests", "answer manifests"}


def one_day(*services: str, visits: int = 30) -> SiteStreams:
    streams = SiteStreams(SITE, 7, services)
    streams.play(DAY, visits)
    return streams


def knowing(*codes: str) -> Standards:
    """The standards, with services of these codes besides."""
    known = standards()
    more = {code: Service(code, "Z", f"บริการ {code}", f"Service {code}", None) for code in codes}
    return replace(known, version=f"knows {codes}", services={**known.services, **more})


async def counted(nation: Nation) -> dict[str, set[str]]:
    """The services under which each table counts."""
    found: dict[str, set[str]] = {}
    for row in await nation.rows("counted_services"):
        found.setdefault(row["of"], set()).add(row["service"])
    return found


def everywhere(services: set[str]) -> dict[str, set[str]]:
    return dict.fromkeys(TABLES, services)


async def test_they_are_kept_and_counted_under_one_code(nation: Nation) -> None:
    await nation.take_all(one_day("INF", "NEW", "AB-CD").messages)
    assert {row["service"] for row in await nation.rows("steps")} == {"INF", "NEW", "AB-CD"}
    assert await counted(nation) == everywhere({"INF", UNKNOWN_SERVICE})
    assert await nation.states() == {THE_DAY: DISPUTED}
    (compared,) = await nation.rows("compared")
    assert compared["differing"] == 0
    assert await nation.check() == []


async def test_the_totals_compare_under_the_same_code(nation: Nation) -> None:
    await nation.take_all(one_day("NEW", "AB-CD").messages)
    await nation.alter("alter_manifest_steps")
    found = await reconcile(nation.pool, Question(DAY, DAY))
    assert ["unknown, wait_ms: the site says" in line for line in found.differences] == [True]
    assert [line.split(": ")[0] for line in found.unknown] == [f"{SITE} {DAY}"]
    assert "AB-CD, NEW" in found.unknown[0]


async def test_a_day_need_not_be_closed_to_be_disputed(nation: Nation) -> None:
    """Nothing that comes by itself makes the service known."""
    streams = SiteStreams(SITE, 7, ("NEW",))
    streams.open(DAY)
    streams.serve(DAY, 3)
    await nation.take_all(streams.ticketing.sent[1:])
    assert await nation.states() == {THE_DAY: DISPUTED}


async def test_new_standards_that_know_the_code_count_it_anew(nation: Nation) -> None:
    streams = one_day("INF", "NEW", "AB-CD")
    await nation.take_all(streams.messages)
    half = Yardsticks(knowing("NEW"))
    with pytest.raises(StandardsChanged):
        await Ingest(await in_force(nation, half), nation.yardsticks).take(streams.messages)
    assert await nation.states() == {THE_DAY: DISPUTED}
    assert await counted(nation) == everywhere({"INF", "NEW", UNKNOWN_SERVICE})
    whole = Yardsticks(knowing("NEW", "AB-CD"))
    await in_force(nation, whole)
    assert await nation.states() == {THE_DAY: ("complete", None)}
    assert await counted(nation) == everywhere({"INF", "NEW", "AB-CD"})
    assert await rebuild.check(nation.pool, whole, no_report) == []
    assert (await reconcile(nation.pool, Question(DAY, DAY))).unknown == []


async def in_force(nation: Nation, yardsticks: Yardsticks) -> Pool:
    """The nation's database, once all is judged by ``yardsticks``."""
    assert await rebuild.prepare(nation.pool, yardsticks, no_report)
    return nation.pool


async def test_a_release_that_counts_otherwise_counts_anew(nation: Nation) -> None:
    await nation.take_all(one_day("INF").messages)
    assert not await rebuild.prepare(nation.pool, nation.yardsticks, no_report)
    await nation.alter("count_by_other_rules")
    (difference,) = await nation.check()
    assert difference.table == "standards_in_force"
    assert "counted by rules 0" in difference.what
    assert await rebuild.prepare(nation.pool, nation.yardsticks, no_report)
    assert await nation.check() == []


async def test_a_rating_alone_disputes_its_day(nation: Nation) -> None:
    """Also where its new totals are still awaited."""
    streams = one_day("INF")
    await nation.take_all(streams.messages)
    assert await nation.states() == {THE_DAY: ("complete", None)}
    streams.answer(DAY, "NEW", local(DAY, 18, 0))
    await nation.take_all(streams.feedback.sent[-1:])
    assert await nation.states() == {THE_DAY: DISPUTED}
    found = await reconcile(nation.pool, Question(DAY, DAY))
    assert found.waiting == [f"{SITE} {DAY}: arriving, feedback revision due"]
    assert found.unknown == [f"{SITE} {DAY}: 1 code: NEW"]
    assert await nation.check() == []


def codes() -> Iterator[str]:
    """Codes that have the form of a service's, and are none."""
    for letters in product(ascii_uppercase, repeat=4):
        yield f"Q{''.join(letters[:3])}-Z{letters[3]}"


async def test_however_many_codes_are_made_up_they_cost_one_row(nation: Nation) -> None:
    streams = SiteStreams(SITE, 7)
    many = 5000
    for number, code in enumerate(islice(codes(), many)):
        at = local(DAY, 8 + number % 8, number % 60)
        issued = VisitIssued(
            step=1,
            ticket="A001",
            service=code,
            channel=Channel.KIOSK,
            visitor_class=VisitorClass.NORMAL,
            appointment=None,
            estimate=None,
            feedback_link=False,
        )
        streams.ticketing.emit(issued, uuid7(streams.rng, at), at, DAY)
    await nation.take_all(streams.messages, size=2500)
    rows = {row["service"]: row for row in await nation.rows("counted_services")}
    assert set(rows) == {UNKNOWN_SERVICE}
    assert rows[UNKNOWN_SERVICE]["n"] == many
    hours = 8
    assert rows[UNKNOWN_SERVICE]["rows"] == hours
    asked = Asked(standards(), Period(DAY, DAY), DAY)
    async with rollup_sums.snapshot(nation.pool) as connection:
        view = await questions.one_site(connection, asked, standards().sites[SITE])
    (row,) = view.services
    assert row.service.code == UNKNOWN_SERVICE
    assert row.service.name_th != row.service.name_en
    found = await reconcile(nation.pool, Question(DAY, DAY))
    assert len(found.unknown) == 1
    assert len(found.unknown[0]) < 400
    assert f"{many} codes" in found.unknown[0]
