"""Who comes on a day, what for, and who staffs the counters. Pure: the same seed, the same day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import exp, log
from random import Random
from typing import TypeVar

from libs.events.codes import Channel, Dimension, FeedbackChannel, Language, VisitorClass
from libs.events.durations import MILLISECOND, to_utc
from libs.service.formats import BANGKOK
from libs.standards import OfficeHours
from saduak.demo.amounts import Lognormal, milliseconds
from saduak.demo.scenario import WEEKDAYS, Answers, Scenario, SiteScenario
from services.ticketing.model.visits import TicketRequest

T = TypeVar("T")

BOOKING_STEP = timedelta(minutes=15)
"""Bookings are given for every quarter of an hour."""
DOORS = timedelta(minutes=15)
"""The day is opened this long before the first visitor."""
SECOND = timedelta(seconds=1)
READS = Lognormal.model_validate({"median": "14 s", "spread": 1.6})
"""How long an answer takes of a visitor who reads."""
AT_THE_TABLET = Lognormal.model_validate({"median": "20 s", "spread": 1.6})
BY_LINK = Lognormal.model_validate({"median": "70 min", "spread": 3.0})
"""How long after the service the answer comes."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a visitor will answer, and when."""

    after: timedelta
    """From the end of the service."""
    channel: FeedbackChannel
    language: Language
    levels: Mapping[Dimension, int]
    after_long_wait: Mapping[Dimension, int]
    took_ms: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """One who comes, with all that chance decides about the visit."""

    arrives: datetime
    request: TicketRequest
    patience: timedelta
    """How long the visitor is ready to wait for the call."""
    tells: bool
    """Whether the ticket is handed back when patience ends."""
    mistaken: bool
    """Whether the ticket was taken by mistake, and staff remove it."""
    walk: timedelta
    service: timedelta
    opinion: Opinion | None
    wrong_service: str | None
    """The service that a supervisor finds, in the evening, it really was."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A counter that is staffed for a while."""

    counter: int
    begins: datetime
    ends: datetime
    last: bool
    """Whether it lasts to closing time, and on until nobody waits."""
    forgets: bool
    """Whether its last visitor is never finished."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A site's day before it happens. Instants are UTC, in whole milliseconds."""

    site: str
    day: date
    opens: datetime
    """When staff open the service day; the first visitor comes later."""
    closes: datetime
    """From when no ticket is given."""
    stays_until: datetime
    """When those who still wait are given up."""
    visitors: tuple[Visitor, ...]
    """In order of arrival, no two at one moment."""
    shifts: tuple[Shift, ...]


def dice(scenario: Scenario, *purpose: object) -> Random:
    """Chance of its own for each purpose: what one part draws moves no other."""
    return Random("/".join(str(part) for part in (scenario.seed, *purpose)))  # noqa: S311


def plan(scenario: Scenario, site: str, day: date, hours: OfficeHours) -> DayPlan:
    """The day of ``site`` as the scenario has it, within the site's office hours."""
    its = scenario.sites[site]
    opens, closes = local(day, hours.open), local(day, hours.close)
    chance = dice(scenario, site, day, "visitors")
    busy = scenario.weekdays.get(WEEKDAYS[day.weekday()], 1.0)
    busy *= chance.lognormvariate(0, log(scenario.day_to_day))
    arrivals = _distinct(_arrivals(its, day, busy, opens, closes, chance))
    visitors = (
        visitor(scenario, its, at, booked, chance) for at, booked in arrivals if at < closes
    )
    return DayPlan(
        site=site,
        day=day,
        opens=opens - DOORS,
        closes=closes,
        stays_until=max(closes, local(day, its.stays_until)),
        visitors=tuple(visitors),
        shifts=tuple(_shifts(its, day, opens, closes, dice(scenario, site, day, "shifts"))),
    )


def local(day: date, clock: time) -> datetime:
    """The instant of a clock time in Bangkok."""
    return to_utc(datetime.combine(day, clock, BANGKOK))


def _arrivals(
    its: SiteScenario, day: date, busy: float, opens: datetime, closes: datetime, chance: Random
) -> Iterator[tuple[datetime, datetime | None]]:
    """When each visitor comes, and the booked time of those who booked."""
    for hour, expected in its.visitors.items():
        begins = max(local(day, time(hour)), opens)
        ends = min(local(day, time(hour)) + timedelta(hours=1), closes)
        width = (ends - begins).total_seconds()
        if width <= 0:
            continue
        for _ in range(_poisson(expected * busy, chance)):
            at = begins + milliseconds(chance.random() * width)
            if chance.random() >= its.booked.share:
                yield at, None
            elif chance.random() >= its.booked.miss:
                booked = begins + (at - begins) // BOOKING_STEP * BOOKING_STEP
                early = chance.gauss(
                    its.booked.early.total_seconds(), its.booked.scatter.total_seconds()
                )
                yield max(booked - milliseconds(early), opens), booked


def _distinct(
    arrivals: Iterator[tuple[datetime, datetime | None]],
) -> Iterator[tuple[datetime, datetime | None]]:
    """In order, a millisecond apart where two would come at once."""
    last: datetime | None = None
    for at, booked in sorted(arrivals, key=lambda one: one[0]):
        last = at if last is None else max(at, last + MILLISECOND)
        yield last, booked


def _poisson(mean: float, chance: Random) -> int:
    """How many of a crowd come, each on their own account (Knuth's method)."""
    limit, product, count = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def visitor(
    scenario: Scenario, its: SiteScenario, at: datetime, booked: datetime | None, chance: Random
) -> Visitor:
    """One who comes to a site at a moment, having ``booked`` that time or another, or none."""
    service = pick(its.services, chance)
    time_taken = scenario.service_times[service].draw(chance) * its.pace
    wrong = chance.random() < its.slips.wrong_service
    other = pick(its.services, chance)
    return Visitor(
        arrives=at,
        request=_request(its, service, booked, chance),
        patience=its.patience.time.draw(chance),
        tells=chance.random() < its.patience.tell,
        mistaken=chance.random() < its.slips.mistaken_ticket,
        walk=scenario.at_the_counter.walk.draw(chance),
        service=max(SECOND, time_taken // MILLISECOND * MILLISECOND),
        opinion=_opinion(its.answers, chance) if chance.random() < its.answers.share else None,
        wrong_service=other if wrong and other != service else None,
    )


def _request(
    its: SiteScenario, service: str, booked: datetime | None, chance: Random
) -> TicketRequest:
    if booked is not None:
        return TicketRequest(service, Channel.ONLINE, VisitorClass.APPOINTMENT, booked)
    priority = chance.random() < its.priority
    return TicketRequest(
        service,
        pick(its.channels, chance),
        VisitorClass.PRIORITY if priority else VisitorClass.NORMAL,
    )


def _opinion(answers: Answers, chance: Random) -> Opinion:
    tablet = chance.random() < answers.tablet
    hasty = chance.random() < answers.hasty
    levels = {
        dimension: _level(answers.levels[dimension], chance)
        for dimension in Dimension
        if chance.random() >= answers.skip
    } or {Dimension.STAFF: _level(answers.levels[Dimension.STAFF], chance)}
    lower = {
        dimension: max(1, level - (chance.random() < answers.long_wait.lower))
        for dimension, level in levels.items()
    }
    took = READS.draw(chance) // MILLISECOND
    return Opinion(
        after=(AT_THE_TABLET if tablet else BY_LINK).draw(chance),
        channel=FeedbackChannel.TABLET if tablet else FeedbackChannel.LINK,
        language=Language.ENGLISH if chance.random() < answers.english else Language.THAI,
        levels=levels,
        after_long_wait=lower,
        took_ms=took // 20 if hasty else max(took, 5_000),
    )


def _level(weights: Sequence[float], chance: Random) -> int:
    return chance.choices((5, 4, 3, 2, 1), weights)[0]


def pick(weights: Mapping[T, float], chance: Random) -> T:
    """One of the keys, by weight."""
    return chance.choices(list(weights), list(weights.values()))[0]


def _shifts(
    its: SiteScenario, day: date, opens: datetime, closes: datetime, chance: Random
) -> Iterator[Shift]:
    """The shifts of each counter: the runs of hours in which so many counters are staffed."""
    table = sorted(its.counters.items())
    starts = [min(max(local(day, time(hour)), opens), closes) for hour, _ in table]
    spans = list(zip(starts, [*starts[1:], closes], [count for _, count in table], strict=True))
    for counter in range(1, max(its.counters.values()) + 1):
        runs: list[tuple[datetime, datetime]] = []
        for begins, ends, staffed in spans:
            if staffed < counter or begins >= ends:
                continue
            if runs and runs[-1][1] == begins:
                runs[-1] = runs[-1][0], ends
            else:
                runs.append((begins, ends))
        for begins, ends in runs:
            last = ends == closes
            forgets = last and chance.random() < its.slips.forgotten_finish
            yield Shift(counter, begins, ends, last, forgets)
