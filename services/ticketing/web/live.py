"""What is going on in the office now, kept fresh for every page that watches.

Every event announces itself on a channel of the database when its transaction commits, whichever
process wrote it: the page's own API, another replica or the command line. That is only a hint to
look again; a look is also taken now and then without it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
import structlog
from asyncpg import Record

from libs.database.statements import statements
from libs.database.troubles import trouble_of
from libs.service.formats import local_date
from libs.service.health import Finding
from libs.service.http import Process
from libs.service.text import printable
from libs.stream.retry import is_trouble
from services.ticketing import reads
from services.ticketing.model.queue import Place
from services.ticketing.office import Office
from services.ticketing.web.response_models import (
    Announcement,
    BoardShown,
    CallShown,
    CounterShown,
    NoticeShown,
    OddShown,
    QueueShown,
    WaitingShown,
    forgotten_day,
    in_words,
    today_in_words,
)

SQL = statements("services.ticketing", "sql/announcements.sql")
LOG = structlog.stdlib.get_logger()
CHANNEL = "outbox"
LOOK_SECONDS = 5.0
"""Between looks when nothing announces itself."""
CALM_SECONDS = 0.1
"""Changes that come together are looked at together."""
BEAT_SECONDS = 15.0
"""Between signs of life to a page that watches."""
STALE_SECONDS = 20.0
"""Older than this, what is shown may be wrong, and the pages say so."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scene:
    """The office at one moment."""

    board: BoardShown
    queue: QueueShown


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A part of the scene; ``version`` grows with every change of the scene."""

    version: int
    part: T


@dataclass(frozen=True, slots=True)
class Beat:
    """Nothing changed, and the line is alive."""

    fresh: bool
    """Whether what was sent last still holds; False while the database is away."""


class Floor:
    """The newest scene of one office, and who watches it."""

    def __init__(self, office: Office, process: Process) -> None:
        self._office = office
        self._process = process
        self._scene: Scene | None = None
        self._version = 0
        self._looked_at = float("-inf")
        self._changed = asyncio.Event()
        self.watchers = 0
        self._unread: str | None = None
        """Why the scene could not be read when health asked last."""

    async def run(self) -> None:
        """Look whenever something happened; for ever. Fails when the database goes away."""
        news = asyncio.Event()

        def hear(*_: object) -> None:
            news.set()

        async with self._office.pool.acquire() as connection:
            connection.add_termination_listener(hear)
            await connection.add_listener(CHANNEL, hear)
            try:
                while True:
                    news.clear()
                    if self.watchers:  # an office that nobody watches need not be looked at
                        await self.look()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(news.wait(), LOOK_SECONDS)
                    if connection.is_closed():
                        raise asyncpg.ConnectionDoesNotExistError("the listening line is gone")
                    await asyncio.sleep(CALM_SECONDS)
            finally:
                if not connection.is_closed():
                    connection.remove_termination_listener(hear)
                    await connection.remove_listener(CHANNEL, hear)

    async def look(self) -> Scene:
        """Read the scene, and wake the watchers if it has changed."""
        scene = await _read(self._office)
        self._looked_at = _monotonic()
        if scene != self._scene:
            self._scene = scene
            self._version += 1
            self._wake()
        return scene

    async def check(self) -> Finding:
        """Ready while the scene can be read: consoles and boards show nothing else."""
        if _monotonic() - self._looked_at > LOOK_SECONDS:
            try:
                await self.look()
            except Exception as error:
                if is_trouble(error):
                    raise  # the database's own check says how it is
                reason = f"{type(error).__name__}: {printable(str(error), 160)}"
                if reason != self._unread:
                    LOG.warning("scene cannot be read", reason=reason)
                self._unread = reason
                return Finding(
                    ok=False,
                    detail=f"the queue and the board can't be read ({reason})",
                )
        self._unread = None
        return Finding(ok=True)

    async def watch(self, part_of: Callable[[Scene], T]) -> AsyncGenerator[Seen[T] | Beat]:
        """The part of the scene at once, then again at each change, with beats between.

        Ends when the process is told to stop.
        """
        sent: T | None = None
        self.watchers += 1
        try:
            # Until the first watcher came nobody looked, and the last scene may be an old one.
            scene = self._scene if self.watchers > 1 else None
            scene = scene or await self.look()
            while not self._process.stopping.is_set():
                changed, part = self._changed, part_of(scene)
                if part != sent:
                    yield Seen(self._version, part)
                    sent = part
                if not await self._wait(changed):
                    yield Beat(fresh=_monotonic() - self._looked_at < STALE_SECONDS)
                scene = self._scene or scene
        finally:
            self.watchers -= 1

    async def _wait(self, changed: asyncio.Event) -> bool:
        """Whether the scene changed, or the process is to stop, before the next beat is due."""
        waits = [
            asyncio.ensure_future(changed.wait()),
            asyncio.ensure_future(self._process.stopping.wait()),
        ]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        return bool(done)

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def while_it_lasts(events: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """``events``, until the database goes away: then the line to the page ends as if it were cut.
    The page asks anew, and is answered what is wrong."""
    async with contextlib.aclosing(events):
        try:
            async for event in events:
                yield event
        except Exception as error:
            if trouble_of(error) is None:
                raise
            LOG.info("stream cut", reason=type(error).__name__)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()


async def _read(office: Office) -> Scene:
    day = await reads.working_day(office)
    moment = office.clock()
    today = local_date(moment)
    forgotten = in_words(forgotten_day(day, moment))
    queue = await reads.waiting(office)
    waiting = reads.shown(queue, WaitingShown.of, _of_place)
    counters = reads.shown(await reads.open_counters(office), CounterShown.of, _of_counter)
    board = await reads.board(office)
    calls = reads.shown(board, CallShown.of, lambda call: (None, call.ticket))
    announcements = reads.readable(await office.pool.fetch(SQL.announcements, day), _announcement)
    notices = NoticeShown.of_each(await reads.notices(office))
    odd = {(one.visit, one.ticket): one for one in (*waiting.odd, *counters.odd, *notices.odd)}
    return Scene(
        board=BoardShown(
            day=day,
            today=today_in_words(today),
            forgotten=forgotten,
            calls=tuple(calls),
            announcements=tuple(reversed(announcements)),
            waiting=len(queue) + len(queue.odd),
        ),
        queue=QueueShown(
            day=day,
            today=today,
            forgotten=forgotten,
            waiting=tuple(waiting),
            counters=tuple(counters),
            notices=tuple(notices),
            odd=tuple(OddShown.of(one) for one in odd.values()),
        ),
    )


def _announcement(row: Record) -> Announcement:
    return Announcement(
        id=row["position"],
        ticket=row["ticket"],
        counter=row["counter"],
        call=row["call"],
        at=row["time"],
    )


def _of_place(place: Place) -> tuple[UUID, str]:
    return place.waiting.visit, place.waiting.ticket


def _of_counter(view: reads.CounterView) -> tuple[UUID | None, str]:
    visitor = view.visitor
    return (None, f"counter {view.counter}") if visitor is None else (visitor.visit, visitor.ticket)
