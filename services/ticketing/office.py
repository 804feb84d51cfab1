"""What every use case is handed: the office it works for, and the day it works on."""

from dataclasses import dataclass
from datetime import date

from libs.clock import Clock, now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.codes import Origin
from libs.standards.standards import Standards
from libs.standards.values import Site
from libs.stream.outbox import Outbox, Transaction
from services.ticketing.errors import NoOpenDay
from services.ticketing.model.service_day import is_over

SQL = statements("services.ticketing", "sql/days.sql")


@dataclass(frozen=True, slots=True)
class Office:
    """One service centre at work."""

    site: str
    outbox: Outbox
    standards: Standards
    clock: Clock = now
    """When things happen: the real clock, or the virtual one of a replay."""
    origin: Origin = Origin.LIVE

    @property
    def pool(self) -> Pool:
        """For reads, which need no transaction."""
        return self.outbox.pool

    @property
    def place(self) -> Site:
        """The site as the standards describe it."""
        return self.standards.sites[self.site]

    def offered(self, day: date) -> tuple[str, ...]:
        """The codes of the services that the office offers on ``day``, in the order of its list."""
        services = self.standards.services
        last_days = {code: services[code].last_day for code in self.place.services}
        return tuple(code for code, last in last_days.items() if last is None or day <= last)


async def take_part(transaction: Transaction) -> date:
    """The open service day, which cannot close before ``transaction`` ends.

    The first work of every use case that touches a visit or a counter. Raises
    :class:`~services.ticketing.errors.NoOpenDay`.
    """
    connection = transaction.connection
    day: date | None = await connection.fetchval(SQL.working_day)
    if day is None:
        raise NoOpenDay
    await transaction.share_day(day)
    # It may have closed while we waited for the lock.
    if await connection.fetchval(SQL.working_day) != day:
        raise NoOpenDay
    return day


async def take_part_on_its_date(transaction: Transaction, office: Office) -> date:
    """As :func:`take_part`, for what begins something: a ticket, a counter.

    Raises NoOpenDay also where the date of the open day is over. Its closing comes first (see
    ``usecases/days.py``); only midnight in between leads here.
    """
    day = await take_part(transaction)
    if is_over(day, office.clock()):
        raise NoOpenDay
    return day
