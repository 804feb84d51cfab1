"""One site's figures for an operator at a terminal: nothing is suppressed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from libs.database.types import Pool
from libs.standards.cells import percentile
from services.reporting.figures.coverage import coverage
from services.reporting.figures.formulas import within_limit
from services.reporting.figures.sums import Cells, Sums
from services.reporting.model.periods import Period
from services.reporting.reads import rollup_sums
from services.reporting.reads.rollup_sums import By, Scope

NOTE = "not suppressed: for operators only, not for publication"

Answer = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """Which site, days and service (None: all), and the limits to tell the shares within."""

    site: str
    period: Period
    service: str | None
    limits_s: Sequence[int]


async def answer(pool: Pool, question: Question) -> Answer:
    """The figures, as JSON has them; durations in seconds.

    Of one service, ``visits`` counts its steps: a visit that was transferred has several.
    Percentiles are within 2.5 %. Raises ValueError, naming the nearest ones, for a limit whose
    share can't be told exactly.
    """
    scope = Scope([question.site], question.period)
    async with rollup_sums.snapshot(pool) as connection:
        found = await rollup_sums.sums(
            connection, scope, By.SERVICE if question.service else By.SITE
        )
        days = await rollup_sums.days(connection, scope)
    sums = found.get(question.service or question.site, Sums())
    steps = sums.steps
    states = coverage(days.get(question.site, {}).values())
    return {
        "site": question.site,
        "from": question.period.first.isoformat(),
        "to": question.period.last.isoformat(),
        "service": question.service,
        "note": NOTE,
        "visits": steps.steps if question.service else sums.visits,
        "served": steps.served,
        "left_waiting": steps.left_waiting,
        "no_show": steps.no_show,
        "removed": steps.removed,
        "forgotten": steps.forgotten,
        "implausible_durations": steps.implausible,
        "wait_s": _durations(steps.wait_n, steps.wait_ms, sums.wait_cells),
        "service_s": _durations(steps.service_n, steps.service_ms, sums.service_cells),
        "within": [_within(sums.wait_cells, seconds) for seconds in question.limits_s],
        "completeness": {
            "days": states.days,
            "complete": states.complete,
            "arriving": states.arriving,
            "disputed": states.disputed,
            "resolved": states.resolved,
            "open": states.open,
        },
    }


def _durations(n: int, total_ms: int, cells: Cells) -> Answer:
    return {
        "n": n,
        "mean": total_ms / n / 1000 if n else None,
        "p50": _seconds(percentile(cells, 0.5)),
        "p90": _seconds(percentile(cells, 0.9)),
    }


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _within(cells: Cells, seconds: int) -> Answer:
    part, whole = within_limit(cells, 1000 * seconds)
    return {"seconds": seconds, "n": part, "of": whole, "share": part / whole if whole else None}


def table(found: Answer) -> Iterator[tuple[str, str]]:
    """The answer as rows of a name and a value."""
    for name, value in found.items():
        if isinstance(value, Mapping):
            for part, one in cast("Answer", value).items():
                yield f"{name} {part}", _cell(one)
        elif isinstance(value, list):
            for one in cast("list[Answer]", value):
                share = f"{_cell(one['share'])} ({one['n']} of {one['of']})"
                yield f"within {one['seconds']} s", share
        else:
            yield name, _cell(value)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
