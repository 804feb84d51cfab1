"""A day's totals by service, from its day book, as the manifest counts them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from libs.events.codes import Outcome
from libs.events.durations import between, plausible
from services.ticketing.model.visits import StepRecord


@dataclass(slots=True)
class Line:
    """One service's steps of a day."""

    service: str
    steps: int = 0
    waiting: int = 0
    """Not ended yet."""
    by_outcome: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    waits_ms: list[int] = field(default_factory=list[int])
    """Of served steps, where plausible: entering the queue to the first call."""
    services_ms: list[int] = field(default_factory=list[int])

    @property
    def mean_wait_ms(self) -> int | None:
        return _mean(self.waits_ms)

    @property
    def mean_service_ms(self) -> int | None:
        return _mean(self.services_ms)

    def add(self, step: StepRecord) -> None:
        self.steps += 1
        if step.outcome is None:
            self.waiting += 1
            return
        self.by_outcome[step.outcome] += 1
        if step.outcome is not Outcome.SERVED:
            return
        if step.first_called_at is not None:
            self.waits_ms += filter(plausible, [between(step.queued_at, step.first_called_at)])
        if step.started_at is not None and step.ended_at is not None:
            self.services_ms += filter(plausible, [between(step.started_at, step.ended_at)])


def totals_of(book: Iterable[StepRecord]) -> tuple[Line, ...]:
    """A line for each service that had a step, by code."""
    lines: dict[str, Line] = {}
    for step in book:
        lines.setdefault(step.service, Line(step.service)).add(step)
    return tuple(lines[code] for code in sorted(lines))


def _mean(durations: list[int]) -> int | None:
    return sum(durations) // len(durations) if durations else None
