"""One site's present, put together and run."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import Random

import httpx

from libs.standards import Site
from saduak.demo.cast import Accounts
from saduak.demo.live import staff, visitors
from saduak.demo.live.present import Present, Pulse
from saduak.demo.live.web import Web
from saduak.demo.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the two services of a site are, and the cookies of the machines let in there."""

    ticketing: str
    feedback: str
    kiosk: httpx.Cookies
    tablet: httpx.Cookies


def staffed_counters(scenario: Scenario, site: Site) -> int:
    """How many of a site's counters the live part staffs: one is left free to be tried."""
    table = scenario.sites[site.code].counters
    wanted = [count for hour, count in table.items() if hour <= scenario.live.hour]
    return max(1, min(wanted[-1] if wanted else 1, site.counters - 1))


@asynccontextmanager
async def at_site(
    site: Site, scenario: Scenario, doors: Doors, accounts: Accounts
) -> AsyncGenerator[Present]:
    """The site with everybody before its services."""
    pulse = Pulse()
    tls = await asyncio.to_thread(ssl.create_default_context)

    def notice(text: str | None) -> None:
        pulse.notice = text

    async with AsyncExitStack() as stack:

        def before(web: Web) -> Web:
            stack.push_async_callback(web.close)
            return web

        ticketing = partial(Web, f"{site.code} ticketing", doors.ticketing, notice, tls=tls)
        feedback = partial(Web, f"{site.code} feedback", doors.feedback, notice, tls=tls)
        staffed = staffed_counters(scenario, site)
        present = Present(
            site=site.code,
            scenario=scenario,
            counters=staffed,
            pulse=pulse,
            kiosk=before(ticketing(cookies=doors.kiosk)),
            clerks={
                counter: before(ticketing(account=accounts.at(counter)))
                for counter in range(1, staffed + 1)
            },
            supervisor=before(ticketing(account=accounts.supervisor)),
            tablet=before(feedback(cookies=doors.tablet)),
            phone=before(feedback()),
            chance=Random(),  # noqa: S311 - the present need not come again
        )
        stack.push_async_callback(_leave_unanswered, present)
        yield present


async def _leave_unanswered(present: Present) -> None:
    """Whoever still meant to answer does not."""
    for task in present.answering:
        task.cancel()
    await asyncio.gather(*present.answering, return_exceptions=True)


async def run(present: Present) -> None:
    """For ever: the day, the visitors and a clerk at each counter."""
    doings = [
        partial(staff.keep_day, present),
        partial(visitors.take_ticket, present),
        partial(visitors.give_up, present),
        *(partial(staff.work, present, counter) for counter in range(1, present.counters + 1)),
    ]
    async with asyncio.TaskGroup() as group:
        for doing in doings:
            group.create_task(present.for_ever(doing))
