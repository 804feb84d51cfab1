"""What visitors do: take a ticket, wait, give up, and say what they think."""

from datetime import timedelta
from uuid import UUID, uuid4

from libs.events.codes import Outcome
from saduak.demo.agenda import Doing
from saduak.demo.planning import Opinion, Visitor
from saduak.demo.scene import Scene
from services.feedback.model.answer import Answer
from services.ticketing.usecases import issue, withdraw

NOTICED = timedelta(seconds=90)
"""After this long staff remove a ticket that was taken by mistake."""


async def visit(scene: Scene, visitor: Visitor) -> Doing:
    """A visitor takes a ticket, and gives up if nobody calls in time."""
    scene.issued += 1
    ticket = await issue(scene.office, visitor.request)
    scene.room.visitors[ticket.visit] = visitor
    if visitor.mistaken:
        yield scene.now + NOTICED
        await _withdraw(scene, ticket.visit, Outcome.REMOVED)
        return
    # Who is early for a booking does not mind waiting for it.
    yield max(visitor.arrives, visitor.request.appointment or visitor.arrives) + visitor.patience
    if visitor.tells:
        await _withdraw(scene, ticket.visit, Outcome.LEFT)
    else:
        scene.room.gone.add(ticket.visit)


async def _withdraw(scene: Scene, ticket: UUID, outcome: Outcome) -> None:
    """Unless it has been called, or forgotten at closing."""
    if scene.room.visitors.pop(ticket, None) is not None:
        await withdraw(scene.office, ticket, outcome)
        scene.ended()


async def answer(scene: Scene, ticket: UUID, opinion: Opinion, *, long_wait: bool) -> Doing:
    """A visitor who was served says what it was like."""
    await scene.desk.take(
        Answer(
            response=uuid4(),
            visit=ticket,
            levels=opinion.after_long_wait if long_wait else opinion.levels,
            language=opinion.language,
            channel=opinion.channel,
            took_ms=opinion.took_ms,
        )
    )
    return
    yield  # one thing, at one moment
