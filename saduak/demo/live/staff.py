"""Staff, now: a supervisor who keeps the day open, and a clerk at each counter."""

import asyncio
from datetime import date, timedelta
from typing import Any

from libs.clock import now
from libs.service.formats import local_date
from saduak.demo.clerks import WITHIN_REACH
from saduak.demo.live.present import IDLE_SECONDS, Guest, Present
from saduak.demo.live.visitors import leave
from saduak.demo.live.web import Refusal
from saduak.demo.planning import pick

LOOK_SECONDS = 20.0
"""Between two looks whether the right day is open."""


async def keep_day(present: Present) -> None:
    """Have today's service day open; tomorrow's, if today's was closed already.

    So at midnight the day before is closed.
    """
    today = local_date(now())
    known = await present.supervisor.get("/api/days")
    open_day = next((date.fromisoformat(one["day"]) for one in known if one["open"]), None)
    if open_day is not None and open_day < today:
        await present.supervisor.post(f"/api/days/{open_day}/close")
        open_day = None
    if open_day is None:
        closed = {one["day"] for one in known}
        day = today if str(today) not in closed else today + timedelta(days=1)
        await present.supervisor.post(f"/api/days/{day}/open")
    await asyncio.sleep(LOOK_SECONDS)


async def work(present: Present, counter: int) -> None:
    """A clerk serves whoever is next at a counter, and puts right what is not as it should be."""
    try:
        await _serve_next(present, counter)
    except Refusal as refusal:
        match refusal.code:
            case "counter_not_open":
                await present.clerks[counter].post(f"/api/counters/{counter}/open")
            case "counter_at_another_desk":  # the clerk has signed in anew
                await present.clerks[counter].post(f"/api/counters/{counter}/take-over")
            case "counter_busy":
                await _finish_left_over(present, counter)
            case "no_open_day":
                await asyncio.sleep(IDLE_SECONDS)
            case _:
                raise


async def _serve_next(present: Present, counter: int) -> None:
    called = await _call(present, counter)
    if called is None:
        await asyncio.sleep(IDLE_SECONDS)
        return
    # Whoever took a ticket at the kiosk's page is served as well.
    guest = present.guests.pop(called["visit"], None)
    present.pulse.serving += 1
    try:
        if guest is not None and present.impatient(guest):
            await _call_in_vain(present, counter, called["visit"])
        else:
            await _serve(present, counter, called["visit"], guest)
    finally:
        present.pulse.serving -= 1
    present.pulse.notice = None
    await present.lapse(present.scenario.at_the_counter.between.draw(present.chance))


async def _call(present: Present, counter: int) -> dict[str, Any] | None:
    """Whoever is next; now and then somebody else, for a reason."""
    at, clerk = f"/api/counters/{counter}", present.clerks[counter]
    out_of_turn = present.its.out_of_turn
    if present.chance.random() < out_of_turn.share:
        queue: list[dict[str, Any]] = (await clerk.get("/api/queue"))["waiting"]
        if len(queue) > 1:
            chosen = present.chance.choice(queue[1:WITHIN_REACH])
            reason = pick(out_of_turn.reasons, present.chance)
            asked = {"visit": chosen["visit"], "reason": reason}
            return await clerk.post(f"{at}/call", asked)
    return await clerk.post(f"{at}/call-next")


async def _call_in_vain(present: Present, counter: int, visit: str) -> None:
    """The visitor has left without a word."""
    at, clerk = f"/api/counters/{counter}", present.clerks[counter]
    counter_work = present.scenario.at_the_counter
    for _ in range(counter_work.recalls):
        await present.lapse(counter_work.recall_after)
        await clerk.post(f"{at}/recall", {"visit": visit})
    await present.lapse(counter_work.recall_after)
    await clerk.post(f"{at}/no-show", {"visit": visit})


async def _serve(present: Present, counter: int, visit: str, guest: Guest | None) -> None:
    at, clerk = f"/api/counters/{counter}", present.clerks[counter]
    visitor = guest.visitor if guest else present.somebody()
    await present.lapse(visitor.walk)
    await clerk.post(f"{at}/start", {"visit": visit})
    await present.lapse(visitor.service)
    await clerk.post(f"{at}/end", {"visit": visit})
    present.pulse.served += 1
    if guest is not None:
        leave(present, counter, guest)


async def _finish_left_over(present: Present, counter: int) -> None:
    """Serve whom the counter has from before: the demo or the service was stopped then."""
    at, clerk = f"/api/counters/{counter}", present.clerks[counter]
    for one in (await clerk.get("/api/queue"))["counters"]:
        left = one["visitor"]
        if one["counter"] == counter and left is not None:
            if left["state"] == "called":
                await clerk.post(f"{at}/start", {"visit": left["visit"]})
            await present.lapse(timedelta(minutes=1))
            await clerk.post(f"{at}/end", {"visit": left["visit"]})
