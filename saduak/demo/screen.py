"""What the demo shows in the terminal."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from saduak.demo.cast import Accounts
from saduak.demo.live.present import Present
from services.reporting.commands.scorecard import print_national_table
from services.reporting.figures.views import NationalView

FRAME_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Tour:
    """What there is to look at."""

    site: str
    pages: Sequence[tuple[str, str]]
    """What it is, and its address."""
    free_counter: int
    """The site's counter that the live part leaves to whoever looks on."""
    watching: Sequence[tuple[str, str]] | str
    """The pages of what watches the country; in words, why there are none."""


class Screen:
    """Bars, tables and addresses on one console."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def past(self) -> Generator[Callable[[str, int, int], None]]:
        """A bar a site, of the visitors of its days; none of a site whose past was played."""
        with self._bars() as bars:
            known: dict[str, TaskID] = {}

            def tell(site: str, gone: int, planned: int) -> None:
                if not planned:
                    return
                if site not in known:
                    known[site] = bars.add_task(site, total=planned)
                bars.update(known[site], completed=gone, total=planned)

            yield tell

    @contextmanager
    def arrival(self) -> Generator[Callable[[int, int], None]]:
        """One bar of the days that are complete in the nation."""
        with self._bars() as bars:
            task = bars.add_task("complete in the nation", total=None)
            yield lambda done, of: bars.update(task, completed=done, total=of)

    def _bars(self) -> Progress:
        columns = (
            TextColumn("{task.description:<24}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self.console)

    def scorecard(self, view: NationalView) -> None:
        """The national table of the days played."""
        print_national_table(self.console, view)

    def addresses(self, tour: Tour, accounts: Accounts) -> None:
        """What to open, and who may sign in."""
        self._lines("Open in a browser:", tour.pages)
        if isinstance(tour.watching, str):
            self.console.print(f"\n{tour.watching}", markup=False, highlight=False, soft_wrap=True)
        else:
            self._lines("In Prometheus:", tour.watching)
        self._lines(
            "Sign in (accounts made for this demo, the same at every site):",
            [
                (str(account.role), f"{account.login}  {account.password}")
                for account in (accounts.guest, accounts.supervisor)
            ],
        )
        self.console.print(
            f"\nKiosk and board open for whoever is signed in. Counter {tour.free_counter} of "
            f"{tour.site} is yours: sign in as {accounts.guest.login}, open it at the console, and "
            "call.\n"
        )

    def _lines(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        """Whole lines, however narrow the terminal: addresses are there to be opened."""
        width = max(len(what) for what, _ in lines)
        self.console.print(f"\n{title}", style="bold")
        for what, where in lines:
            line = Text.assemble(f"  {what:<{width}}  ", (where, "cyan"))
            self.console.print(line, soft_wrap=True)

    async def present(self, sites: Sequence[Present], speed: float) -> None:
        """How each site is doing, for ever."""
        self.console.print(
            f"The country goes on, {speed:g} times as fast as it would. Ctrl-C stops everything.",
            style="bold",
        )
        if self.console.is_terminal:
            with Live(_present_table(sites), console=self.console, auto_refresh=False) as live:
                while True:
                    live.update(_present_table(sites), refresh=True)
                    await asyncio.sleep(FRAME_SECONDS)
        told: dict[str, str | None] = {}
        while True:
            for one in sites:
                if one.pulse.notice != told.get(one.site):
                    told[one.site] = one.pulse.notice
                    self.console.print(f"{one.site}: {one.pulse.notice or 'well again'}")
            await asyncio.sleep(FRAME_SECONDS)


def _present_table(sites: Sequence[Present]) -> Table:
    table = Table("site", "tickets", "waiting", "at a counter", "served", "ratings", "remark")
    for one in sites:
        pulse = one.pulse
        counts = (pulse.issued, len(one.guests), pulse.serving, pulse.served, pulse.answers)
        table.add_row(one.site, *(str(count) for count in counts), pulse.notice or "")
    return table
