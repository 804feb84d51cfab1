"""What staff do: call, serve and close; they take whoever the queue says is next."""

from datetime import datetime, timedelta

from libs.events.codes import CorrectionReason, Outcome
from saduak.demo.agenda import Doing
from saduak.demo.planning import Shift, Visitor, pick
from saduak.demo.scene import Mending, Scene
from saduak.demo.visitors import answer
from services.ticketing.model.corrections import NewEnd, NewOutcome, NewService
from services.ticketing.reads import waiting
from services.ticketing.usecases import (
    call,
    call_next,
    close_counter,
    close_day,
    correct,
    end,
    no_show,
    open_counter,
    recall,
    start,
)
from services.ticketing.usecases.calling import Called

MINUTE = timedelta(minutes=1)
LOOKED_OVER = timedelta(minutes=20)
"""So long after closing the supervisor has looked the day over, and corrects."""
WITHIN_REACH = 6
"""Out of turn, a clerk picks among so many at the head of the queue."""


async def clerk(scene: Scene, shift: Shift) -> Doing:
    """A clerk works a shift at one counter."""
    await open_counter(scene.office, shift.counter, scene.roster.at(shift.counter))
    while (ready := _ready(scene, shift)) is not None:
        if ready > scene.now:
            yield ready
            continue
        scene.room.expected += 1
        yield scene.now + scene.counter_work.between.draw(scene.chance)
        scene.room.expected -= 1
        called = await _call(scene, shift.counter)
        if called is None:
            continue
        visitor = scene.room.visitors.pop(called.visit)
        gone = called.visit in scene.room.gone
        doing = _call_in_vain(scene, called) if gone else _serve(scene, shift, called, visitor)
        async for moment in doing:
            yield moment
        scene.ended()
        if shift.counter in scene.left_open:
            break
    else:
        await close_counter(scene.office, shift.counter)
    scene.shifts_over += 1


def _ready(scene: Scene, shift: Shift) -> datetime | None:
    """When the clerk can next call somebody: now if anybody waits; None when the shift is over."""
    anybody = scene.room.anybody_left
    if scene.now >= shift.ends:
        stays = shift.last and anybody and scene.now < scene.plan.stays_until
        return scene.now if stays else None
    if anybody:
        return scene.now
    return min(scene.next_arrival or shift.ends, shift.ends)


async def _call(scene: Scene, counter: int) -> Called | None:
    """Whoever is next; now and then somebody else, for a reason."""
    out_of_turn = scene.its.out_of_turn
    if len(scene.room.visitors) > 1 and scene.chance.random() < out_of_turn.share:
        queue = [place.waiting.visit for place in await waiting(scene.office)]
        others = [one for one in queue[1:WITHIN_REACH] if one not in scene.room.gone]
        if others:
            reason = pick(out_of_turn.reasons, scene.chance)
            return await call(scene.office, counter, scene.chance.choice(others), reason)
    return await call_next(scene.office, counter)


async def _call_in_vain(scene: Scene, called: Called) -> Doing:
    """The visitor has left without a word."""
    for _ in range(scene.counter_work.recalls):
        yield scene.now + scene.counter_work.recall_after
        await recall(scene.office, called.counter, called.visit)
    yield scene.now + scene.counter_work.recall_after
    await no_show(scene.office, called.counter, called.visit)


async def _serve(scene: Scene, shift: Shift, called: Called, visitor: Visitor) -> Doing:
    waited = scene.now - visitor.arrives
    yield scene.now + visitor.walk
    await start(scene.office, called.counter, called.visit)
    yield scene.now + visitor.service
    if shift.forgets and _ready(scene, shift) is None:
        _forget(scene, called)
        return
    await end(scene.office, called.counter, called.visit)
    if visitor.wrong_service is not None:
        change = NewService(visitor.wrong_service)
        scene.mendings.append(Mending(called.visit, (change,), CorrectionReason.WRONG_SERVICE))
    if visitor.opinion is not None:
        long_wait = waited > scene.its.answers.long_wait.over
        answering = answer(scene, called.visit, visitor.opinion, long_wait=long_wait)
        scene.agenda.enter(answering, scene.now + visitor.opinion.after)


def _forget(scene: Scene, called: Called) -> None:
    """The clerk goes home without ending the last visit."""
    scene.left_open.add(called.counter)
    if scene.chance.random() < scene.its.slips.mended:
        changes = (NewEnd(scene.now), NewOutcome(Outcome.SERVED))
        mending = Mending(called.visit, changes, CorrectionReason.FORGOTTEN_FINISH)
        scene.mendings.append(mending)


async def supervisor(scene: Scene) -> Doing:
    """From closing time on: close the day when everybody has gone, then mend what was wrong."""
    while scene.shifts_over < len(scene.plan.shifts):
        yield scene.now + MINUTE
    for _ in scene.room.visitors:  # given up: closing ends their visits
        scene.ended()
    scene.room.visitors.clear()
    await close_day(scene.office, scene.plan.day)
    await scene.desk.catch_up()
    yield scene.now + LOOKED_OVER
    for mending in scene.mendings:
        for change in mending.changes:
            await correct(
                scene.office, mending.visit, 1, change, mending.reason, scene.roster.supervisor
            )
            yield scene.now + MINUTE
