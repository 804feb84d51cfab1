"""The API's answers, whole. Each says its period, its edition, how complete it is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field

from libs.events.codes import Dimension
from services.reporting.figures.coverage import DayState, SiteDay
from services.reporting.figures.formulas import Series
from services.reporting.figures.views import NationalView, Part, SiteRow, SiteView, Total
from services.reporting.web.response_parts import (
    Answer,
    CompletenessAnswer,
    CoverageAnswer,
    EditionAnswer,
    FigureAnswer,
    Figures,
    PeriodAnswer,
    ScorecardAnswer,
    SiteName,
    SuppressionAnswer,
    figures_answer,
)


class Publication(Answer):
    """What every answer about a period begins with."""

    period: PeriodAnswer
    working_model: Annotated[
        bool, Field(description="Whether the levels herein are a working model's, not official.")
    ]
    edition: Annotated[
        EditionAnswer | None, Field(description="Null before the first edition: nothing is judged.")
    ]
    data_until: Annotated[
        datetime | None, Field(description="The newest moment any of these data tell of.")
    ]
    coverage: CoverageAnswer
    suppression: SuppressionAnswer = SuppressionAnswer()


def _publication(view: NationalView | SiteView) -> dict[str, object]:
    edition, reach = view.edition, view.completeness.reach
    return {
        "period": PeriodAnswer.model_validate(view.period),
        "working_model": edition is not None and edition.working_model,
        "edition": EditionAnswer.model_validate(edition) if edition else None,
        "data_until": reach.until if reach else None,
        "coverage": CoverageAnswer.model_validate(view.completeness.coverage),
    }


UNREADABLE = (
    "Whether rows of the site can't be read: nothing of it is given, and no total holds it."
)


class SiteSummary(Answer):
    """A site in the national answer."""

    site: SiteName
    unreadable: Annotated[bool, Field(description=UNREADABLE)]
    figures: Figures
    completeness: CompletenessAnswer
    scorecard: ScorecardAnswer | None

    @classmethod
    def of(cls, row: SiteRow) -> Self:
        return cls(
            site=SiteName.model_validate(row.site),
            unreadable=row.unreadable,
            figures=figures_answer(row.figures),
            completeness=CompletenessAnswer.of(row.completeness),
            scorecard=ScorecardAnswer.of(row.scorecard) if row.scorecard else None,
        )


class TotalAnswer(Answer):
    """Several sites together."""

    figures: Figures
    sites: int
    left_out: Annotated[
        Mapping[str, tuple[str, ...]],
        Field(description="By figure, the sites it leaves out: it would give theirs away."),
    ]

    @classmethod
    def of(cls, one: Total) -> Self:
        return cls(
            figures=figures_answer(one.figures),
            sites=one.sites,
            left_out={name.value: sites for name, sites in one.left_out.items()},
        )


class NationalAnswer(Publication):
    """Every site, the pilots together, and all together."""

    sites: tuple[SiteSummary, ...]
    pilots: TotalAnswer
    nation: TotalAnswer

    @classmethod
    def of(cls, view: NationalView) -> Self:
        return cls.model_validate(
            _publication(view)
            | {
                "sites": tuple(SiteSummary.of(row) for row in view.rows),
                "pilots": TotalAnswer.of(view.pilots),
                "nation": TotalAnswer.of(view.nation),
            }
        )


class ServiceAnswer(Answer):
    """A service of the site."""

    code: str
    name_th: str
    name_en: str
    figures: Figures


class HourAnswer(Answer):
    """Steps that entered the queue within one hour of the day (Asia/Bangkok)."""

    hour: int
    figures: Figures


class LimitAnswer(Answer):
    """The share of waits within a published limit."""

    limit_ms: int
    share: FigureAnswer


class RatingAnswer(Answer):
    """Satisfaction at the point of service, as this system asks it; no other survey's score."""

    dimension: Annotated[Dimension | None, Field(description="Null for all dimensions together.")]
    series: Series
    mean: FigureAnswer
    percent: FigureAnswer
    top2: FigureAnswer


class DayAnswer(Answer):
    """One service day: what is known of it, and why."""

    day: date
    state: DayState
    detail: Annotated[str | None, Field(description="What is awaited, or what differs.")]
    revision: int | None

    @classmethod
    def of(cls, one: SiteDay) -> Self:
        return cls.model_validate(one)


class SiteDetail(Publication):
    """One site."""

    site: SiteName
    unreadable: Annotated[
        tuple[Part, ...], Field(description="What of it can't be read, and is empty here.")
    ]
    last_day: Annotated[date | None, Field(description="Of a site that is closed or merged.")]
    successor: Annotated[SiteName | None, Field(description="The site that it merged into.")]
    figures: Figures
    scorecard: ScorecardAnswer | None
    services: tuple[ServiceAnswer, ...]
    hours: tuple[HourAnswer, ...]
    limits: tuple[LimitAnswer, ...]
    satisfaction: tuple[RatingAnswer, ...]
    days: tuple[DayAnswer, ...]

    @classmethod
    def of(cls, view: SiteView) -> Self:
        return cls.model_validate(
            _publication(view)
            | {
                "site": SiteName.model_validate(view.site),
                "unreadable": view.unreadable,
                "last_day": view.site.last_day,
                "successor": SiteName.model_validate(view.successor) if view.successor else None,
                "figures": figures_answer(view.figures),
                "scorecard": ScorecardAnswer.of(view.scorecard) if view.scorecard else None,
                "services": tuple(
                    ServiceAnswer(
                        code=one.service.code,
                        name_th=one.service.name_th,
                        name_en=one.service.name_en,
                        figures=figures_answer(one.figures),
                    )
                    for one in view.services
                ),
                "hours": tuple(
                    HourAnswer(hour=one.hour, figures=figures_answer(one.figures))
                    for one in view.hours
                ),
                "limits": tuple(LimitAnswer.model_validate(one) for one in view.limits),
                "satisfaction": tuple(RatingAnswer.model_validate(one) for one in view.ratings),
                "days": tuple(DayAnswer.of(one) for one in view.days),
            }
        )


class SiteScorecard(Answer):
    """A site and its scorecard."""

    site: SiteName
    unreadable: Annotated[bool, Field(description=UNREADABLE)]
    completeness: CompletenessAnswer
    scorecard: ScorecardAnswer | None


class ScorecardsAnswer(Publication):
    """Every site's scorecard."""

    scorecards: tuple[SiteScorecard, ...]

    @classmethod
    def of(cls, view: NationalView) -> Self:
        scorecards = tuple(
            SiteScorecard(
                site=SiteName.model_validate(row.site),
                unreadable=row.unreadable,
                completeness=CompletenessAnswer.of(row.completeness),
                scorecard=ScorecardAnswer.of(row.scorecard) if row.scorecard else None,
            )
            for row in view.rows
        )
        return cls.model_validate(_publication(view) | {"scorecards": scorecards})
