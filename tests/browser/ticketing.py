"""An office in the middle of its morning, and people before its pages."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from playwright.async_api import Browser, BrowserContext, ViewportSize

from libs.clock import now
from libs.events.codes import Channel, Outcome, VisitorClass
from libs.service.formats import local_date
from libs.site.devices import DeviceKind, Devices
from libs.site.staff import Role, add_staff
from libs.stream.outbox import Outbox
from services.ticketing import usecases
from services.ticketing.model.visits import TicketRequest
from services.ticketing.office import Office
from services.ticketing.usecases.issuing import Ticket
from tests.service.running import PASSWORD, SITE, Ticketing

TODAY = local_date(now())
YESTERDAY = TODAY - timedelta(days=1)


class Moving:
    """A clock that a story moves."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def pass_minutes(self, minutes: float) -> None:
        self.moment += timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Morning:
    """What the story left behind: who waits, and whom counter 2 has."""

    waiting: tuple[Ticket, ...]
    served: Ticket


async def play_morning(ticketing: Ticketing) -> Morning:
    """Yesterday was worked and closed; today counters 2 and 3 are open and some people wait."""
    clock = Moving(datetime.combine(YESTERDAY, time(2, 0), UTC))
    standards = ticketing.edge.office.standards
    office = Office(SITE, Outbox(ticketing.pool), standards, clock)
    clerk, other = [
        (await add_staff(ticketing.pool, login, PASSWORD, Role.CLERK, now())).id
        for login in ("somchai", "somsri")
    ]
    await usecases.open_day(office, YESTERDAY)
    await usecases.open_counter(office, 2, clerk)
    for _ in range(12):
        await _serve(office, clock)
    await usecases.close_day(office, YESTERDAY)

    clock.moment = now() - timedelta(minutes=40)
    await usecases.open_day(office, TODAY)
    for counter, its_clerk in ((2, clerk), (3, other)):
        await usecases.open_counter(office, counter, its_clerk)
    served = await _serve(office, clock)
    missed = await _issue(office, "INF")
    await usecases.call_next(office, 2)
    await usecases.no_show(office, 2, missed.visit)
    waiting = [await _issue(office, service) for service in ("ADV", "JF-LIT", "CV-VIC")]
    clock.pass_minutes(6)
    waiting.append(await _issue(office, "INF"))
    clock.pass_minutes(2)
    waiting.append(await _issue(office, "JF-LIT", VisitorClass.PRIORITY))
    waiting.append(await _issue(office, "CMP"))
    called = await usecases.call_next(office, 2)
    assert called is not None
    await usecases.start(office, 2, called.visit)
    clock.pass_minutes(3)
    await usecases.call_next(office, 3)
    return Morning(tuple(waiting), served)


async def _issue(
    office: Office, service: str, visitor_class: VisitorClass = VisitorClass.NORMAL
) -> Ticket:
    request = TicketRequest(service, Channel.KIOSK, visitor_class)
    return await usecases.issue(office, request)


async def _serve(office: Office, clock: Moving) -> Ticket:
    ticket = await _issue(office, "ADV")
    clock.pass_minutes(4)
    await usecases.call_next(office, 2)
    await usecases.start(office, 2, ticket.visit)
    clock.pass_minutes(7.5)
    await usecases.end(office, 2, ticket.visit, Outcome.SERVED)
    return ticket


class People:
    """Browsers of people and machines, each in a window of one size and language."""

    def __init__(
        self, browser: Browser, ticketing: Ticketing, language: str, size: tuple[int, int]
    ) -> None:
        self._browser = browser
        self._ticketing = ticketing
        self._language = language
        self._viewport = ViewportSize(width=size[0], height=size[1])

    async def visitor(self) -> BrowserContext:
        context = await self._browser.new_context(
            base_url=self._ticketing.url, viewport=self._viewport
        )
        cookie = {"name": "lang", "value": self._language, "url": self._ticketing.url}
        await context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
        context.set_default_timeout(15_000)
        return context

    async def machine(self, kind: DeviceKind) -> BrowserContext:
        """A machine let in by the page for it, as an administrator does it."""
        code = await Devices(self._ticketing.pool).invite(kind, f"{kind}-1")
        context = await self.visitor()
        page = await context.new_page()
        await page.goto("/enrol")
        await page.fill("#code", code.lower())
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{self._ticketing.url}/{kind}")
        await page.close()
        return context

    async def staff(self, role: Role, login: str) -> BrowserContext:
        """Somebody who has signed in by the page for it."""
        await add_staff(self._ticketing.pool, login, PASSWORD, role, now())
        context = await self.visitor()
        page = await context.new_page()
        await page.goto("/console")
        await page.fill("#login", login)
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{self._ticketing.url}/console")
        await page.close()
        return context
