"""The JSON API: the same as the pages do, for programs.

Errors are ``application/problem+json`` with a stable ``code``: ``bad_link`` (404), ``expired``
(410), ``not_asked``, ``already_answered``, ``response_taken`` and ``other_counter`` (409),
``bad_stamp`` and ``invalid`` (422), ``slow_down`` (429), ``not_enrolled`` (403).
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from libs.events.codes import CounterNumber, Dimension, FeedbackChannel
from libs.service.clients import address_of
from libs.site.devices import Device, DeviceKind
from libs.site.guards import machine
from libs.site.sessions import Session
from services.feedback.reads import Standing
from services.feedback.usecases.answering import Receipt
from services.feedback.web.answer_desk import TOKEN_LENGTH, Desk, Question, SentAnswer

LinkToken = Annotated[str, Path(max_length=TOKEN_LENGTH)]
Counter = Annotated[CounterNumber, Path()]
Tablet = Annotated[Device | Session, Depends(machine(DeviceKind.TABLET))]


class OfferState(BaseModel):
    """How it stands with a link."""

    standing: Standing
    service_day: date
    stamp: str | None
    """To be sent back with the answer; null unless ``standing`` is ``asked``."""


class AskedAbout(BaseModel):
    """A visit that a tablet asks about."""

    token: str
    stamp: str
    service_day: date


class TabletOffer(BaseModel):
    question: AskedAbout | None
    """Null: the idle screen."""


class Taken(BaseModel):
    """The answer that counts; every retry gets the same."""

    response: UUID
    ratings: dict[Dimension, int]


def router(desk: Desk) -> APIRouter:
    """The routes below ``/api``."""
    routes = APIRouter(prefix="/api")

    @routes.get("/offers/{token}")
    async def offer(token: LinkToken) -> OfferState:  # pyright: ignore[reportUnusedFunction]
        """Whether the visit of a ticket's link can be rated, and the stamp to send with it."""
        link = desk.read(token)
        found = await desk.standing(link)
        stamp = desk.question(link).stamp if found is Standing.ASKED else None
        return OfferState(standing=found, service_day=link.service_day, stamp=stamp)

    @routes.post("/responses")
    async def respond(request: Request, sent: SentAnswer) -> Taken:  # pyright: ignore[reportUnusedFunction]
        """Answer by the link of a ticket. Safe to retry with the same ``response``."""
        return _taken(await desk.take(sent, FeedbackChannel.LINK, address_of(request)))

    @routes.get("/tablets/{counter}/offer")
    async def tablet_offer(counter: Counter, _tablet: Tablet) -> TabletOffer:  # pyright: ignore[reportUnusedFunction]
        """Whom the tablet at a counter asks now: the last one served there, for ten minutes."""
        return TabletOffer(question=_asked_about(await desk.question_at(counter)))

    @routes.post("/tablets/{counter}/responses")
    async def tablet_respond(  # pyright: ignore[reportUnusedFunction]
        counter: Counter, tablet: Tablet, sent: SentAnswer
    ) -> Taken:
        """Answer on the tablet at a counter. Safe to retry with the same ``response``."""
        sender = tablet.label if isinstance(tablet, Device) else tablet.staff.login
        return _taken(await desk.take_at(counter, sent, f"tablet {sender}"))

    return routes


def _asked_about(question: Question | None) -> AskedAbout | None:
    if question is None:
        return None
    return AskedAbout(token=question.token, stamp=question.stamp, service_day=question.service_day)


def _taken(receipt: Receipt) -> Taken:
    levels = {rating.dimension: rating.level for rating in receipt.ratings}
    return Taken(response=receipt.response, ratings=levels)
