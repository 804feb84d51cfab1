"""Clerks and a kiosk who never rest: ``python -m tests.chaos.load STATE SITE SEED PACE``.

Plays the ticketing use cases of one site on its database: eight clerks, rollbacks, days that
close while everybody works, corrections to closed days. Ends when its standard input closes, and
closes the day then.
"""

import asyncio
import random
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import uvloop

from libs.clock import now
from libs.database.pool import connections
from libs.events.codes import Channel, CorrectionReason, Origin, Outcome, VisitorClass
from libs.events.visits import CounterOpened
from libs.service.formats import local_date
from libs.standards import load
from libs.stream.outbox import Outbox
from saduak.local.plan import Folder
from services.ticketing.errors import Refused
from services.ticketing.model.corrections import NewService
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office, take_part
from services.ticketing.reads import days as newest_days
from services.ticketing.reads import working_day
from services.ticketing.usecases.calling import call_next
from services.ticketing.usecases.correcting import correct
from services.ticketing.usecases.counters import open_counter
from services.ticketing.usecases.days import close_day, open_day
from services.ticketing.usecases.issuing import issue
from services.ticketing.usecases.serving import end, no_show, start

FIRST_DAY = date(2025, 10, 1)
CLERKS = 8
VISITS_A_DAY = 60
STAFF = UUID(int=1)
CLERK_AT = {counter: UUID(int=100 + counter) for counter in range(1, CLERKS + 1)}
PAUSE_S = 0.03
"""Between two works of one clerk: busy, but with room for the rest of the machine. The last
argument, the pace, makes it longer."""


class Undone(Exception):
    """A use case that fails after its events are numbered."""


@dataclass(slots=True)
class Shift:
    """One site's work as it goes on."""

    office: Office
    chance: random.Random
    stop: asyncio.Event
    pace: float
    day: date = FIRST_DAY
    ended: list[UUID] = field(default_factory=list[UUID])

    def service(self) -> str:
        return self.chance.choice(self.office.place.services)


async def clerk(shift: Shift, counter: int) -> None:
    """Issue, call, serve. What is refused, since the day just closed or the office has fewer
    counters than we have clerks, is let be."""
    while not shift.stop.is_set():
        with suppress(Refused, Undone):
            await visit(shift, counter)
        await asyncio.sleep(PAUSE_S * shift.pace * shift.chance.random() * 2)


async def visit(shift: Shift, counter: int) -> None:
    chance, office = shift.chance, shift.office
    request = TicketRequest(
        service=shift.service(),
        channel=Channel.KIOSK,
        visitor_class=chance.choice([VisitorClass.NORMAL, VisitorClass.PRIORITY]),
        appointment=None,
        feedback_link=True,
    )
    await issue(office, request)
    if chance.random() < 0.2:
        await undone(office, counter)
    with suppress(Refused):
        await open_counter(office, counter, clerk=CLERK_AT[counter])
    called = await call_next(office, counter)
    if called is None:
        return
    if chance.random() < 0.1:
        await no_show(office, counter, called.visit)
        return
    await start(office, counter, called.visit)
    if chance.random() < 0.95:  # the others are left for the day's closing
        await end(office, counter, called.visit, Outcome.SERVED)
        shift.ended.append(called.visit)


async def undone(office: Office, counter: int) -> None:
    async with office.outbox.transaction() as transaction:
        day = await take_part(transaction)
        transaction.emit(
            CounterOpened(counter=counter),
            subject=None,
            time=now(),
            service_day=day,
            origin=office.origin,
        )
        await transaction.append()
        raise Undone


async def days(shift: Shift) -> None:
    """Close each day while the clerks work, then correct something in it. A day that is open
    already, as after a power cut, goes on."""
    newest = await newest_days(shift.office, 1)
    if newest:
        shift.day = newest[0].day + timedelta(days=not newest[0].open)
    while not shift.stop.is_set():
        if await working_day(shift.office) is None:
            await open_day(shift.office, shift.day)
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                while len(shift.ended) < VISITS_A_DAY and not shift.stop.is_set():
                    await asyncio.sleep(0.05)
        await close_day(shift.office, shift.day)
        for closed in shift.ended[:2]:
            with suppress(Refused):
                new = NewService(shift.service())
                reason = CorrectionReason.WRONG_SERVICE
                await correct(shift.office, closed, 1, new, reason, supervisor=STAFF)
        shift.ended.clear()
        shift.day += timedelta(days=1)


async def work(state: Path, site: str, seed: int, pace: float) -> None:
    folder = Folder(state)
    country = folder.plan()
    assert country is not None
    database = folder.site_database(country, site).app("ticketing")
    async with connections(database, "load", most=CLERKS + 2) as pool:
        office = Office(site, Outbox(pool), load(country.standards), origin=Origin.DEMO)
        shift = Shift(office, random.Random(seed), asyncio.Event(), pace)
        # The time of day is the real one, and the date that of the day which is worked.
        clock = lambda: now() + (shift.day - local_date(now()))  # noqa: E731
        shift.office = replace(office, clock=clock)
        reading = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        reading.add_done_callback(lambda _: shift.stop.set())
        async with asyncio.TaskGroup() as group:
            group.create_task(days(shift))
            for counter in range(1, CLERKS + 1):
                group.create_task(clerk(shift, counter))


def main() -> None:
    state, site, seed, pace = sys.argv[1:]
    uvloop.run(work(Path(state), site, int(seed), float(pace)))


if __name__ == "__main__":
    main()
