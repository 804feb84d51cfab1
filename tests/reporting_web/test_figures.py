"""Figures: by hand on small examples, and against the plain formulas on raw visits."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.codes import Dimension, VisitorClass
from libs.standards.cells import RELATIVE_ERROR
from libs.standards.metrics import Metric
from services.reporting.figures.formulas import Series, figure, figures, satisfaction, within_limit
from services.reporting.figures.measures import Measure
from services.reporting.figures.sums import StepSums, Sums, total
from tests.reporting_web.samples import (
    ANSWERS,
    SERVED,
    SUMS,
    WAIT_TARGET_MS,
    Answer,
    Served,
    answered_sums,
    served_sums,
)

MINUTE = 60_000


def test_waits_by_hand() -> None:
    waits = [0, 2, 4, 6, 8, 10, 12, 14, 20, 40]
    sums = served_sums([Served(wait * MINUTE, 5 * MINUTE) for wait in waits], left=2)
    mean = figure(Measure.WAIT_MEAN, sums)
    assert mean.value == pytest.approx(11.6 * MINUTE)
    assert (mean.n, mean.people) == (10, 10)
    assert figure(Measure.WAIT_P50, sums).value == pytest.approx(9 * MINUTE, rel=RELATIVE_ERROR)
    assert figure(Measure.WAIT_P90, sums).value == pytest.approx(22 * MINUTE, rel=RELATIVE_ERROR)
    within = figure(Metric.WAIT_WITHIN_TARGET, sums)
    assert (within.value, within.numerator, within.denominator) == (0.8, 8, 10)
    assert within_limit(sums.wait_cells, 10 * MINUTE) == (6, 10)


def test_outcomes_leave_removed_tickets_out() -> None:
    steps = StepSums(steps=21, served=14, no_show=3, left_waiting=2, forgotten=1, removed=1)
    found = figures(Sums(steps=steps))
    assert found[Metric.SERVED_SHARE].value == 14 / 20
    assert found[Metric.NO_SHOW_SHARE].value == 3 / 20
    assert found[Metric.ABANDONMENT_SHARE].value == 2 / 20
    assert found[Measure.STEPS].value == 21


def test_shares_of_counters() -> None:
    steps = StepSums(
        steps=100, served=80, lunch_served=8, after_hours_served=4, implausible=16,
        wait_met=60, wait_missed=20, service_met=30, service_missed=10,
        calls_in_order=90, calls_out_of_order=10, estimate_n=40, estimate_within=30,
        kiosk=50, counter=20, mobile=20, online=10, booked_n=9, booked_on_time=6,
    )  # fmt: skip
    found = {name: one.value for name, one in figures(Sums(steps=steps)).items()}
    assert found[Metric.LUNCH_SERVICE_SHARE] == 0.1
    assert found[Metric.AFTER_HOURS_SERVICE_SHARE] == 0.05
    assert found[Metric.WAIT_WITHIN_TARGET] == 0.75
    assert found[Metric.SERVICE_WITHIN_ANNOUNCED] == 0.75
    assert found[Metric.ON_TIME_SHARE] == 90 / 120
    assert found[Metric.OUT_OF_ORDER_SHARE] == 0.1
    assert found[Metric.ESTIMATE_WITHIN_RANGE] == 0.75
    assert found[Metric.BOOKED_SHARE] == 0.1
    assert found[Metric.BOOKED_ON_TIME] == 6 / 9
    assert found[Measure.IMPLAUSIBLE_SHARE] == 0.1


def test_on_time_judges_waits_and_services_of_the_same_people() -> None:
    steps = StepSums(served=8, wait_met=6, wait_missed=2, service_met=3, service_missed=2)
    on_time = figure(Metric.ON_TIME_SHARE, Sums(steps=steps))
    assert (on_time.n, on_time.people) == (13, 8)


def test_priority_against_normal_wait() -> None:
    normal = [Served(10 * MINUTE, MINUTE)] * 6
    priority = [Served(4 * MINUTE, MINUTE, VisitorClass.PRIORITY)] * 5
    ratio = figure(Metric.PRIORITY_WAIT_RATIO, served_sums(normal + priority))
    assert ratio.value == pytest.approx(0.4)
    assert (ratio.n, ratio.people) == (5, 5)
    alone = figure(Metric.PRIORITY_WAIT_RATIO, served_sums(priority))
    assert alone.value is None


def test_satisfaction_by_hand() -> None:
    fours = [Answer({Dimension.STAFF: 4, Dimension.PROCESS: 4})] * 6
    low = Answer({Dimension.STAFF: 1, Dimension.PROCESS: 3})
    rushed = Answer({Dimension.STAFF: 5}, screened=True)
    sums = answered_sums([*fours, low, rushed], offers=20)
    staff = satisfaction(sums, Dimension.STAFF, Series.CLEANED)
    assert staff.mean.value == pytest.approx(25 / 7)
    assert staff.percent.value == pytest.approx(500 / 7)
    assert (staff.top2.numerator, staff.top2.denominator) == (6, 7)
    raw = satisfaction(sums, Dimension.STAFF, Series.RAW)
    assert (raw.mean.numerator, raw.mean.denominator) == (30, 8)
    assert figure(Metric.RESPONSE_RATE, sums).value == 0.4
    assert figure(Metric.STAFF_TOP2, sums).value == staff.top2.value
    overall = figure(Metric.SATISFACTION_MEAN, sums)
    assert (overall.n, overall.people) == (14, 7)


def test_who_issued_the_tickets_is_a_share_of_the_answers_that_say_it() -> None:
    said = [Answer({Dimension.STAFF: 5}, staff_issued=one) for one in [True] * 3 + [False] * 9]
    silent = [Answer({Dimension.STAFF: 1})] * 8
    share = figure(Measure.STAFF_ISSUED_SHARE, answered_sums(said + silent, offers=40))
    assert (share.value, share.n, share.numerator, share.denominator) == (0.25, 12, 3, 12)
    nobody = figure(Measure.STAFF_ISSUED_SHARE, answered_sums(silent, offers=40))
    assert (nobody.value, nobody.n) == (None, 0)


def test_all_fours_flatter() -> None:
    sums = answered_sums([Answer({Dimension.STAFF: 4})] * 9, offers=9)
    assert figure(Measure.SATISFACTION_PERCENT, sums).value == pytest.approx(80)
    assert figure(Metric.SATISFACTION_TOP2, sums).value == 1.0


def test_every_metric_has_a_formula_and_nothing_gives_nothing() -> None:
    found = figures(Sums())
    assert set(found) == {*Metric, *Measure}
    counts = {name for name, one in found.items() if one.value == 0}
    assert counts == {
        Measure.VISITS, Measure.STEPS, Measure.SERVED, Measure.LEFT_WAITING, Measure.NO_SHOW,
        Measure.REMOVED, Measure.FORGOTTEN, Measure.OFFERS, Measure.RESPONSES,
    }  # fmt: skip
    assert all(one.value is None for name, one in found.items() if name not in counts)
    assert all(one.name == name for name, one in found.items())


def test_a_limit_must_be_a_boundary() -> None:
    with pytest.raises(ValueError, match="boundary"):
        within_limit({3: 1}, 61_234)


@given(st.lists(SERVED, min_size=1, max_size=40))
def test_figures_from_sums_equal_figures_from_visits(steps: list[Served]) -> None:
    sums = served_sums(steps)
    waits = [step.wait_ms for step in steps]
    assert figure(Measure.WAIT_MEAN, sums).value == pytest.approx(statistics.fmean(waits))
    assert figure(Measure.SERVICE_MEAN, sums).value == pytest.approx(
        statistics.fmean(step.service_ms for step in steps)
    )
    assert figure(Metric.WAIT_WITHIN_TARGET, sums).value == pytest.approx(
        sum(wait <= WAIT_TARGET_MS for wait in waits) / len(waits)
    )
    for limit in (MINUTE, 5 * MINUTE, 60 * MINUTE):
        assert within_limit(sums.wait_cells, limit)[0] == sum(wait <= limit for wait in waits)
    for name, q in ((Measure.WAIT_P50, 0.5), (Measure.WAIT_P90, 0.9)):
        value = figure(name, sums).value
        assert value is not None
        assert value == pytest.approx(type_7(waits, q), rel=RELATIVE_ERROR, abs=1)


@given(st.lists(ANSWERS, max_size=30))
def test_satisfaction_from_sums_equals_satisfaction_from_answers(answers: list[Answer]) -> None:
    sums = answered_sums(answers, len(answers))
    for dimension in Dimension:
        levels = [
            answer.levels[dimension]
            for answer in answers
            if dimension in answer.levels and not answer.screened
        ]
        found = satisfaction(sums, dimension, Series.CLEANED)
        assert found.mean.n == len(levels)
        if levels:
            assert found.mean.value == pytest.approx(statistics.fmean(levels))
            assert found.top2.numerator == sum(level >= 4 for level in levels)


@given(st.lists(SUMS, max_size=4))
def test_sums_add_up_in_any_order(parts: list[Sums]) -> None:
    assert total(parts) == total(reversed(parts))
    assert total([total(parts[:2]), total(parts[2:])]) == total(parts)


def type_7(values: list[int], q: float) -> float:
    ordered = sorted(values)
    rank = (len(ordered) - 1) * q
    below, above = ordered[int(rank)], ordered[min(int(rank) + 1, len(ordered) - 1)]
    return below + (rank - int(rank)) * (above - below)
