"""A site's scorecard: the criteria of one edition, judged by figures. Pure.

A level found here is a self-check by whatever edition is loaded. Where that is a working model it
is no official assessment, and every structure says so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil

from libs.standards.metrics import METRICS, Metric
from libs.standards.values import Criterion, CriterionKind, Direction, Edition, LevelRule
from services.reporting.disclosure import Published, publish, too_few
from services.reporting.figures import Figure
from services.reporting.measures import Name
from services.reporting.periods import Period


class State(StrEnum):
    """How a criterion stands."""

    MET = "met"
    NOT_MET = "not_met"
    EVIDENCE_DUE = "evidence_due"
    """The measured half is met; the evidence it also asks for is not there."""
    TOO_FEW = "too_few"
    """Fewer observations than the edition asks for, or than may be published."""
    LOW_RESPONSE = "low_response"
    """Too small a share of the visitors asked has answered."""
    NOT_YET_MEASURED = "not_yet_measured"
    """No event tells it yet."""
    ATTESTED_NONE = "attested_none"
    """Shown by evidence alone, and none is there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion of one site and period."""

    criterion: Criterion
    state: State
    figure: Published | None
    """None where nothing measures it."""
    gap: float | None
    """What the value still lacks, in the metric's unit; 0 when the threshold is reached, None
    where no value is shown."""

    @property
    def evidence_due(self) -> bool:
        """Whether it asks for evidence, of which there is none."""
        return self.criterion.kind is not CriterionKind.MEASURED


@dataclass(frozen=True, slots=True)
class Lift:
    """What the next level takes: one way there, the easiest first."""

    level: LevelRule
    points_missing: int
    mandatory_missing: tuple[str, ...]
    """Codes that this level does not go without."""
    steps: tuple[str, ...]
    """Codes that, all met, give the level: every mandatory one, then the easiest others."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A site judged by one edition over the days on which it held."""

    edition: Edition
    judged: Period
    findings: tuple[Finding, ...]
    points: int
    points_possible: int
    level: LevelRule | None
    """None below the lowest."""
    level_with_evidence: LevelRule | None
    """The level that the figures leave open: reached if all evidence were there and accepted."""
    lift: Lift | None
    """None at the highest level."""

    @property
    def working_model(self) -> bool:
        """Whether every screen and export must say that this is no official assessment."""
        return self.edition.working_model

    @property
    def score(self) -> float:
        """Points over points possible, 0 to 1."""
        return self.points / self.points_possible if self.points_possible else 0.0


def judged_part(period: Period, edition_of: Callable[[date], Edition | None]) -> Period | None:
    """The end of ``period`` over which its last edition held; None when none holds at its end.

    A figure is judged by the edition of its day: of a period that two editions share, the newer
    judges only its own days.
    """
    edition = edition_of(period.last)
    if edition is None:
        return None
    first = max(period.first, edition.holds_from)
    return period if first == period.first else Period(first, period.last)


def judge(edition: Edition, judged: Period, figures: Mapping[Name, Figure]) -> Scorecard:
    """The scorecard of a site by figures over the days of ``judged``."""
    rate = figures[Metric.RESPONSE_RATE].value
    findings = tuple(_find(criterion, figures, rate) for criterion in edition.criteria)
    met = _codes(findings, State.MET)
    with_evidence = met | _codes(findings, State.EVIDENCE_DUE, State.ATTESTED_NONE)
    level, following = _levels(edition, met)
    return Scorecard(
        edition,
        judged,
        findings,
        _points(edition, met),
        _points_possible(edition),
        level,
        _levels(edition, with_evidence)[0],
        _lift(following, edition, findings) if following else None,
    )


def _codes(findings: Iterable[Finding], *states: State) -> set[str]:
    return {finding.criterion.code for finding in findings if finding.state in states}


def _find(
    criterion: Criterion, figures: Mapping[Name, Figure], response_rate: float | None
) -> Finding:
    if criterion.not_yet_measured:
        return Finding(criterion, State.NOT_YET_MEASURED, None, None)
    if criterion.metric is None:
        return Finding(criterion, State.ATTESTED_NONE, None, None)
    figure = figures[criterion.metric]
    shown = publish(figure)
    state = _state(criterion, figure, _gap(criterion, figure.value), response_rate)
    return Finding(criterion, state, shown, _gap(criterion, shown.value))


def _state(
    criterion: Criterion, figure: Figure, gap: float | None, response_rate: float | None
) -> State:
    if gap is None or too_few(figure.people) or figure.n < criterion.minimum_n:
        return State.TOO_FEW
    if _silent(criterion, response_rate):
        return State.LOW_RESPONSE
    if gap > 0:
        return State.NOT_MET
    return State.EVIDENCE_DUE if criterion.kind is CriterionKind.BOTH else State.MET


def _silent(criterion: Criterion, response_rate: float | None) -> bool:
    """Whether too few have answered for the answers to speak for the visitors."""
    if criterion.minimum_response_rate is None or criterion.metric is None:
        return False
    from_answers = METRICS[criterion.metric].from_answers
    return from_answers and (response_rate or 0.0) < criterion.minimum_response_rate


def _gap(criterion: Criterion, value: float | None) -> float | None:
    if value is None or criterion.threshold is None:
        return None
    short = criterion.threshold - value
    return max(0.0, short if criterion.direction is Direction.AT_LEAST else -short)


def _points(edition: Edition, met: set[str]) -> int:
    return sum(criterion.weight for criterion in edition.criteria if criterion.code in met)


def _points_possible(edition: Edition) -> int:
    return sum(criterion.weight for criterion in edition.criteria)


def _levels(edition: Edition, met: set[str]) -> tuple[LevelRule | None, LevelRule | None]:
    """The level reached, and the one above it. A level needs all those below."""
    reached = None
    for rule in edition.levels:
        if not met.issuperset(rule.mandatory) or _points(edition, met) < _needed(rule, edition):
            return reached, rule
        reached = rule
    return reached, None


def _needed(rule: LevelRule, edition: Edition) -> int:
    """The fewest whole points that reach the rule's share."""
    return ceil(round(rule.score_at_least * _points_possible(edition), 6))


_EASE = (
    State.EVIDENCE_DUE,
    State.ATTESTED_NONE,
    State.NOT_MET,
    State.LOW_RESPONSE,
    State.TOO_FEW,
    State.NOT_YET_MEASURED,
)
"""What a site can do something about soonest, first."""


def _lift(rule: LevelRule, edition: Edition, findings: tuple[Finding, ...]) -> Lift:
    met = _codes(findings, State.MET)
    needed = _needed(rule, edition)
    missing = tuple(code for code in rule.mandatory if code not in met)
    steps = list(missing)
    unmet = (f for f in findings if f.state is not State.MET and f.criterion.code not in missing)
    for finding in sorted(unmet, key=_ease):
        if _points(edition, met.union(steps)) >= needed:
            break
        steps.append(finding.criterion.code)
    for code in steps[len(missing) :]:  # a later, heavier one can make an earlier one needless
        others = [step for step in steps if step != code]
        if _points(edition, met.union(others)) >= needed:
            steps = others
    return Lift(rule, max(0, needed - _points(edition, met)), missing, tuple(steps))


def _ease(finding: Finding) -> tuple[int, float]:
    """Kinds of work in order; of two alike, the smaller gap as a share of the threshold."""
    threshold = finding.criterion.threshold or 1.0
    return _EASE.index(finding.state), (finding.gap or 0.0) / threshold
