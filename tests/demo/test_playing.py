"""A day played on a real PostgreSQL: all of it happens, and happens again the same way."""

from collections import Counter
from datetime import date
from typing import Any

from libs.database.statements import statements
from libs.events.codes import Outcome
from libs.events.visits import DayClosed
from libs.service.formats import local_date
from libs.standards import Standards
from saduak.demo.planning import DayPlan, plan
from saduak.demo.playing import Centre, play_day
from saduak.demo.scenario import Scenario
from services.ticketing.reads import day_book
from tests.demo.conftest import NewCentre

SQL = statements("tests.demo", "sql/played.sql")
DAY = date(2026, 11, 18)
SITE = "pjo-30"
"""A site where all that can happen does: crowds, no-shows, forgotten finishes, exceptions."""


def planned(scenario: Scenario, standards: Standards, day: date = DAY) -> DayPlan:
    hours = standards.office_hours(SITE, day)
    assert hours is not None
    return plan(scenario, SITE, day, hours)


async def rows(centre: Centre) -> dict[str, list[dict[str, Any]]]:
    ticketing, feedback = centre.office.pool, centre.desk.office.outbox.pool
    asked = {
        "visits": await ticketing.fetch(SQL.visits),
        "counters": await ticketing.fetch(SQL.counters),
        "corrections": await ticketing.fetch(SQL.corrections),
        "days": await ticketing.fetch(SQL.days),
        "offers": await feedback.fetch(SQL.offers),
        "answers": await feedback.fetch(SQL.answers),
    }
    return {name: [dict(row) for row in found] for name, found in asked.items()}


async def test_a_day_is_played_to_its_end(
    new_centre: NewCentre, scenario: Scenario, standards: Standards
) -> None:
    centre = (await new_centre(SITE)).centre
    its = planned(scenario, standards)
    gone = 0

    def ended() -> None:
        nonlocal gone
        gone += 1

    await play_day(centre, scenario, its, ended)

    book = await day_book(centre.office, DAY)
    assert len(book) == len(its.visitors) == gone
    assert all(record.outcome is not None for record in book)
    assert all(local_date(record.queued_at) == DAY for record in book)
    assert [record.service for record in book if record.service] != []
    outcomes = Counter(record.outcome for record in book)
    assert outcomes[Outcome.SERVED] > 0.7 * len(book)
    [day] = (await rows(centre))["days"]
    assert (day["state"], day["origin"]) == ("closed", "demo")
    assert all(counter["closed_at"] for counter in (await rows(centre))["counters"])

    data = await centre.office.pool.fetchval(SQL.newest_manifest, DAY)
    manifest = DayClosed.model_validate_json(data)
    assert manifest.revision == day["revision"]
    assert manifest.visits == len(book)
    for totals in manifest.services:
        own = [record for record in book if record.service == totals.service]
        assert totals.steps == len(own)
        served = [record for record in own if record.outcome is Outcome.SERVED]
        assert totals.served == len(served)
    assert sum(totals.steps for totals in manifest.services) == len(book)


async def test_visitors_answer_and_each_answer_counts(
    new_centre: NewCentre, scenario: Scenario, standards: Standards
) -> None:
    centre = (await new_centre(SITE)).centre
    its = planned(scenario, standards)
    await play_day(centre, scenario, its, lambda: None)
    found = await rows(centre)
    answers, offers = found["answers"], found["offers"]
    assert len(answers) == sum(offer["answered"] for offer in offers)
    assert 0.03 * len(offers) < len(answers) < 0.4 * len(offers)
    in_the_evening = [answer for answer in answers if answer["counted_day"] is None]
    assert len(in_the_evening) < len(answers)
    assert {answer["origin"] for answer in answers} == {"demo"}


async def test_the_same_seed_plays_the_same_rows(
    new_centre: NewCentre, scenario: Scenario, standards: Standards
) -> None:
    """Two days in a row, so that estimates from yesterday's pace are compared too."""
    played: list[dict[str, list[dict[str, Any]]]] = []
    for _ in range(2):
        centre = (await new_centre(SITE)).centre
        for day in (DAY, date(2026, 11, 19)):
            await play_day(centre, scenario, planned(scenario, standards, day), lambda: None)
        played.append(await rows(centre))
    first, second = played
    assert first["visits"]
    assert first["answers"]
    assert first["corrections"]
    for what, found in first.items():
        assert found == second[what], what


async def test_the_queue_decides_who_is_next(
    new_centre: NewCentre, scenario: Scenario, standards: Standards
) -> None:
    """Called in the order of their effective arrival, but for those passed over with a reason."""
    centre = (await new_centre(SITE)).centre
    fair = scenario.sites[SITE].out_of_turn.model_copy(update={"share": 0.0})
    site = scenario.sites[SITE].model_copy(update={"out_of_turn": fair})
    fair_scenario = scenario.model_copy(update={"sites": {SITE: site}})
    its = planned(fair_scenario, standards)
    await play_day(centre, fair_scenario, its, lambda: None)
    called = sorted(
        (row for row in (await rows(centre))["visits"] if row["first_called_at"]),
        key=lambda row: row["first_called_at"],
    )
    passed_over = 0
    for row in called:
        waiting = [
            other
            for other in called
            if other["queued_at"] < row["first_called_at"] < other["first_called_at"]
        ]
        passed_over += any(
            other["effective_arrival"] < row["effective_arrival"] for other in waiting
        )
    assert passed_over == 0
