"""Random countries: visitors one by one, and the sums that rollups would hold of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from libs.events.codes import Dimension, VisitorClass
from libs.standards.cells import cell_of
from services.reporting.figures.sums import Ratings, StepSums, Sums

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visit of one step, and the answer to its offer."""

    service: str
    hour: int
    late: bool
    """Whether the visit is on a day that the newest edition judges."""
    step: StepSums
    visitor_class: VisitorClass
    asked: bool
    levels: dict[Dimension, int] | None
    """None of a visitor who gave no answer."""
    screened: bool
    staff_issued: bool | None
    """Of the ticket; None where the office's release does not say."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What an office's visitors are like; shares from 0 to 1."""

    served: float
    prompt: float
    asked: float
    answering: float
    content: float
    booked: float
    screened: float
    with_target: float
    told: float
    """The share of answers that say who issued the ticket."""
    staff_issued: float


def habits(random: Random) -> Habits:
    """Offices differ, and extremes are common: nobody late, nobody asked, everybody content."""
    return Habits(
        served=random.choice((0.5, 0.85, 0.95, 1.0)),
        prompt=random.choice((0.0, 0.6, 0.9, 1.0)),
        asked=random.choice((0.0, 0.3, 1.0, 1.0)),
        answering=random.choice((0.1, 0.3, 0.6, 1.0)),
        content=random.choice((0.0, 0.7, 0.95, 1.0)),
        booked=random.choice((0.0, 0.05, 0.3)),
        screened=random.choice((0.0, 0.0, 0.1)),
        with_target=random.choice((1.0, 1.0, 0.9, 0.2)),
        told=random.choice((1.0, 1.0, 0.5, 0.0)),
        staff_issued=random.choice((0.0, 0.1, 0.5, 1.0)),
    )


def visitors(random: Random, count: int, services: Sequence[str], few: int = 0) -> list[Visitor]:
    """So many visitors of an office; of ``few`` of its services hardly anybody comes."""
    way = habits(random)
    weights = [random.choice((0.02, 0.1)) if i < few else 1.0 for i in range(len(services))]
    return [_visitor(random, way, random.choices(services, weights)[0]) for _ in range(count)]


def _visitor(random: Random, way: Habits, service: str) -> Visitor:
    served = random.random() < way.served
    online = random.random() < way.booked
    asked = served and random.random() < way.asked
    levels = _levels(random, way) if asked and random.random() < way.answering else None
    step = _served(random, way, online) if served else _not_served(random, online)
    return Visitor(
        service,
        random.choice((8, 9, 9, 10, 10, 11, 12, 13, 14, 15)),
        random.random() < 0.7,
        step,
        random.choice((VisitorClass.NORMAL,) * 6 + (VisitorClass.PRIORITY,)),
        asked,
        levels or None,
        random.random() < way.screened,
        random.random() < way.staff_issued if random.random() < way.told else None,
    )


def _levels(random: Random, way: Habits) -> dict[Dimension, int]:
    return {
        one: random.choice((4, 5)) if random.random() < way.content else random.choice((1, 2, 3))
        for one in Dimension
        if random.random() < 0.9
    }


def _served(random: Random, way: Habits, online: bool) -> StepSums:
    prompt, quick = random.random() < way.prompt, random.random() < way.prompt
    judged = random.random() < way.with_target
    wait = random.randrange(1, 15) if prompt else random.randrange(16, 90)
    service = random.randrange(1, 20) if quick else random.randrange(21, 60)
    implausible = random.random() < 0.01
    return StepSums(
        steps=1,
        served=1,
        wait_n=1 - implausible,
        wait_ms=wait * MINUTE_MS * (1 - implausible),
        service_n=1,
        service_ms=service * MINUTE_MS,
        wait_met=int(judged and prompt and not implausible),
        wait_missed=int(judged and not prompt and not implausible),
        service_met=int(judged and quick),
        service_missed=int(judged and not quick),
        calls_in_order=int(random.random() < 0.95),
        implausible=int(implausible),
        lunch_served=int(random.random() < 0.1),
        after_hours_served=int(random.random() < 0.02),
        estimate_n=1 - implausible,
        estimate_within=int(prompt and not implausible),
        kiosk=1 - online,
        online=int(online),
        booked_n=int(online and judged),
        booked_on_time=int(online and judged and prompt),
    )


def _not_served(random: Random, online: bool) -> StepSums:
    how = random.choice(("left_waiting", "no_show", "removed", "forgotten"))
    called = StepSums(calls_out_of_order=1) if how == "no_show" else StepSums()
    return StepSums(steps=1, kiosk=1 - online, online=int(online), **{how: 1}) + called


def sums_of(some: Iterable[Visitor], *, visits: bool = True, answers: bool = True) -> Sums:
    """The sums of these visitors; by service without visits, by hour without answers too."""
    some = list(some)
    by_class = defaultdict[VisitorClass, StepSums](StepSums)
    ratings = defaultdict[Dimension, Ratings](Ratings)
    for one in some:
        by_class[one.visitor_class] += one.step
        for dimension, level in (one.levels or {}).items():
            ratings[dimension] += Ratings({level: 1}, {} if one.screened else {level: 1})
    steps = sum(by_class.values(), StepSums())
    waits = [one.step.wait_ms for one in some if one.step.wait_n]
    services = [one.step.service_ms for one in some if one.step.service_n]
    answered = [one for one in some if one.levels is not None]
    ended = steps.served + steps.no_show + steps.left_waiting + steps.removed + steps.forgotten
    return Sums(
        steps=steps,
        by_class=dict(by_class),
        wait_cells=Counter(map(cell_of, waits)),
        service_cells=Counter(map(cell_of, services)),
        visits=len(some) * visits,
        visits_ended=ended * visits,
        total_n=steps.served * visits,
        total_ms=(steps.wait_ms + steps.service_ms) * visits,
        offers=sum(one.asked for one in some) * answers,
        responses=len(answered) * answers,
        cleaned_responses=sum(not one.screened for one in answered) * answers,
        issuer_known=sum(one.staff_issued is not None for one in answered) * answers,
        staff_issued=sum(one.staff_issued is True for one in answered) * answers,
        ratings=dict(ratings) if answers else {},
    )
