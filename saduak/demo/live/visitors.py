"""Visitors, now: at the kiosk, in the waiting room, at the tablet or with their phone."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from libs.clock import now
from libs.events.codes import Channel, FeedbackChannel
from saduak.demo.live.present import IDLE_SECONDS, Guest, Present
from saduak.demo.live.web import Refusal
from saduak.demo.planning import BOOKING_STEP, Opinion

READING = timedelta(seconds=4)
"""A page that asks stays open no longer than this in a hurried demo."""
TRIES = 8
"""How often a tablet is looked at, a quarter of a second apart, until it asks."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def take_ticket(present: Present) -> None:
    """After a while, the next visitor comes and takes a ticket."""
    an_hour = max(present.its.visitors.get(present.scenario.live.hour, 0), 0.1)
    await present.lapse(timedelta(hours=present.chance.expovariate(an_hour)))
    comes = now()
    has_booked = present.chance.random() < present.its.booked.share
    new = present.somebody(comes - (comes - EPOCH) % BOOKING_STEP if has_booked else None)
    asked = new.request
    issuer = present.staff if asked.channel is Channel.COUNTER else present.kiosk
    ticket = await issuer.post(
        "/api/tickets",
        {
            "service": asked.service,
            "visitor_class": asked.visitor_class,
            "appointment": asked.appointment.isoformat() if asked.appointment else None,
        },
    )
    guest = Guest(new, ticket["token"], comes)
    present.guests[ticket["visit"]] = guest
    present.pulse.issued += 1


async def give_up(present: Present) -> None:
    """Those whose patience has ended, and who say so, hand their ticket back."""
    await asyncio.sleep(IDLE_SECONDS)
    leaving = [
        visit
        for visit, guest in present.guests.items()
        if guest.visitor.tells and present.impatient(guest)
    ]
    for visit in leaving:
        if present.guests.pop(visit, None) is not None:
            await present.staff.post(f"/api/visits/{visit}/withdraw", {"outcome": "left"})


def leave(present: Present, counter: int, guest: Guest) -> None:
    """A visitor who was served goes, and perhaps says what it was like."""
    opinion = guest.visitor.opinion
    if opinion is not None:
        task = asyncio.create_task(answer(present, counter, guest.token, opinion))
        present.answering.add(task)
        task.add_done_callback(present.answering.discard)


async def answer(present: Present, counter: int, token: str, opinion: Opinion) -> None:
    """At the tablet of the counter, or by the ticket's link."""
    by_tablet = opinion.channel is FeedbackChannel.TABLET
    await present.lapse(opinion.after)
    try:
        asked = _at_tablet(present, counter, token) if by_tablet else _by_link(present, token)
        stamp = await asked
        if stamp is None:
            return
        took = timedelta(milliseconds=opinion.took_ms)
        await asyncio.sleep(min(took, READING).total_seconds())
        where = f"/api/tablets/{counter}/responses" if by_tablet else "/api/responses"
        await (present.tablet if by_tablet else present.phone).post(
            where,
            {
                "token": token,
                "response": str(uuid4()),
                "ratings": dict(opinion.levels),
                "language": opinion.language,
                "stamp": stamp,
                "took_ms": opinion.took_ms,
            },
        )
    except Refusal as refusal:
        present.pulse.notice = str(refusal)
    else:
        present.pulse.answers += 1


async def _at_tablet(present: Present, counter: int, token: str) -> str | None:
    """The stamp, when the tablet asks about this visit; None if it never does."""
    for _ in range(TRIES):
        question = (await present.tablet.get(f"/api/tablets/{counter}/offer"))["question"]
        if question is not None and question["token"] == token:
            return question["stamp"]
        await asyncio.sleep(0.25)
    return None


async def _by_link(present: Present, token: str) -> str | None:
    """The stamp of the page behind the ticket's link; None if it does not ask."""
    return (await present.phone.get(f"/api/offers/{token}"))["stamp"]
