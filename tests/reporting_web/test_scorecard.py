"""Scorecards: what is met, what lacks, which level, and what would lift it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.standards.metrics import Metric
from libs.standards.values import (
    Criterion,
    CriterionKind,
    Direction,
    Edition,
    EvidenceKind,
    Level,
    LevelRule,
    Part,
    Source,
    SourceMark,
)
from services.reporting.figures.disclosure import Published, publish
from services.reporting.figures.formulas import Figure
from services.reporting.figures.measures import Name
from services.reporting.figures.scorecard import Scorecard, Standing, State, judge, judged_part
from services.reporting.figures.sums import Sums
from services.reporting.figures.views import row
from services.reporting.model.periods import Period, PeriodKind, period_of

SOURCE = Source(SourceMark.WORKING, "for tests")
MONTH = period_of(PeriodKind.MONTH, date(2026, 3, 1))
SHARES = (
    Metric.WAIT_WITHIN_TARGET,
    Metric.OUT_OF_ORDER_SHARE,
    Metric.STAFF_TOP2,
    Metric.ON_TIME_SHARE,
    Metric.RESPONSE_RATE,
)


def criterion(code: str, weight: int = 1, **changes: object) -> Criterion:
    plain = Criterion(
        code=code,
        part=Part.QUALITY,
        name_th=code,
        name_en=code,
        kind=CriterionKind.MEASURED,
        source=SOURCE,
        weight=weight,
        metric=Metric.WAIT_WITHIN_TARGET,
        direction=Direction.AT_LEAST,
        threshold=0.8,
        minimum_n=30,
        minimum_response_rate=None,
        evidence=None,
    )
    return replace(plain, **changes)


def attested(code: str, weight: int = 1) -> Criterion:
    return criterion(
        code,
        weight,
        kind=CriterionKind.ATTESTED,
        metric=None,
        direction=None,
        threshold=None,
        evidence=EvidenceKind.DOCUMENT,
    )


def edition(*criteria: Criterion, mandatory: tuple[str, ...] = ()) -> Edition:
    levels = (
        LevelRule(Level.BASIC, "พื้นฐาน", "Basic", 0.5, ()),
        LevelRule(Level.ADVANCED, "ก้าวหน้า", "Advanced", 0.75, mandatory),
    )
    return Edition(
        code="test",
        name_th="ทดสอบ",
        name_en="Test",
        working_model=True,
        notice_th="แบบจำลอง",
        notice_en="Working model",
        holds_from=date(2026, 1, 1),
        criteria=criteria,
        levels=levels,
        source=SOURCE,
    )


def share(metric: Metric, value: float, n: int = 100) -> dict[Name, Published]:
    return {metric: publish(Figure(metric, value, n, n, round(value * n), n))}


def card(judged_by: Edition, *shares: dict[Name, Published]) -> Scorecard:
    found: dict[Name, Published] = dict(row(Sums()))
    for one in shares:
        found |= one
    return judge(judged_by, MONTH, found)


def state(one: Criterion, *shares: dict[Name, Published]) -> State:
    return card(edition(one), *shares).findings[0].state


@pytest.mark.parametrize(
    ("value", "expected", "gap"),
    [(0.8, State.MET, 0.0), (0.9, State.MET, 0.0), (0.65, State.NOT_MET, 0.15)],
)
def test_at_least_a_share(value: float, expected: State, gap: float) -> None:
    finding = card(edition(criterion("Q1")), share(Metric.WAIT_WITHIN_TARGET, value)).findings[0]
    assert finding.state is expected
    assert finding.gap == pytest.approx(gap)


def test_at_most_a_share() -> None:
    fair = criterion(
        "P6", metric=Metric.OUT_OF_ORDER_SHARE, direction=Direction.AT_MOST, threshold=0.1
    )
    assert state(fair, share(Metric.OUT_OF_ORDER_SHARE, 0.1)) is State.MET
    found = card(edition(fair), share(Metric.OUT_OF_ORDER_SHARE, 0.16)).findings[0]
    assert found.state is State.NOT_MET
    assert found.gap == pytest.approx(0.06)


def test_too_few_are_not_judged_and_fewer_than_five_not_shown() -> None:
    one = criterion("Q1")
    found = card(edition(one), share(Metric.WAIT_WITHIN_TARGET, 1.0, n=29)).findings[0]
    assert (found.state, found.gap) == (State.TOO_FEW, 0.0)
    assert found.figure is not None
    assert found.figure.value == 1.0
    hidden = card(edition(replace(one, minimum_n=1)), share(Metric.WAIT_WITHIN_TARGET, 1.0, n=4))
    assert hidden.findings[0].state is State.TOO_FEW
    assert hidden.findings[0].gap is None
    assert hidden.findings[0].figure is not None
    assert hidden.findings[0].figure.value is None
    assert state(one) is State.TOO_FEW


def test_answers_of_few_visitors_do_not_speak_for_all() -> None:
    staff = criterion("Q4", metric=Metric.STAFF_TOP2, minimum_response_rate=0.05)
    happy = share(Metric.STAFF_TOP2, 0.95)
    assert state(staff, happy, share(Metric.RESPONSE_RATE, 0.04)) is State.LOW_RESPONSE
    assert state(staff, happy, share(Metric.RESPONSE_RATE, 0.05)) is State.MET


def test_what_no_event_measures_and_what_needs_evidence() -> None:
    evidence = attested("P2")
    assert state(evidence) is State.ATTESTED_NONE
    later = criterion("Q6", metric=None, direction=None, threshold=None)
    assert state(later) is State.NOT_YET_MEASURED
    both = criterion("P4", kind=CriterionKind.BOTH, evidence=EvidenceKind.PHOTO)
    assert state(both, share(Metric.WAIT_WITHIN_TARGET, 0.9)) is State.EVIDENCE_DUE
    assert state(both, share(Metric.WAIT_WITHIN_TARGET, 0.7)) is State.NOT_MET


def test_levels_need_points_and_mandatory_criteria() -> None:
    fair = criterion("P6", 2, metric=Metric.OUT_OF_ORDER_SHARE)
    prompt = criterion("Q1", 2)
    kept = criterion("Q3", metric=Metric.BOOKED_ON_TIME)
    model = edition(prompt, fair, kept, mandatory=("P6",))
    both = card(model, share(Metric.WAIT_WITHIN_TARGET, 1.0), share(Metric.OUT_OF_ORDER_SHARE, 1.0))
    assert (both.standing, both.level) == (Standing.LEVEL, model.levels[1])
    assert both.lift is None
    one = card(model, share(Metric.WAIT_WITHIN_TARGET, 1.0))
    assert (one.standing, one.level) == (Standing.LEVEL, None)
    assert one.lift is not None
    assert one.lift.level is model.levels[0]
    assert (one.lift.points_missing, one.lift.steps) == (1, ("P6",))


def test_where_nothing_could_be_judged_nothing_is_said() -> None:
    """A Sunday, or a morning with fewer than the edition asks for: no office is "below" then."""
    model = edition(criterion("Q1"), criterion("P6", metric=Metric.OUT_OF_ORDER_SHARE))
    few = share(Metric.WAIT_WITHIN_TARGET, 1.0, n=29)
    silent = criterion("Q4", metric=Metric.STAFF_TOP2, minimum_response_rate=0.05)
    unheard = share(Metric.STAFF_TOP2, 0.95), share(Metric.RESPONSE_RATE, 0.04)
    for found in (card(model), card(model, few), card(edition(silent), *unheard)):
        assert (found.standing, found.level, found.lift) == (Standing.NOT_JUDGED, None, None)
    late = card(model, share(Metric.WAIT_WITHIN_TARGET, 0.1, n=30))
    assert (late.standing, late.points) == (Standing.LEVEL, 0)


def test_no_level_is_named_while_evidence_cannot_be_handed_in() -> None:
    prompt = share(Metric.WAIT_WITHIN_TARGET, 1.0)
    for asks in (attested("P2"), criterion("P4", kind=CriterionKind.BOTH)):
        found = card(edition(criterion("Q1", 9), asks), prompt)
        assert (found.standing, found.level, found.lift) == (Standing.POINTS, None, None)
        assert found.points == 9


def test_the_lift_takes_mandatory_criteria_then_the_smallest_gap() -> None:
    near = criterion("N", 2)
    far = criterion("F", 2, metric=Metric.ON_TIME_SHARE)
    must = criterion("M", 2, metric=Metric.OUT_OF_ORDER_SHARE)
    done = criterion("D", 2, metric=Metric.STAFF_TOP2)
    model = edition(far, near, must, done, criterion("E", 2, metric=Metric.STAFF_TOP2),
                    mandatory=("M",))  # fmt: skip
    found = card(
        model,
        share(Metric.WAIT_WITHIN_TARGET, 0.7),
        share(Metric.ON_TIME_SHARE, 0.2),
        share(Metric.OUT_OF_ORDER_SHARE, 0.0),
        share(Metric.STAFF_TOP2, 0.9),
    )
    assert found.points == 4
    assert found.lift is not None
    assert (found.lift.level.level, found.lift.steps) == (Level.BASIC, ("N",))
    advanced = judge(
        replace(model, levels=model.levels[1:]), MONTH,
        dict(row(Sums())) | share(Metric.STAFF_TOP2, 0.9)
        | share(Metric.WAIT_WITHIN_TARGET, 0.7) | share(Metric.ON_TIME_SHARE, 0.2),
    )  # fmt: skip
    assert advanced.lift is not None
    assert advanced.lift.mandatory_missing == ("M",)
    assert advanced.lift.steps == ("M", "N")


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5), st.integers(0, 60))
def test_taking_the_lifts_steps_gives_its_level(values: list[float], n: int) -> None:
    model = edition(
        *(criterion(f"C{i}", i + 1, metric=metric) for i, metric in enumerate(SHARES[:4])),
        criterion("E", 2, metric=Metric.BOOKED_ON_TIME),
        mandatory=("C0", "E"),
    )
    found = card(
        model,
        *(share(metric, value, n) for metric, value in zip(SHARES, values, strict=True)),
    )
    if found.lift is not None:
        met = {f.criterion.code for f in found.findings if f.state is State.MET}
        assert met.isdisjoint(found.lift.steps)
        met.update(found.lift.steps)
        points = sum(c.weight for c in model.criteria if c.code in met)
        assert points >= found.lift.level.score_at_least * found.points_possible
        assert met.issuperset(found.lift.level.mandatory)


def test_an_edition_judges_only_the_days_on_which_it_held() -> None:
    newer = replace(edition(), holds_from=date(2026, 3, 10))

    def in_force(day: date) -> Edition | None:
        return newer if day >= newer.holds_from else None

    assert judged_part(MONTH, in_force) == Period(date(2026, 3, 10), date(2026, 3, 31))
    before, after = MONTH.before(), MONTH.after()
    assert before is not None
    assert after is not None
    assert judged_part(before, in_force) is None
    assert judged_part(after, in_force) == after
