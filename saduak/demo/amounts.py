"""What the scenario says amounts with: durations, clock times, shares, spreads. Pure."""

import re
from datetime import time, timedelta
from math import exp, log
from random import Random
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_UNITS = {"s": 1, "min": 60, "h": 3600}


class Group(BaseModel):
    """A group of fields in the scenario's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _duration(value: object) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,5}) ?(s|min|h)", value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{value!r} is no duration; write a number and a unit: 90 s, 15 min, 2 h")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _clock(value: object) -> time:
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f"{value!r} is no time of day; write HH:MM: 16:30")
    return time.fromisoformat(value)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Clock = Annotated[time, BeforeValidator(_clock)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=10_000)]
Hour = Annotated[int, Field(ge=0, le=23)]
Spread = Annotated[float, Field(ge=1, le=5)]
"""A geometric standard deviation: two thirds of all lie between median / spread and
median × spread. 1 is always the median."""


class Lognormal(Group):
    """How long something takes: never negative, mostly short, now and then long."""

    median: Duration
    spread: Spread

    def draw(self, chance: Random) -> timedelta:
        """One of them, in whole milliseconds."""
        seconds = self.median.total_seconds() * chance.lognormvariate(0, log(self.spread))
        return milliseconds(seconds)

    @property
    def mean(self) -> timedelta:
        """Of a lognormal: median × exp(σ²/2), with σ = ln(spread)."""
        return self.median * exp(log(self.spread) ** 2 / 2)


def milliseconds(seconds: float) -> timedelta:
    """Cut to whole milliseconds, as all instants are."""
    return timedelta(milliseconds=int(seconds * 1000))
