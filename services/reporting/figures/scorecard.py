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
from services.reporting.figures.disclosure import Published
from services.reporting.figures.measures import Name
from services.reporting.model.periods import Period


class State(StrEnum):
    """How a criterion stands."""

    MET = "met"
    NOT_MET = "not_met"
    EVIDENCE_DUE = "evidence_due"
    """The measured half is met; the evidence it also asks for is not there."""
    TOO_FEW = "too_few"
    """Fewer observations than the edition asks for, or withheld."""
    LOW_RESPONSE = "low_response"
    """Too small a share of the visitors asked has answered."""
    NOT_YET_MEASURED = "not_yet_measured"
    """No event tells it yet."""
    ATTESTED_NONE = "attested_none"
    """Shown by evidence alone, and none is there."""


class Standing(StrEnum):
    """What can be said of a site as a whole."""

    NOT_JUDGED = "not_judged"
    """No criterion could be judged by figures: no day was due, or too few came."""
    POINTS = "points"
    """The edition asks for evidence, which can't be handed in yet: a level would be wrong."""
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion of one site and period."""

    criterion: Criterion
    state: State
    figure: Published | None
    """None where nothing measures it, or it can't be told apart from the whole period's."""
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
    standing: Standing
    level: LevelRule | None
    """None below the lowest, and where no level is named."""
    lift: Lift | None
    """None at the highest level, and where no level is named."""

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


def judge(edition: Edition, judged: Period, row: Mapping[Name, Published]) -> Scorecard:
    """The scorecard of a site by what is published of the days of ``judged``: a figure that is
    absent there is too few."""
    answered = row.get(Metric.RESPONSE_RATE)
    rate = answered.value if answered else None
    findings = tuple(_find(criterion, row, rate) for criterion in edition.criteria)
    met = _codes(findings, State.MET)
    standing = _standing(findings)
    level, following = _levels(edition, met) if standing is Standing.LEVEL else (None, None)
    return Scorecard(
        edition,
        judged,
        findings,
        _points(edition, met),
        _points_possible(edition),
        standing,
        level,
        _lift(following, edition, findings) if following else None,
    )


_JUDGED = frozenset((State.MET, State.NOT_MET, State.EVIDENCE_DUE))


def _standing(findings: Iterable[Finding]) -> Standing:
    if not any(finding.state in _JUDGED for finding in findings):
        return Standing.NOT_JUDGED
    if any(finding.evidence_due for finding in findings):
        return Standing.POINTS
    return Standing.LEVEL


def _codes(findings: Iterable[Finding], *states: State) -> set[str]:
    return {finding.criterion.code for finding in findings if finding.state in states}


def _find(
    criterion: Criterion, row: Mapping[Name, Published], response_rate: float | None
) -> Finding:
    if criterion.not_yet_measured:
        return Finding(criterion, State.NOT_YET_MEASURED, None, None)
    if criterion.metric is None:
        return Finding(criterion, State.ATTESTED_NONE, None, None)
    shown = row.get(criterion.metric)
    if shown is None:
        return Finding(criterion, State.TOO_FEW, None, None)
    gap = _gap(criterion, shown.value)
    return Finding(criterion, _state(criterion, shown, gap, response_rate), shown, gap)


def _state(
    criterion: Criterion, shown: Published, gap: float | None, response_rate: float | None
) -> State:
    if gap is None or shown.n is None or shown.n < criterion.minimum_n:
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
