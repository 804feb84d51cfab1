"""The past: working days of all sites, played side by side."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from libs.clock import now
from libs.database.pool import connections
from libs.standards import Standards
from libs.stream.outbox import Outbox
from saduak.demo.answers import AnswerDesk
from saduak.demo.cast import Accounts, hire
from saduak.demo.planning import DayPlan, plan
from saduak.demo.playing import Centre, play_day
from saduak.demo.scenario import Scenario
from saduak.provision.postgres import SiteDatabase
from services.feedback.office import open_office
from services.ticketing.office import Office
from services.ticketing.reads import days
from services.ticketing.usecases import close_day

FARTHEST = 400
"""Days back that working days are looked for."""
EVERY_DAY = 10_000

Tell = Callable[[str, int, int], None]
"""Called with a site, how many visitors have gone, and how many were planned in all."""


class NoWorkingDays(ValueError):
    """The calendar has not as many working days as are asked for."""


def working_days(standards: Standards, site: str, today: date, count: int) -> list[date]:
    """The last ``count`` days before ``today`` on which the site works, oldest first."""
    before = (today - timedelta(days=back) for back in range(1, FARTHEST + 1))
    found = [day for day in before if standards.office_hours(site, day) is not None][:count]
    if len(found) < count:
        raise NoWorkingDays(
            f"{site} has only {len(found)} working days in the {FARTHEST} days before {today}; "
            f"ask for fewer with --days"
        )
    return sorted(found)


@asynccontextmanager
async def centres(
    databases: Mapping[str, SiteDatabase], standards: Standards, wanted: Accounts
) -> AsyncGenerator[dict[str, Centre]]:
    """Every site with its staff, reached as its own services reach it."""
    async with AsyncExitStack() as stack:
        found: dict[str, Centre] = {}
        for site, database in databases.items():
            ticketing, feedback = [
                await stack.enter_async_context(
                    connections(database.app(schema), "saduak-demo", most=2)
                )
                for schema in ("ticketing", "feedback")
            ]
            office = Office(site, Outbox(ticketing), standards)
            desk = AnswerDesk.of(await open_office(feedback, now))
            roster = await hire(ticketing, wanted, office.place.counters)
            found[site] = Centre(office, desk, roster)
        yield found


@dataclass(frozen=True, slots=True)
class Past:
    """What was played at a site, now or at an earlier start."""

    played: int
    """Days played now."""
    revisions: Mapping[date, int]
    """Every past day asked for, with the revision of its newest manifest at the site."""


async def play_past(
    centre: Centre, scenario: Scenario, wanted: Sequence[date], today: date, tell: Tell
) -> Past:
    """Play those of the ``wanted`` days that are not known at the site yet, oldest first.

    A day left open is closed first if it is over, or if there are days to be played: an office
    works on one day at a time.
    """
    office = centre.office
    known = await days(office, EVERY_DAY)
    missing = sorted(set(wanted) - {one.day for one in known})
    for one in known:
        if one.open and (missing or one.day < today):
            await close_day(office, one.day)
            await centre.desk.catch_up()
    plans = [_plan(office, scenario, day) for day in missing]
    total, gone = sum(len(one.visitors) for one in plans), 0

    def ended() -> None:
        nonlocal gone
        gone += 1
        tell(office.site, gone, total)

    tell(office.site, 0, total)
    for one in plans:
        await play_day(centre, scenario, one, ended)
    await centre.desk.catch_up()
    now_known = {one.day: one.revision for one in await days(office, EVERY_DAY)}
    return Past(len(plans), {day: now_known[day] for day in wanted})


def _plan(office: Office, scenario: Scenario, day: date) -> DayPlan:
    hours = office.standards.office_hours(office.site, day)
    if hours is None:
        raise ValueError(f"{office.site} does not work on {day}")
    return plan(scenario, office.site, day, hours)


async def play_everywhere(
    at: Mapping[str, Centre], scenario: Scenario, count: int, today: date, tell: Tell
) -> dict[str, Past]:
    """The last ``count`` working days of every site, all sites at once."""
    wanted = {
        site: working_days(centre.office.standards, site, today, count)
        for site, centre in at.items()
    }
    async with asyncio.TaskGroup() as group:
        tasks = {
            site: group.create_task(play_past(centre, scenario, wanted[site], today, tell))
            for site, centre in at.items()
        }
    return {site: task.result() for site, task in tasks.items()}
