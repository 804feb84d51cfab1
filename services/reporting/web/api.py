"""The public JSON API: what the pages show, for programs. Suppressed as they are."""

from collections.abc import Callable
from hashlib import blake2b
from http import HTTPStatus
from typing import Annotated, Self, TypeVar

from fastapi import APIRouter, Path, Request, Response

from libs.events.codes import SITE_PATTERN
from libs.standards.standards import Standards
from services.reporting.reads.apart import off_the_loop
from services.reporting.web.portal import First, Last, Portal
from services.reporting.web.response_models import NationalAnswer, ScorecardsAnswer, SiteDetail
from services.reporting.web.response_parts import Answer, SiteName

Code = Annotated[str, Path(pattern=SITE_PATTERN, description="A site's code, pjo-50.")]
V = TypeVar("V")
FRESH_SECONDS = 15
"""How long an answer may be served from a cache: figures move with every visit."""


class Sites(Answer):
    """The offices known, switched on or not."""

    sites: tuple[SiteName, ...]

    @classmethod
    def of(cls, standards: Standards) -> Self:
        known = standards.sites.values()
        return cls(sites=tuple(SiteName.model_validate(one) for one in known))


def routes(portal: Portal) -> APIRouter:
    """``/api/national``, ``/api/sites``, ``/api/sites/{code}``, ``/api/scorecards``."""
    router = APIRouter(prefix="/api", tags=["figures"])

    @router.get("/national", response_model=NationalAnswer)
    async def national(request: Request, first: First, last: Last) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Every office, the pilots together and all together."""
        view = await portal.nation(portal.period_between(first, last))
        return await _answer(request, NationalAnswer.of, view)

    @router.get("/sites", response_model=Sites)
    async def sites(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """The offices' codes and names."""
        return await _answer(request, Sites.of, portal.standards)

    @router.get("/sites/{code}", response_model=SiteDetail)
    async def site(request: Request, code: Code, first: First, last: Last) -> Response:  # pyright: ignore[reportUnusedFunction]
        """One office: figures, services, hours, answers, days and its scorecard."""
        view = await portal.office(portal.site(code), portal.period_between(first, last))
        return await _answer(request, SiteDetail.of, view)

    @router.get("/scorecards", response_model=ScorecardsAnswer)
    async def scorecards(request: Request, first: First, last: Last) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Every office's scorecard."""
        view = await portal.nation(portal.period_between(first, last))
        return await _answer(request, ScorecardsAnswer.of, view)

    return router


async def _answer(request: Request, of: Callable[[V], Answer], view: V) -> Response:
    """The answer of ``view``, or "not modified" to whoever has it. Written off the loop: a
    national answer is a megabyte."""
    body = await off_the_loop(lambda: of(view).model_dump_json().encode())
    tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={FRESH_SECONDS}"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
