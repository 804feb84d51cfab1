"""What events say of days: the manifests' totals, and how far each day reaches in each epoch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.responses import FeedbackDayClosed, ResponseTotals
from libs.events.visits import DayClosed, ServiceTotals
from services.reporting.ingest.messages import Arrival, Placed
from services.reporting.model.targets import Yardsticks

SQL = statements("services.reporting", "sql/day_facts.sql")

MANIFEST_KEYS = ("site", "service_day", "epoch", "sequence", "service")
STEP_TOTALS = (
    "steps",
    "served",
    "no_show",
    "left_waiting",
    "removed",
    "forgotten",
    "wait_ms",
    "service_ms",
    "implausible",
)
ANSWER_TOTALS = ("offers", "responses", "ratings", "levels")
CALLED_OTHERWISE = {"left_waiting": "left"}
"""Totals that a manifest calls by another name than the rollups."""


class EpochDay(NamedTuple):
    """A day in one epoch of a stream; the key of `day_epochs`."""

    site: str
    stream: str
    service_day: date
    epoch: int


def step_totals(events: Iterable[Placed], yardsticks: Yardsticks) -> Iterator[tuple[object, ...]]:
    """The rows of `manifest_steps`: of each service, what the ticketing manifests say."""
    for placed in events:
        if placed.event is not None and isinstance(closed := placed.event.data, DayClosed):
            yield from _totals(placed, closed.services, STEP_TOTALS, yardsticks)


def answer_totals(events: Iterable[Placed], yardsticks: Yardsticks) -> Iterator[tuple[object, ...]]:
    """The rows of `manifest_answers`: of each service, what the feedback manifests say."""
    for placed in events:
        if placed.event is not None and isinstance(closed := placed.event.data, FeedbackDayClosed):
            yield from _totals(placed, closed.services, ANSWER_TOTALS, yardsticks)


def _totals(
    placed: Placed,
    services: Sequence[ServiceTotals] | Sequence[ResponseTotals],
    names: Sequence[str],
    yardsticks: Yardsticks,
) -> Iterator[tuple[object, ...]]:
    """Summed by the code that a service is counted under, as the rollups are."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for totals in services:
        counted = sums[yardsticks.counted_as(totals.service)]
        for name in names:
            counted[name] += getattr(totals, CALLED_OTHERWISE.get(name, name))
    run, sequence = placed.key
    key = (run.site, placed.header.serviceday, run.epoch, sequence)
    for service, counted in sums.items():
        yield (*key, service, *(counted[name] for name in names))


def reached_epochs(events: Iterable[Placed]) -> Mapping[EpochDay, int]:
    """The last sequence of each day in each epoch of its stream, of events of any type."""
    last: dict[EpochDay, int] = {}
    for placed in events:
        (site, stream, epoch), sequence = placed.key
        key = EpochDay(site, stream, placed.header.serviceday, epoch)
        if sequence > last.get(key, 0):
            last[key] = sequence
    return last


async def store(
    connection: Connection, arrivals: Sequence[Arrival], yardsticks: Yardsticks
) -> None:
    """Store what new events say of their days."""
    for table, names, rows in (
        ("manifest_steps", STEP_TOTALS, step_totals(arrivals, yardsticks)),
        ("manifest_answers", ANSWER_TOTALS, answer_totals(arrivals, yardsticks)),
    ):
        if records := list(rows):
            await connection.copy_records_to_table(
                table, columns=(*MANIFEST_KEYS, *names), records=records
            )
    if reached := sorted(reached_epochs(arrivals).items()):
        columns = zip(*((*key, last) for key, last in reached), strict=True)
        await connection.execute(SQL.advance_epochs, *(list(column) for column in columns))
