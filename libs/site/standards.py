"""The standards at a site: what the centre published last, else what the release brought along.

A site takes new standards in when it can be reached, and begins to use them while the office is
closed: no visitor's target changes in the middle of a day. It works on with what it has, for as
long as nothing comes.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.inbox import NotForUs
from libs.events.publication import StandardsPublished, read_publication
from libs.events.topics import NATIONAL_STANDARDS
from libs.service.http import Process
from libs.service.settings import SiteSettings
from libs.standards import Standards, StandardsError, load, made_of
from libs.stream.kafka import KafkaAccess
from libs.stream.retry import is_trouble
from libs.stream.topic import read_newest

SQL = statements("libs.site", "sql/standards.sql")
LOG = structlog.stdlib.get_logger(__name__)

ASK_EVERY_S = 300.0

Closed = Callable[[], Awaitable[bool]]
"""Whether no service day is open."""


class NewStandards(RuntimeError):
    """Other standards hold from the next start on; the process ends itself to be started."""


@dataclass(frozen=True, slots=True)
class InUse:
    """The standards that a process works by."""

    standards: Standards
    published: bool
    """Whether the centre published them; else they came with the release."""


async def in_use(pool: Pool, folder: Path, site: str) -> InUse:
    """The standards to start with. Raises StandardsError for a faulty ``folder``."""
    row = await pool.fetchrow(SQL.received)
    if row is not None:
        try:
            return InUse(_of_site(json.loads(row["files"]), site), published=True)
        except (StandardsError, NotForUs) as fault:  # they were good for an earlier release
            LOG.warning("published standards not used", version=row["version"], fault=str(fault))
    return InUse(load(folder), published=False)


def _of_site(files: dict[str, str], site: str) -> Standards:
    standards = made_of({name: text.encode() for name, text in files.items()})
    if site not in standards.sites or not standards.sites[site].active:
        # An office that has begun before the centre knows of it works by what it brought along.
        raise NotForUs(f"sites.yaml: {site} takes no part")
    return standards


def _check(said: StandardsPublished, site: str) -> None:
    """Raises NotForUs or StandardsError for standards that the site can't work by."""
    if _of_site(said.files, site).version != said.version:
        raise NotForUs("data.version: it is not that of the files")


class StandardsReader:
    """Asks for new standards every few minutes, and keeps them."""

    def __init__(
        self,
        pool: Pool,
        kafka: KafkaAccess,
        site: str,
        using: InUse,
        closed: Closed,
        clock: Clock = now,
    ) -> None:
        self._pool = pool
        self._kafka = kafka
        self._site = site
        self._using = using
        self._closed = closed
        self._clock = clock
        self.waiting: str | None = None
        """The version that holds from the next start on."""
        self.refused: str | None = None
        """Why the newest publication is not taken in."""

    async def run(self) -> None:
        """Ask until there is something new and the office is closed; then raise
        :class:`NewStandards`."""
        while True:
            try:
                await self.look()
                closed = self.waiting is not None and await self._closed()
            except Exception as error:
                if not is_trouble(error):
                    raise
                LOG.info("standards wait", reason=f"{type(error).__name__}: {error}")
                closed = False
            if closed:
                raise NewStandards(f"standards {self.waiting} were published")
            await asyncio.sleep(ASK_EVERY_S)

    async def look(self) -> None:
        """Take in the newest publication, unless it is in use, or can't be."""
        raw = await read_newest(self._kafka, NATIONAL_STANDARDS)
        if raw is None:
            return
        try:
            said = read_publication(raw).data
            if said.version in (self._using.standards.version, self.waiting):
                return
            _check(said, self._site)
        except (NotForUs, StandardsError) as fault:
            if self.refused != str(fault):
                LOG.warning("published standards refused", fault=str(fault))
            self.refused = str(fault)
            return
        await self._pool.execute(SQL.receive, said.version, json.dumps(said.files), self._clock())
        self.waiting, self.refused = said.version, None
        LOG.info("standards received", version=said.version)

    async def notice(self) -> dict[str, object]:
        """What health shows of the standards."""
        return {
            "version": self._using.standards.version,
            "published": self._using.published,
            "waiting": self.waiting,
            "refused": self.refused,
        }


def start_reading(
    settings: SiteSettings, process: Process, pool: Pool, using: InUse, closed: Closed
) -> None:
    """Ask for new standards beside the service, if a broker was named."""
    if settings.kafka is None:
        return
    reader = StandardsReader(pool, settings.kafka, settings.site, using, closed)
    process.supervisor.start("standards", reader.run, ending=NewStandards)
    process.health.notice("standards", reader.notice)
