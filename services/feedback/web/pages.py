"""The visitor's pages: behind the link on a ticket, and on the tablet at a counter."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from libs.events.codes import CounterNumber
from libs.service.pages import Pages
from libs.service.problems import Problem
from libs.site.devices import DeviceKind
from libs.site.guards import TheDoors, machine
from services.feedback.reads import Standing
from services.feedback.web.answer_desk import TOKEN_LENGTH, Desk

FOLDER = FilePath(__file__).parent

_STATUS: Mapping[Standing, HTTPStatus] = {
    Standing.ASKED: HTTPStatus.OK,
    Standing.ANSWERED: HTTPStatus.OK,
    Standing.TOO_EARLY: HTTPStatus.OK,
    Standing.NOT_ASKED: HTTPStatus.NOT_FOUND,
    Standing.EXPIRED: HTTPStatus.GONE,
}


def router(desk: Desk, pages: Pages, counters: int) -> APIRouter:
    """``/r/{token}``; ``/tablet``, where one of the site's ``counters`` is chosen, and
    ``/tablet/{counter}``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/r/{token}")
    async def rate(  # pyright: ignore[reportUnusedFunction]
        request: Request, token: Annotated[str, Path(max_length=TOKEN_LENGTH)]
    ) -> Response:
        try:
            link = desk.read(token)
        except Problem as problem:
            return pages.render(
                request, "standing.html", {"standing": problem.code}, problem.status
            )
        found = await desk.standing(link)
        if found is Standing.ASKED:
            return pages.render(request, "rate.html", {"question": desk.question(link)})
        return pages.render(request, "standing.html", {"standing": found}, _STATUS[found])

    @routes.get("/tablet", dependencies=[Depends(machine(DeviceKind.TABLET))])
    async def choose(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        return pages.render(request, "tablets.html", {"counters": counters})

    @routes.get("/tablet/{counter}", dependencies=[Depends(machine(DeviceKind.TABLET))])
    async def tablet(  # pyright: ignore[reportUnusedFunction]
        request: Request, counter: Annotated[CounterNumber, Path()], doors: TheDoors
    ) -> Response:
        response = pages.render(request, "tablet.html", {"counter": counter})
        doors.renew_device(request, response)
        return response

    return routes
