"""The public pages: the national table, and one page an office."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from libs.events.codes import SITE_PATTERN
from libs.service.language import language_of
from libs.service.times import AskedDay
from libs.standards.metrics import Metric
from libs.standards.values import SiteKind
from services.reporting.figures.measures import Measure, Name
from services.reporting.figures.views import NationalView, SiteRow
from services.reporting.model.periods import EARLIEST, Period, PeriodKind
from services.reporting.reads.apart import off_the_loop
from services.reporting.web import charts, wording
from services.reporting.web.portal import Portal
from services.reporting.web.wording import Wording

Code = Annotated[str, Path(pattern=SITE_PATTERN)]
Kind = Annotated[PeriodKind, Query(alias="period")]
Of = Annotated[AskedDay | None, Query(description="Any day of the period; the newest if absent.")]
Sort = Annotated[Name | None, Query(description="The figure to sort by, highest first.")]

KEY_FIGURES: tuple[Name, ...] = (
    Measure.VISITS,
    Measure.WAIT_P50,
    Measure.WAIT_P90,
    Metric.WAIT_WITHIN_TARGET,
    Metric.SERVICE_WITHIN_ANNOUNCED,
    Metric.SATISFACTION_TOP2,
    Metric.RESPONSE_RATE,
)
"""The columns of the national table."""
SITE_FIGURES: tuple[Name, ...] = (
    Measure.VISITS,
    Metric.SERVED_SHARE,
    Metric.ABANDONMENT_SHARE,
    Metric.NO_SHOW_SHARE,
    Measure.WAIT_MEAN,
    Measure.WAIT_P50,
    Measure.WAIT_P90,
    Metric.WAIT_WITHIN_TARGET,
    Measure.SERVICE_MEAN,
    Measure.SERVICE_P90,
    Metric.SERVICE_WITHIN_ANNOUNCED,
    Metric.OUT_OF_ORDER_SHARE,
    Metric.PRIORITY_WAIT_RATIO,
    Metric.LUNCH_SERVICE_SHARE,
    Metric.BOOKED_SHARE,
    Metric.ESTIMATE_WITHIN_RANGE,
)
SERVICE_FIGURES: tuple[Name, ...] = (
    Measure.STEPS,
    Measure.WAIT_P50,
    Measure.WAIT_P90,
    Metric.WAIT_WITHIN_TARGET,
    Measure.SERVICE_MEAN,
    Metric.SERVICE_WITHIN_ANNOUNCED,
    Metric.SATISFACTION_TOP2,
)
GROUPS = (
    (SiteKind.MODEL,),
    (SiteKind.CENTRAL_PILOT, SiteKind.PROVINCIAL_PILOT),
    (SiteKind.ROLLOUT,),
)
"""The national table's parts: the pilots stand beside the model office."""
NARROW, WIDE = 300, 1000
"""Pixels of the chart's two drawings; the page shows the one that fits."""


def routes(portal: Portal) -> APIRouter:
    """``/`` and ``/sites/{code}``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def national(  # pyright: ignore[reportUnusedFunction]
        request: Request, kind: Kind = PeriodKind.MONTH, of: Of = None, sort: Sort = None
    ) -> HTMLResponse:
        period = await portal.period_of(kind, of)
        view = await portal.nation(period)
        values = _common(portal, request, period) | {
            "view": view,
            "groups": grouped(view, sort),
            "columns": KEY_FIGURES,
            "sort": sort,
        }
        return await off_the_loop(portal.pages.render, request, "national.html", values)

    @router.get("/sites/{code}")
    async def site(  # pyright: ignore[reportUnusedFunction]
        request: Request, code: Code, kind: Kind = PeriodKind.MONTH, of: Of = None
    ) -> HTMLResponse:
        one = portal.site(code)
        period = await portal.period_of(kind, of)
        view = await portal.office(one, period)
        language = language_of(request)
        drawn = [
            await off_the_loop(charts.waits_by_hour, view.hours, language, width)
            for width in (NARROW, WIDE)
        ]
        values = _common(portal, request, period) | {
            "view": view,
            "chart": drawn,
            "figures": SITE_FIGURES,
            "service_figures": SERVICE_FIGURES,
        }
        return await off_the_loop(portal.pages.render, request, "site.html", values)

    return router


def _common(portal: Portal, request: Request, period: Period) -> dict[str, object]:
    before, after = period.before(), period.after()
    return {
        "period": period,
        "before": before if before and before.first >= EARLIEST else None,
        "after": after if after and after.first <= portal.today else None,
        "today": portal.today,
        "words": Wording(language_of(request)),
        "said": wording,
    }


def grouped(view: NationalView, sort: Name | None) -> list[list[SiteRow]]:
    """The rows by the part their site has in the plan, each part sorted by itself."""
    parts = [[row for row in view.rows if row.site.kind in kinds] for kinds in GROUPS]
    if sort is not None:
        parts = [sorted(part, key=_by(sort)) for part in parts]
    return [part for part in parts if part]


def _by(name: Name) -> Callable[[SiteRow], tuple[bool, float]]:
    """Highest first; what is withheld or absent last."""

    def key(row: SiteRow) -> tuple[bool, float]:
        value = row.figures[name].value
        return value is None, -(value or 0.0)

    return key
