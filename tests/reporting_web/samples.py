"""Visits and answers as plain values, and the sums that rollups hold of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import strategies as st

from libs.events.codes import Dimension, VisitorClass
from libs.standards.cells import cell_of
from services.reporting.figures.sums import Ratings, StepSums, Sums

WAIT_TARGET_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Served:
    """A served step of its own visit."""

    wait_ms: int
    service_ms: int
    visitor_class: VisitorClass = VisitorClass.NORMAL


@dataclass(frozen=True, slots=True)
class Answer:
    """A visitor's answer."""

    levels: dict[Dimension, int]
    screened: bool = False
    staff_issued: bool | None = None


def served_sums(steps: Iterable[Served], left: int = 0) -> Sums:
    """The sums of served steps and of ``left`` who gave up waiting."""
    steps = list(steps)
    by_class = defaultdict[VisitorClass, StepSums](StepSums)
    for step in steps:
        met = step.wait_ms <= WAIT_TARGET_MS
        by_class[step.visitor_class] += StepSums(
            steps=1,
            served=1,
            wait_n=1,
            wait_ms=step.wait_ms,
            service_n=1,
            service_ms=step.service_ms,
            wait_met=int(met),
            wait_missed=int(not met),
            calls_in_order=1,
            kiosk=1,
        )
    if left:
        by_class[VisitorClass.NORMAL] += StepSums(steps=left, left_waiting=left, kiosk=left)
    return Sums(
        steps=sum(by_class.values(), StepSums()),
        by_class=dict(by_class),
        wait_cells=Counter(cell_of(step.wait_ms) for step in steps),
        service_cells=Counter(cell_of(step.service_ms) for step in steps),
        visits=len(steps) + left,
        visits_ended=len(steps) + left,
        total_n=len(steps),
        total_ms=sum(step.wait_ms + step.service_ms for step in steps),
    )


def answered_sums(answers: Iterable[Answer], offers: int) -> Sums:
    """The sums of answers to ``offers``."""
    answers = list(answers)
    ratings = defaultdict[Dimension, Ratings](Ratings)
    for answer in answers:
        for dimension, level in answer.levels.items():
            cleaned = {} if answer.screened else {level: 1}
            ratings[dimension] += Ratings({level: 1}, cleaned)
    return Sums(
        offers=offers,
        responses=len(answers),
        cleaned_responses=sum(not answer.screened for answer in answers),
        issuer_known=sum(answer.staff_issued is not None for answer in answers),
        staff_issued=sum(answer.staff_issued is True for answer in answers),
        ratings=dict(ratings),
    )


SERVED = st.builds(
    Served,
    wait_ms=st.integers(0, 3 * 3_600_000),
    service_ms=st.integers(0, 3_600_000),
    visitor_class=st.sampled_from(VisitorClass),
)
ANSWERS = st.builds(
    Answer,
    levels=st.dictionaries(st.sampled_from(Dimension), st.integers(1, 5), min_size=1),
    screened=st.booleans(),
    staff_issued=st.none() | st.booleans(),
)


def _site_sums(steps: list[Served], left: int, answers: list[Answer]) -> Sums:
    return served_sums(steps, left) + answered_sums(answers, len(steps) + left)


SUMS = st.builds(
    _site_sums,
    st.lists(SERVED, max_size=14),
    st.integers(0, 6),
    st.lists(ANSWERS, max_size=10),
)
