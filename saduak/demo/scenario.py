"""What the demo's country is like: ``scenario.yaml``, read and validated."""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from libs.events.codes import Channel, Dimension, OutOfOrder, ServiceCode, SiteCode
from libs.standards import Standards
from libs.standards.documents import Document, parse
from saduak.demo.amounts import Clock, Duration, Group, Hour, Lognormal, Share, Spread, Weight

SHIPPED = Path(__file__).with_name("scenario.yaml")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ScenarioError(ValueError):
    """The scenario can't be played; the text names every fault with its line and the cure."""


def _some_weight(weights: Mapping[str, float]) -> Mapping[str, float]:
    if not sum(weights.values()) > 0:
        raise ValueError("at least one weight must be above 0")
    return weights


def _ascending(table: Mapping[int, object]) -> Mapping[int, object]:
    if not table or any(later <= earlier for earlier, later in pairwise(table)):
        raise ValueError("the hours must ascend, and there must be one")
    return table


def _five(levels: tuple[float, ...]) -> tuple[float, ...]:
    if len(levels) != 5 or not sum(levels) > 0:
        raise ValueError("write five weights, for the levels 5, 4, 3, 2 and 1")
    return levels


Levels = Annotated[tuple[Weight, ...], AfterValidator(_five)]
ServiceMix = Annotated[Mapping[ServiceCode, Weight], AfterValidator(_some_weight)]


class AtTheCounter(Group):
    """What clerks do, the same at every site."""

    walk: Lognormal
    """From the call until the visitor sits down."""
    between: Lognormal
    """From one visitor's leaving, or arriving at an idle counter, to the call."""
    recall_after: Duration
    recalls: int = Field(ge=0, le=4)
    """How often one who does not come is called again."""


class Booked(Group):
    """Visitors who booked online."""

    share: Share
    miss: Share
    """Of these, who never come at all: no ticket is issued."""
    early: Duration
    """By how much they come early, on average."""
    scatter: Duration
    """The standard deviation of that, normally distributed."""


class Patience(Group):
    """How long a visitor is ready to wait."""

    time: Lognormal
    tell: Share
    """Of those who give up, who hand the ticket back; the others are called in vain."""


class OutOfTurn(Group):
    """Visitors called who were not next."""

    share: Share
    """Of calls with more than one waiting."""
    reasons: Annotated[Mapping[OutOfOrder, Weight], AfterValidator(_some_weight)]


class LongWait(Group):
    """What a long wait costs."""

    over: Duration
    lower: Share
    """How likely each level given is one lower then."""


class Answers(Group):
    """Who answers feedback, and what."""

    share: Share
    """Of those served."""
    tablet: Share
    """Of answers, at the tablet at once; the others by the ticket's link, later."""
    english: Share
    hasty: Share
    """Of answers, given faster than the page can be read."""
    skip: Share
    """How likely a dimension is left out."""
    levels: Mapping[Dimension, Levels]
    long_wait: LongWait

    @model_validator(mode="after")
    def _all_dimensions(self) -> Self:
        missing = set(Dimension) - set(self.levels)
        if missing:
            raise ValueError(f"levels of {', '.join(sorted(missing))} are missing")
        return self


class Slips(Group):
    """What people forget or press wrongly, and what a supervisor mends after closing."""

    mistaken_ticket: Share
    """Of tickets, taken by mistake and removed by staff."""
    forgotten_finish: Share
    """Of counters, whose last visitor of the day is never finished."""
    mended: Share
    """Of those forgotten, which a supervisor mends the same evening."""
    wrong_service: Share
    """Of visits, corrected to another service the same evening."""


class SiteScenario(Group):
    """One site's ordinary working day."""

    visitors: Annotated[Mapping[Hour, Weight], AfterValidator(_ascending)]
    """Expected visitors by hour of arrival, those booked included."""
    counters: Annotated[
        Mapping[Hour, Annotated[int, Field(ge=0, le=999)]], AfterValidator(_ascending)
    ]
    """How many counters are staffed from each hour on."""
    stays_until: Clock
    """The latest that those still waiting at closing time are served."""
    services: ServiceMix
    pace: float = Field(gt=0, le=5)
    """Multiplies every service time: below 1 is quicker than usual."""
    priority: Share
    channels: Annotated[
        Mapping[Literal[Channel.KIOSK, Channel.COUNTER, Channel.MOBILE], Weight],
        AfterValidator(_some_weight),
    ]
    """Where those who did not book take their ticket."""
    booked: Booked
    patience: Patience
    out_of_turn: OutOfTurn
    answers: Answers
    slips: Slips

    @property
    def expected(self) -> float:
        """Visitors on an ordinary day."""
        return sum(self.visitors.values())


class Live(Group):
    """How the country moves on after the past has been played."""

    speed: float = Field(gt=0, le=600)
    """A minute of the scenario takes 1/speed minutes."""
    hour: Hour
    """The hour of the day whose crowd and counters the live part keeps up."""


class Scenario(Group):
    """The whole country."""

    seed: int
    weekdays: Mapping[Weekday, Annotated[float, Field(gt=0, le=10)]]
    """Multiplies the expected visitors; 1 for a weekday that is not named."""
    day_to_day: Spread
    service_times: Mapping[ServiceCode, Lognormal]
    at_the_counter: AtTheCounter
    live: Live
    sites: Mapping[SiteCode, SiteScenario]

    def suits(self, standards: Standards) -> Iterator[tuple[tuple[str, ...], str]]:
        """What can't be played under ``standards``: where, and what to do about it."""
        for code, site in self.sites.items():
            where = ("sites", code)
            known = standards.sites.get(code)
            if known is None or not known.active:
                yield where, "the standards have no active site of this code; see sites.yaml"
                continue
            for service in site.services:
                if service not in known.services:
                    yield (*where, "services", service), "the site does not offer this service"
                elif service not in self.service_times:
                    yield (*where, "services", service), "add it to service_times"
            if max(site.counters.values()) > known.counters:
                yield (*where, "counters"), f"the site has {known.counters} counters only"


def load(standards: Standards, path: Path = SHIPPED) -> Scenario:
    """The scenario in ``path``, fit to be played under ``standards``.

    Raises :class:`ScenarioError`.
    """
    try:
        document, faults = parse(str(path), path.read_bytes())
    except OSError as error:
        raise ScenarioError(f"{path} can't be read ({error.strerror})") from None
    if faults:
        raise ScenarioError("\n".join(str(fault) for fault in faults))
    try:
        scenario = Scenario.model_validate_json(json.dumps(document.data))
    except ValidationError as error:
        raise ScenarioError("\n".join(_faults(document, error))) from None
    unfit = [_said(document, where, what) for where, what in scenario.suits(standards)]
    if unfit:
        raise ScenarioError("\n".join(unfit))
    return scenario


def _faults(document: Document, error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        keys = [part for part in detail["loc"] if part != "[key]"]
        yield _said(document, keys, detail["msg"].removeprefix("Value error, "))


def _said(document: Document, keys: "list[str | int] | tuple[str, ...]", what: str) -> str:
    name = " → ".join(str(key) for key in keys) or "the file"
    return f"{document.name}:{document.line(tuple(keys))}: {name}: {what}"
