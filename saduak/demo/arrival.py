"""Waiting for the nation: until every played day is complete there."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date

from libs.database.types import Pool
from services.reporting.figures.coverage import DayState, SiteDay
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums

PATIENCE = 120.0
"""Seconds without any progress."""
LOOK_SECONDS = 0.5

Revisions = Mapping[str, Mapping[date, int]]
"""By site and day, the revision that the site's newest manifest has."""


class NotComplete(RuntimeError):
    """Days that should be complete are not; the text names them."""


async def until_complete(pool: Pool, wanted: Revisions, tell: Callable[[int, int], None]) -> None:
    """Return when the nation has every day of ``wanted`` complete, in its newest revision.

    ``tell`` hears how many are, and how many there are. Raises :class:`NotComplete` if no other
    has become so for ``PATIENCE`` seconds.
    """
    all_days = [(site, day) for site, revisions in wanted.items() for day in revisions]
    if not all_days:
        return
    period = Period(min(day for _, day in all_days), max(day for _, day in all_days))
    clock = asyncio.get_running_loop().time
    done, since = -1, clock()
    while True:
        async with rollup_sums.snapshot(pool) as connection:
            found = await rollup_sums.days(connection, rollup_sums.Scope(list(wanted), period))
        awaited = [
            (site, day, found.get(site, {}).get(day))
            for site, day in all_days
            if not _complete(found.get(site, {}).get(day), wanted[site][day])
        ]
        if len(all_days) - len(awaited) != done:
            done, since = len(all_days) - len(awaited), clock()
            tell(done, len(all_days))
        if not awaited:
            return
        if clock() - since > PATIENCE:
            raise NotComplete(_named(awaited))
        await asyncio.sleep(LOOK_SECONDS)


def _complete(known: SiteDay | None, revision: int) -> bool:
    return known is not None and known.state is DayState.COMPLETE and known.revision == revision


def _named(awaited: "list[tuple[str, date, SiteDay | None]]") -> str:
    lines = [
        f"  {site} {day}: {'nothing has come' if known is None else known.state}"
        f"{f' ({known.detail})' if known and known.detail else ''}"
        for site, day, known in awaited[:10]
    ]
    more = [f"  and {len(awaited) - 10} more"] if len(awaited) > 10 else []
    return "\n".join(
        [
            f"{len(awaited)} days are not complete in the nation, and none has become so for "
            f"{PATIENCE:.0f} s:",
            *lines,
            *more,
            "Look at `saduak local status --state DIR` and the logs in DIR/logs.",
        ]
    )
