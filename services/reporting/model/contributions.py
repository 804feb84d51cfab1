"""What a visit, an offer and an answer add to the rollups. Pure.

A change of a fact subtracts what it contributed before and adds what it contributes now, so the
rollups are at all times the sum of the contributions of what has arrived. docs/metrics.md has the
formulas.
"""

from datetime import date, datetime

from libs.events.codes import Origin, Outcome
from libs.events.durations import between, plausible
from libs.standards.cells import cell_of
from services.reporting.model.responses import Answer
from services.reporting.model.rollups import (
    CELLS,
    FEEDBACK,
    FEEDBACK_DAYS,
    RATINGS,
    STEPS,
    VISITS,
    Entry,
)
from services.reporting.model.targets import Yardstick, Yardsticks, local_hour
from services.reporting.model.visits import Step, Visit

MINUTE_MS = 60_000
ONE = {"n": 1}
ONE_OFFER = {"offers": 1}
OUTCOME_COUNTERS = {
    Outcome.SERVED: "served",
    Outcome.NO_SHOW: "no_show",
    Outcome.LEFT: "left_waiting",
    Outcome.REMOVED: "removed",
    Outcome.FORGOTTEN: "forgotten",
}


def of_visit(site: str, visit: Visit, yardsticks: Yardsticks) -> list[Entry]:
    """The entries of a visit and of each of its steps.

    A step counts from the arrival of its issue on: before, its service is not known.
    """
    entries: list[Entry] = []
    for step in visit.values():
        _add_step(entries, site, step, yardsticks)
    first, last = visit[min(visit)], visit[max(visit)]
    if first.entered_at is not None:
        entries.append(Entry(VISITS, (site, first.service_day), _visit_amounts(first, last)))
    return entries


def _visit_amounts(first: Step, last: Step) -> dict[str, int]:
    amounts = {"visits": 1}
    if last.outcome is not None:
        amounts["ended"] = 1
    if last.outcome == Outcome.SERVED:
        total = _duration(first.entered_at, last.ended_at)
        if total is not None and plausible(total):
            amounts["total_n"] = 1
            amounts["total_ms"] = total
    return amounts


def _add_step(entries: list[Entry], site: str, step: Step, yardsticks: Yardsticks) -> None:
    if step.entered_at is None or step.service is None or step.visitor_class is None:
        return
    service = yardsticks.counted_as(step.service)
    yardstick = yardsticks.of(site, service, step.service_day)
    hour = local_hour(step.entered_at)
    key = (site, step.service_day, service, step.visitor_class, hour)
    amounts = {"steps": 1}
    if step.channel is not None:
        amounts[step.channel] = 1
    if step.outcome is not None:
        amounts[OUTCOME_COUNTERS[Outcome(step.outcome)]] = 1
    if step.first_called_at is not None:
        _count_call(amounts, step, step.first_called_at, yardstick)
    if step.outcome == Outcome.SERVED:
        for measure, cell in _count_served(amounts, step, yardstick):
            entries.append(Entry(CELLS, (*key, measure, cell), ONE))
    entries.append(Entry(STEPS, key, amounts))


def _count_call(
    amounts: dict[str, int], step: Step, called_at: datetime, yardstick: Yardstick
) -> None:
    if step.origin != Origin.IMPORT:  # an old system does not tell whose turn it was
        amounts["calls_in_order" if step.out_of_order is None else "calls_out_of_order"] = 1
    if step.appointment is not None and yardstick.wait_ms is not None:
        amounts["booked_n"] = 1
        if between(step.appointment, called_at) <= yardstick.wait_ms:
            amounts["booked_on_time"] = 1


def _count_served(
    amounts: dict[str, int], step: Step, yardstick: Yardstick
) -> list[tuple[str, int]]:
    """Count a served step's durations; gives their histogram cells by measure."""
    cells: list[tuple[str, int]] = []
    wait = _duration(step.entered_at, step.first_called_at)
    if wait is not None and _count_duration(amounts, "wait", wait, yardstick.wait_ms):
        cells.append(("wait", cell_of(wait)))
        if step.pessimistic_ms is not None:
            amounts["estimate_n"] = 1
            if wait <= shown_ms(step.pessimistic_ms):
                amounts["estimate_within"] = 1
    if _is_odd(step):
        amounts["implausible"] = amounts.get("implausible", 0) + 1
    service = _duration(step.started_at, step.ended_at)
    if service is not None and _count_duration(amounts, "service", service, yardstick.service_ms):
        cells.append(("service", cell_of(service)))
    if step.started_at is not None:
        if yardstick.over_lunch(step.started_at):
            amounts["lunch_served"] = 1
        if yardstick.after_hours(step.started_at):
            amounts["after_hours_served"] = 1
    return cells


def shown_ms(pessimistic_ms: int) -> int:
    """The longest wait that the visitor read for an estimate: of less than a minute, which earlier
    releases of the sites have sent, "up to 1 minute"."""
    return max(pessimistic_ms, MINUTE_MS)


def _is_odd(step: Step) -> bool:
    """Whether the step has a service time, and an end of it lies where no time can: the site
    counts it as implausible too."""
    started = step.odd_start or step.started_at is not None
    ended = step.odd_end or step.ended_at is not None
    return started and ended and (step.odd_start or step.odd_end)


def _count_duration(
    amounts: dict[str, int], measure: str, duration: int, target: int | None
) -> bool:
    """Count a duration and how it stands to its target (inclusive); whether it is plausible."""
    if not plausible(duration):
        amounts["implausible"] = amounts.get("implausible", 0) + 1
        return False
    amounts[f"{measure}_n"] = 1
    amounts[f"{measure}_ms"] = duration
    if target is not None:
        amounts[f"{measure}_met" if duration <= target else f"{measure}_missed"] = 1
    return True


def _duration(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else between(start, end)


def of_offer(site: str, service_day: date, service: str, yardsticks: Yardsticks) -> list[Entry]:
    """The entries of a request to rate a visit of ``service_day``."""
    key = (site, service_day, yardsticks.counted_as(service))
    return [Entry(FEEDBACK, key, ONE_OFFER), Entry(FEEDBACK_DAYS, key, ONE_OFFER)]


def of_answer(site: str, answer: Answer, yardsticks: Yardsticks) -> list[Entry]:
    """The entries of an answer that counts."""
    service = yardsticks.counted_as(answer.service)
    cleaned = 0 if answer.screened else 1
    rated = {
        "responses": 1,
        "cleaned_responses": cleaned,
        "issuer_known": 0 if answer.staff_issued is None else 1,
        "staff_issued": 1 if answer.staff_issued else 0,
    }
    ratings = answer.ratings
    said = {"responses": 1, "ratings": len(ratings), "levels": sum(ratings.values())}
    entries = [
        Entry(FEEDBACK, (site, answer.visit_day, service), rated),
        Entry(FEEDBACK_DAYS, (site, answer.manifest_day, service), said),
    ]
    counts = {"n": 1, "cleaned_n": cleaned}
    for dimension, level in ratings.items():
        key = (site, answer.visit_day, service, dimension, level)
        entries.append(Entry(RATINGS, key, counts))
    return entries
