"""What visits, offers and answers add to the rollups."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.standards import Source, SourceMark, Standards, Target, load
from libs.standards.cells import cell_of
from libs.standards.timeline import Period, Timeline
from services.reporting.figures.sums import STEP_COUNTERS
from services.reporting.model.contributions import of_answer, of_offer, of_visit
from services.reporting.model.responses import Answer
from services.reporting.model.rollups import (
    CELLS,
    FEEDBACK,
    FEEDBACK_DAYS,
    RATINGS,
    ROLLUPS,
    STEPS,
    VISITS,
    Entry,
    Ledger,
    Rollup,
)
from services.reporting.model.targets import Yardsticks
from services.reporting.model.visits import Step, Visit, VisitEvent, fold
from tests.reporting.arbitrary import visits

SITE = "pjo-50"
MONDAY = date(2026, 3, 2)
MINUTE = timedelta(minutes=1)
CHANGE = date(2026, 3, 16)


def target(wait_minutes: int, service_minutes: int) -> Target:
    working = Source(SourceMark.WORKING, "a test")
    return Target(60_000 * wait_minutes, 60_000 * service_minutes, working)


@cache
def standards() -> Standards:
    """The shipped standards, with a target that changes in the middle of March 2026."""
    shipped = load(Path(__file__).parents[2] / "standards")
    changing = Timeline(
        [
            Period(date(2020, 1, 1), None, target(10, 15)),
            Period(CHANGE, None, target(5, 20)),
        ]
    )
    return replace(shipped, targets={(None, "INF"): changing})


def yardsticks() -> Yardsticks:
    return Yardsticks(standards())


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def served(day: date = MONDAY, hour: int = 9, wait: int = 4, service: int = 12) -> Step:
    """A step that waited and was served so many minutes."""
    entered = local(day, hour)
    called = entered + wait * MINUTE
    return Step(
        step=1,
        service_day=day,
        origin="live",
        service="INF",
        visitor_class="normal",
        channel="kiosk",
        entered_at=entered,
        first_called_at=called,
        last_called_at=called,
        calls=1,
        started_at=called,
        ended_at=called + service * MINUTE,
        outcome="served",
    )


def sums(entries: list[Entry], rollup: Rollup) -> dict[str, int]:
    """The counters that are not zero, over all keys."""
    found: dict[str, int] = {}
    for entry in entries:
        if entry.rollup is rollup:
            for counter, amount in entry.amounts.items():
                found[counter] = found.get(counter, 0) + amount
    return {counter: amount for counter, amount in found.items() if amount}


def steps(step: Step) -> dict[str, int]:
    return sums(of_visit(SITE, {step.step: step}, yardsticks()), STEPS)


def test_a_served_step() -> None:
    entries = of_visit(SITE, {1: served()}, yardsticks())
    assert sums(entries, STEPS) == {
        "steps": 1,
        "kiosk": 1,
        "served": 1,
        "calls_in_order": 1,
        "wait_n": 1,
        "wait_ms": 240_000,
        "wait_met": 1,
        "service_n": 1,
        "service_ms": 720_000,
        "service_met": 1,
    }
    key = (SITE, MONDAY, "INF", "normal", 9)
    assert {entry.key for entry in entries if entry.rollup is STEPS} == {key}
    assert {entry.key for entry in entries if entry.rollup is CELLS} == {
        (*key, "wait", cell_of(240_000)),
        (*key, "service", cell_of(720_000)),
    }
    assert sums(entries, VISITS) == {
        "visits": 1,
        "ended": 1,
        "total_n": 1,
        "total_ms": 960_000,
    }


@pytest.mark.parametrize(
    ("day", "wait", "service", "met"),
    [
        (CHANGE - timedelta(days=3), 10, 15, {"wait_met", "service_met"}),
        (CHANGE - timedelta(days=3), 11, 16, {"wait_missed", "service_missed"}),
        (CHANGE, 5, 20, {"wait_met", "service_met"}),
        (CHANGE, 6, 16, {"wait_missed", "service_met"}),
    ],
)
def test_a_step_is_judged_by_the_target_of_its_day(
    day: date, wait: int, service: int, met: set[str]
) -> None:
    counted = steps(served(day, wait=wait, service=service))
    assert {name for name in counted if name.endswith(("_met", "_missed"))} == met


def test_before_the_first_edition_nothing_is_judged() -> None:
    first = standards().editions[0].holds_from
    counted = steps(served(first - timedelta(days=7), wait=90))
    assert counted["wait_ms"] == 90 * 60_000
    assert not [name for name in counted if name.endswith(("_met", "_missed"))]


def test_a_service_without_a_target_is_measured_and_not_judged() -> None:
    counted = steps(replace(served(), service="MED"))
    assert counted["wait_n"] == 1
    assert not [name for name in counted if name.endswith(("_met", "_missed"))]


@pytest.mark.parametrize("outcome", ["no_show", "left", "removed", "forgotten"])
def test_durations_are_of_served_steps_only(outcome: str) -> None:
    counted = steps(replace(served(), outcome=outcome))
    assert counted["left_waiting" if outcome == "left" else outcome] == 1
    assert not [name for name in counted if name.startswith(("wait", "service"))]


def test_implausible_durations_are_counted_and_enter_no_sum() -> None:
    backwards = replace(served(), ended_at=served().started_at)
    assert backwards.ended_at is not None
    backwards.ended_at -= MINUTE
    counted = steps(backwards)
    assert counted["implausible"] == 1
    assert counted["wait_n"] == 1
    assert "service_n" not in counted
    endless = replace(served(), first_called_at=local(MONDAY, 9) + timedelta(hours=25))
    assert steps(endless)["implausible"] == 1


def test_imported_calls_stay_out_of_fairness() -> None:
    counted = steps(replace(served(), origin="import"))
    assert counted["wait_n"] == 1
    assert not [name for name in counted if name.startswith("calls")]


def test_a_call_out_of_order_counts_so() -> None:
    counted = steps(replace(served(), out_of_order="frail"))
    assert counted["calls_out_of_order"] == 1
    assert "calls_in_order" not in counted


@pytest.mark.parametrize(
    ("hour", "counter"),
    [(12, "lunch_served"), (7, "after_hours_served"), (17, "after_hours_served"), (10, None)],
)
def test_lunch_and_after_hours(hour: int, counter: str | None) -> None:
    counted = steps(served(hour=hour, wait=5))
    found = {name for name in counted if name in {"lunch_served", "after_hours_served"}}
    assert found == ({counter} if counter else set())


def test_a_weekend_is_after_hours_all_day() -> None:
    assert steps(served(MONDAY - timedelta(days=1)))["after_hours_served"] == 1


@pytest.mark.parametrize(("late", "on_time"), [(10, True), (11, False)])
def test_a_booking_is_on_time_within_the_wait_target(late: int, on_time: bool) -> None:
    step = served(wait=30)
    assert step.first_called_at is not None
    counted = steps(replace(step, appointment=step.first_called_at - late * MINUTE))
    assert counted["booked_n"] == 1
    assert counted.get("booked_on_time", 0) == int(on_time)


@pytest.mark.parametrize(("shown", "within"), [(240_000, True), (239_999, False)])
def test_an_estimate_holds_up_to_the_pessimistic_end(shown: int, within: bool) -> None:
    counted = steps(replace(served(), likely_ms=1, pessimistic_ms=shown))
    assert counted["estimate_n"] == 1
    assert ("estimate_within" in counted) is within


@pytest.mark.parametrize(("seconds", "within"), [(3, True), (60, True), (61, False)])
def test_a_promise_of_less_than_a_minute_was_read_as_one(seconds: int, within: bool) -> None:
    step = replace(served(), likely_ms=0, pessimistic_ms=0)
    assert step.entered_at is not None
    counted = steps(replace(step, first_called_at=step.entered_at + timedelta(seconds=seconds)))
    assert ("estimate_within" in counted) is within


def test_a_step_counts_once_its_issue_has_arrived() -> None:
    step = replace(served(), entered_at=None, service=None, visitor_class=None)
    assert of_visit(SITE, {1: step}, yardsticks()) == []


@pytest.mark.parametrize("missing", ["entered_at", "service", "visitor_class"])
def test_a_step_of_which_a_part_of_its_key_is_not_known_is_not_counted(missing: str) -> None:
    """A correction of the service can arrive before the issue, which tells the rest."""
    step = replace(served(), **{missing: None})
    assert steps(step) == {}


def test_two_steps_are_one_visit() -> None:
    transferred = replace(served(hour=10), step=2)
    first = replace(served(), outcome=None, ended_at=None)
    entries = of_visit(SITE, {1: first, 2: transferred}, yardsticks())
    assert sums(entries, STEPS)["steps"] == 2
    assert sums(entries, VISITS) == {"visits": 1, "ended": 1, "total_n": 1, "total_ms": 76 * 60_000}


def answer(**changed: object) -> Answer:
    plain = Answer(
        epoch=1,
        sequence=7,
        visit_day=MONDAY,
        manifest_day=MONDAY + timedelta(days=1),
        service="INF",
        waiting_band="up_to_5_min",
        language="th",
        channel="link",
        process=5,
        staff=3,
        facilities=None,
        information=None,
        screened=False,
        staff_issued=None,
    )
    return replace(plain, **changed)  # pyright: ignore[reportArgumentType]


def test_an_answer_counts_on_the_day_it_rates_and_in_the_manifest_of_its_own() -> None:
    entries = of_answer(SITE, answer(), yardsticks())
    by_table = {(entry.rollup, entry.key): dict(entry.amounts) for entry in entries}
    cleaned = {"n": 1, "cleaned_n": 1}
    assert by_table == {
        (FEEDBACK, (SITE, MONDAY, "INF")): {
            "responses": 1,
            "cleaned_responses": 1,
            "issuer_known": 0,
            "staff_issued": 0,
        },
        (FEEDBACK_DAYS, (SITE, date(2026, 3, 3), "INF")): {
            "responses": 1,
            "ratings": 2,
            "levels": 8,
        },
        (RATINGS, (SITE, MONDAY, "INF", "process", 5)): cleaned,
        (RATINGS, (SITE, MONDAY, "INF", "staff", 3)): cleaned,
    }


def test_a_screened_answer_stays_out_of_the_cleaned_series() -> None:
    entries = of_answer(SITE, answer(screened=True), yardsticks())
    assert sums(entries, FEEDBACK) == {"responses": 1}
    assert sums(entries, RATINGS) == {"n": 2}
    assert sums(entries, FEEDBACK_DAYS)["levels"] == 8


@pytest.mark.parametrize(
    ("staff_issued", "marks"),
    [
        (None, {}),
        (False, {"issuer_known": 1}),
        (True, {"issuer_known": 1, "staff_issued": 1}),
    ],
)
def test_an_answer_on_a_ticket_of_the_staff_is_counted_beside_and_stays_in_both_series(
    staff_issued: bool | None, marks: dict[str, int]
) -> None:
    entries = of_answer(SITE, answer(staff_issued=staff_issued), yardsticks())
    assert sums(entries, FEEDBACK) == {"responses": 1, "cleaned_responses": 1, **marks}
    assert sums(entries, RATINGS) == {"n": 2, "cleaned_n": 2}


def test_an_offer_counts() -> None:
    entries = of_offer(SITE, MONDAY, "INF", yardsticks())
    assert sums(entries, FEEDBACK) == sums(entries, FEEDBACK_DAYS) == {"offers": 1}
    assert {entry.key for entry in entries} == {(SITE, MONDAY, "INF")}
    unknown = of_offer(SITE, MONDAY, "QQQQ", yardsticks())
    assert {entry.key for entry in unknown} == {(SITE, MONDAY, "unknown")}


@given(st.lists(visits(), max_size=4))
def test_what_was_added_can_be_taken_back(stories: list[list[VisitEvent]]) -> None:
    told: list[Visit] = [fold(events) for events in stories]
    ledger = Ledger()
    for visit in told:
        ledger.add(of_visit(SITE, visit, yardsticks()))
    for visit in told:
        ledger.subtract(of_visit(SITE, visit, yardsticks()))
    assert [list(ledger.rows(rollup)) for rollup in ROLLUPS] == [[] for _ in ROLLUPS]


@given(visits())
def test_every_counter_is_one_of_its_table(events: list[VisitEvent]) -> None:
    for entry in of_visit(SITE, fold(events), yardsticks()):
        assert set(entry.amounts) <= set(entry.rollup.counters)
        assert len(entry.key) == len(entry.rollup.keys)


def test_readers_know_the_same_counters() -> None:
    assert set(STEPS.counters) == set(STEP_COUNTERS)


def test_each_mark_of_a_served_step_counts_once() -> None:
    late = replace(served(hour=12, wait=10), pessimistic_ms=600_000)
    found = steps(late)
    assert found["estimate_n"] == found["estimate_within"] == found["lunch_served"] == 1
    evening = steps(served(hour=20))
    assert evening["after_hours_served"] == 1
    assert "lunch_served" not in evening
    beyond = steps(replace(late, pessimistic_ms=599_999))
    assert beyond["estimate_n"] == 1
    assert "estimate_within" not in beyond


def test_two_implausible_durations_of_a_step_count_twice() -> None:
    backwards = replace(served(), first_called_at=local(MONDAY, 8), ended_at=local(MONDAY, 8))
    assert steps(backwards)["implausible"] == 2


def test_a_wait_and_a_service_time_that_can_not_be_count_two() -> None:
    """The service time has an end that was corrected to a moment out of every span."""
    impossible = replace(
        served(), first_called_at=local(MONDAY, 8), started_at=None, odd_start=True
    )
    assert steps(impossible)["implausible"] == 2
    assert steps(replace(served(), started_at=None, odd_start=True))["implausible"] == 1


def test_a_site_with_a_target_of_its_own_is_judged_by_it() -> None:
    own = Timeline([Period(date(2020, 1, 1), None, target(3, 15))])
    changed = replace(standards(), targets={**standards().targets, (SITE, "INF"): own})
    of_both = {
        site: sums(of_visit(site, {1: served(wait=4)}, Yardsticks(changed)), STEPS)
        for site in (SITE, "led-bkk4")
    }
    assert of_both[SITE]["wait_missed"] == of_both["led-bkk4"]["wait_met"] == 1
