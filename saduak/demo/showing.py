"""The demo from the first day played to Ctrl-C, in a country that is up."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.events.codes import Stream
from libs.service.formats import local_date
from libs.service.settings import read_secret
from libs.site.devices import DeviceKind
from libs.site.links import VisitLink, sign
from libs.standards import SiteKind, Standards
from libs.stream.retry import is_trouble
from saduak.demo import cast
from saduak.demo.arrival import until_complete
from saduak.demo.live import running
from saduak.demo.past import Past, Tell, centres, play_everywhere
from saduak.demo.playing import Centre
from saduak.demo.scenario import Scenario
from saduak.demo.screen import Screen, Tour
from saduak.local.country import Country
from saduak.local.plan import PROMETHEUS, REPLICAS
from saduak.local.prometheus import MISSING
from saduak.local.report import ProcessState
from services.reporting.model.periods import Period
from services.reporting.reads import questions, rollup_sums

SQL = statements("saduak.demo", "sql/offers.sql")
GLANCE_SECONDS = 1.0


class CountryGone(RuntimeError):
    """The country ended, and the demo did not end it."""


class PastStopped(RuntimeError):
    """The past could not be played to its end."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or asked the process to end."""


@dataclass(frozen=True, slots=True)
class Show:
    """What is shown: the country, its scenario and how much of it."""

    country: Country
    standards: Standards
    scenario: Scenario
    days: int
    once: bool

    @property
    def accounts(self) -> cast.Accounts:
        return cast.accounts(self._secrets)

    @property
    def _secrets(self) -> Path:
        return self.country.folder.root / "secrets" / "demo"

    def token_file(self, site: str, kind: DeviceKind) -> Path:
        """Where the token of the demo's machine is kept."""
        return self._secrets / f"{site}-{kind}"


async def run(show: Show, screen: Screen) -> None:
    """All of it. Raises :class:`Stopped` when told to stop, :class:`CountryGone`, or
    :class:`saduak.demo.arrival.NotComplete`."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sent in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sent, stopped.set)
    tasks = work, stopping, gone = (
        asyncio.create_task(_run(show, screen)),
        asyncio.create_task(stopped.wait()),
        asyncio.create_task(_until_gone(show.country)),
    )
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if stopping in done:
        raise Stopped
    if gone in done:
        raise CountryGone(
            "The country has ended, and not by this demo. Start it again to go on. Logs: "
            f"{show.country.folder.log('supervisor').parent}"
        )
    work.result()


async def _until_gone(country: Country) -> None:
    while country.is_running():  # noqa: ASYNC110 - it is another process's
        await asyncio.sleep(GLANCE_SECONDS)


async def _run(show: Show, screen: Screen) -> None:
    today = local_date(now())
    sites = show.country.plan.sites
    databases = {site: show.country.site_database(site) for site in sites}
    async with centres(databases, show.standards, show.accounts) as at:
        with screen.past() as tell:
            past = await _play(show, at, today, tell)
        await _arrive(show, screen, past, today)
        screen.addresses(await _tour(show, at), show.accounts)
        if show.once:
            return
        doors = {site: await _let_in(show, site, centre) for site, centre in at.items()}
    await _live(show, screen, doors)


async def _play(show: Show, at: Mapping[str, Centre], today: date, tell: Tell) -> dict[str, Past]:
    try:
        return await play_everywhere(at, show.scenario, show.days, today, tell)
    except ExceptionGroup as group:
        if group.subgroup(is_trouble) is None:
            raise
        raise PastStopped(
            "PostgreSQL went away while the past was played. Start the demo again: it goes on "
            f"with the days that are missing. Logs: {show.country.folder.log('demo').parent}"
        ) from group


async def _arrive(show: Show, screen: Screen, past: dict[str, Past], today: date) -> None:
    """Wait for the nation, and show its table."""
    national = show.country.national_database().app("reporting")
    async with connections(national, "saduak-demo", most=1) as pool:
        with screen.arrival() as tell:
            revisions = {site: one.revisions for site, one in past.items()}
            await until_complete(pool, revisions, tell)
        days = [day for one in past.values() for day in one.revisions]
        if days:
            period = Period(min(days), max(days))
            async with rollup_sums.snapshot(pool) as connection:
                view = await questions.nation(
                    connection, questions.Asked(show.standards, period, today)
                )
            screen.scorecard(view)


async def _tour(show: Show, at: Mapping[str, Centre]) -> Tour:
    """The nation's pages, and those of one site: the model office, if it is there."""
    country = show.country
    model = [site for site in at if show.standards.sites[site].kind is SiteKind.MODEL]
    site = (model or list(at))[0]
    nation = country.services()[REPLICAS[0]].url
    ticketing = country.address(site, Stream.TICKETING)
    pages = [
        ("The nation", f"{nation}/"),
        (f"{site} in the nation", f"{nation}/sites/{site}"),
        (f"{site}: kiosk", f"{ticketing}/kiosk"),
        (f"{site}: counter console", f"{ticketing}/console"),
        (f"{site}: waiting-room board", f"{ticketing}/board"),
        (f"{site}: the day", f"{ticketing}/day"),
    ]
    offer = await at[site].desk.office.outbox.pool.fetchrow(SQL.unanswered)
    if offer is not None:
        key = read_secret(country.folder.vault.link_key(site)).encode()
        link = VisitLink(offer["visit"], offer["service"], offer["service_day"])
        rating = f"{country.address(site, Stream.FEEDBACK)}/r/{sign(link, key)}"
        pages.append((f"{site}: rate a visit", rating))
    watched = await asyncio.to_thread(watching, country)
    return Tour(site, pages, show.standards.sites[site].counters, watched)


def watching(country: Country) -> list[tuple[str, str]] | str:
    """The pages of Prometheus, or why there are none. The demo goes on without."""
    prometheus = country.prometheus()
    if prometheus is None:
        return MISSING
    process = country.status().processes[PROMETHEUS]
    if process.state is ProcessState.READY:
        try:
            return prometheus.links()
        except httpx.HTTPError as error:
            why = f"no answer ({type(error).__name__})"
    else:
        why = (process.detail or process.lacks or process.state).splitlines()[0]
    return f"Prometheus does not work, so nothing watches the country: {why}. Log: {process.log}"


async def _let_in(show: Show, site: str, centre: Centre) -> running.Doors:
    """Enrol the demo's kiosk and tablet."""
    ticketing = show.country.address(site, Stream.TICKETING)
    feedback = show.country.address(site, Stream.FEEDBACK)
    kiosk, tablet = DeviceKind.KIOSK, DeviceKind.TABLET
    return running.Doors(
        ticketing,
        feedback,
        await cast.let_in(centre.office.pool, kiosk, ticketing, show.token_file(site, kiosk)),
        await cast.let_in(
            centre.desk.office.outbox.pool, tablet, feedback, show.token_file(site, tablet)
        ),
    )


async def _live(show: Show, screen: Screen, doors: Mapping[str, running.Doors]) -> None:
    """The present of every site, until cancelled."""
    async with AsyncExitStack() as stack:
        sites = [
            await stack.enter_async_context(
                running.at_site(show.standards.sites[site], show.scenario, its_doors, show.accounts)
            )
            for site, its_doors in doors.items()
        ]
        async with asyncio.TaskGroup() as group:
            for present in sites:
                group.create_task(running.run(present))
            group.create_task(screen.present(sites, show.scenario.live.speed))
