"""The parts of the API's answers. What can hold a level says whether it is a working model's."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from libs.standards.metrics import Unit
from libs.standards.values import (
    CriterionKind,
    Direction,
    EvidenceKind,
    Level,
    Part,
    SiteKind,
)
from services.reporting.figures.disclosure import SMALLEST_PUBLISHED
from services.reporting.figures.measures import MeasureUnit
from services.reporting.figures.scorecard import Finding, Scorecard, Standing, State
from services.reporting.figures.views import Completeness, Row
from services.reporting.model.periods import PeriodKind


class Answer(BaseModel):
    """A closed, frozen structure."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class FigureAnswer(Answer):
    """One figure. Where it is suppressed, no number of it is given."""

    value: Annotated[float | None, Field(description="In the unit; null where there is none.")]
    unit: Unit | MeasureUnit
    n: Annotated[
        int | None,
        Field(
            description="How many observations it counts, as the metric's definition says: of "
            "satisfaction ratings, of which a visitor gives up to four; not always people."
        ),
    ]
    numerator: int | None
    denominator: int | None
    suppressed: bool


Figures = Mapping[str, FigureAnswer]


def figures_answer(row: Row) -> Figures:
    return {name.value: FigureAnswer.model_validate(one) for name, one in row.items()}


class PeriodAnswer(Answer):
    """Service days, both ends included."""

    first: date
    last: date
    kind: PeriodKind
    fiscal_year: Annotated[int, Field(description="Of the Buddhist era, at the period's end.")]


class SuppressionAnswer(Answer):
    """What is withheld, and why."""

    smallest_published: int = SMALLEST_PUBLISHED
    rule: str = (
        "Figures about fewer than five people are withheld, with all that rest on the same "
        "people, and with them the smallest others that would give them away by subtraction. A "
        "figure that no choice of others protects is given for the whole only."
    )


class SiteName(Answer):
    """A service centre."""

    code: str
    name_th: str
    name_en: str
    kind: SiteKind


class CoverageAnswer(Answer):
    """Service days that are due or there, by state."""

    days: int
    complete: int
    arriving: int
    disputed: int
    resolved: int
    open: int
    missing: int
    share: Annotated[float | None, Field(description="Complete days among all; null of none.")]


class CompletenessAnswer(Answer):
    """How much of the site's data is here."""

    coverage: CoverageAnswer
    first_day: date | None
    last_day: date | None
    data_until: Annotated[
        datetime | None, Field(description="When the last known event of the last day happened.")
    ]

    @classmethod
    def of(cls, one: Completeness) -> Self:
        reach = one.reach
        return cls(
            coverage=CoverageAnswer.model_validate(one.coverage),
            first_day=reach.first_day if reach else None,
            last_day=reach.last_day if reach else None,
            data_until=reach.until if reach else None,
        )


class LevelAnswer(Answer):
    """A level of the edition. Without its edition's notice it must not be shown."""

    level: Level
    name_th: str
    name_en: str


class EditionAnswer(Answer):
    """The criteria that judged. A working model is no official assessment."""

    code: str
    name_th: str
    name_en: str
    working_model: bool
    notice_th: str
    notice_en: str
    holds_from: date


class FindingAnswer(Answer):
    """One criterion as it stands."""

    code: str
    part: Part
    name_th: str
    name_en: str
    kind: CriterionKind
    weight: int
    source: Annotated[str, Field(description="Where the wording and the values come from.")]
    official: bool
    state: State
    metric: str | None
    figure: FigureAnswer | None
    direction: Direction | None
    target: Annotated[float | None, Field(description="The threshold, in the metric's unit.")]
    gap: Annotated[float | None, Field(description="What the value lacks; 0 when it is reached.")]
    minimum_n: int
    minimum_response_rate: float | None
    evidence_asked: EvidenceKind | None
    evidence: Annotated[str | None, Field(description='"none" where it is asked for.')]

    @classmethod
    def of(cls, one: Finding) -> Self:
        criterion = one.criterion
        return cls(
            code=criterion.code,
            part=criterion.part,
            name_th=criterion.name_th,
            name_en=criterion.name_en,
            kind=criterion.kind,
            weight=criterion.weight,
            source=criterion.source.reference,
            official=criterion.source.official,
            state=one.state,
            metric=criterion.metric,
            figure=FigureAnswer.model_validate(one.figure) if one.figure else None,
            direction=criterion.direction,
            target=criterion.threshold,
            gap=one.gap,
            minimum_n=criterion.minimum_n,
            minimum_response_rate=criterion.minimum_response_rate,
            evidence_asked=criterion.evidence,
            evidence="none" if one.evidence_due else None,
        )


class LiftAnswer(Answer):
    """What the next level takes."""

    level: LevelAnswer
    points_missing: int
    mandatory_missing: tuple[str, ...]
    steps: Annotated[
        tuple[str, ...], Field(description="Criteria that, all met, give the level; easiest first.")
    ]


class ScorecardAnswer(Answer):
    """A site judged by one edition."""

    working_model: bool
    edition: EditionAnswer
    judged: PeriodAnswer
    standing: Annotated[
        Standing,
        Field(
            description="not_judged: no criterion could be judged. points: evidence is asked for "
            "and can't be handed in yet, so that no level is named. level: one is."
        ),
    ]
    level: Annotated[
        LevelAnswer | None,
        Field(description="Null below the lowest, and where no level is named."),
    ]
    points: Annotated[int | None, Field(description="Null where nothing could be judged.")]
    points_possible: int
    lift: LiftAnswer | None
    findings: tuple[FindingAnswer, ...]

    @classmethod
    def of(cls, card: Scorecard) -> Self:
        judged = card.standing is not Standing.NOT_JUDGED
        return cls(
            working_model=card.working_model,
            edition=EditionAnswer.model_validate(card.edition),
            judged=PeriodAnswer.model_validate(card.judged),
            standing=card.standing,
            level=LevelAnswer.model_validate(card.level) if card.level else None,
            points=card.points if judged else None,
            points_possible=card.points_possible,
            lift=LiftAnswer.model_validate(card.lift) if card.lift else None,
            findings=tuple(FindingAnswer.of(one) for one in card.findings),
        )
