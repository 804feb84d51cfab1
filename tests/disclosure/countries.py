"""What is published of a random country: its national view and every office's."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from libs.standards import load
from libs.standards.standards import Standards
from libs.standards.values import Edition, Site, SiteKind
from services.reporting.figures.assembly import Asked, Found, Judging, SiteFound, nation_of, site_of
from services.reporting.figures.sums import Sums
from services.reporting.figures.views import NationalView, SiteView
from services.reporting.model.periods import Period, PeriodKind, period_of
from tests.disclosure.people import Visitor, sums_of, visitors

TODAY = date(2026, 4, 2)
MONTH = period_of(PeriodKind.MONTH, date(2026, 3, 1))
KINDS = (
    SiteKind.CENTRAL_PILOT,
    SiteKind.PROVINCIAL_PILOT,
    SiteKind.PROVINCIAL_PILOT,
    SiteKind.MODEL,
    SiteKind.ROLLOUT,
    SiteKind.ROLLOUT,
    SiteKind.ROLLOUT,
)
TINY = (1, 3, 4, 6, 9, 15, 25, 40, 80, 200)
"""Visitors of an office, where most is withheld and all is tried."""
ORDINARY = {"day": (15, 30, 60), "month": (300, 600, 1200)}
"""Visitors of an ordinary office, to see what stays published."""
LATE = Period(date(2026, 3, 10), MONTH.last)
"""The days that the newest edition judges, where it began within the month."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that anybody can see of a country, and whether its edition began within the month."""

    nation: NationalView
    offices: Mapping[str, SiteView]
    people: Mapping[str, list[Visitor]]


@cache
def standards() -> Standards:
    return load(Path(__file__).parent.parent.parent / "standards")


def country(seed: int, sizes: Sequence[int] = TINY) -> Told:
    """A country of seven offices in a month, each with as many visitors as one of ``sizes``."""
    random = Random(seed)
    people = {f"pjo-{50 + i}": _office(random, sizes) for i in range(len(KINDS))}
    known = next(iter(standards().sites.values()))
    sites = [
        replace(known, code=code, kind=kind, active=True)
        for code, kind in zip(people, KINDS, strict=True)
    ]
    asked = Asked(standards(), MONTH, TODAY)
    judging = _judging(random, people)
    sums = {code: sums_of(some) for code, some in people.items()}
    nation = nation_of(asked, Found(sites, sums, judging, {}, {}, frozenset()))
    offices = {
        site.code: site_of(asked, _found(site, people[site.code], judging)) for site in sites
    }
    return Told(nation, offices, people)


def _office(random: Random, sizes: Sequence[int]) -> list[Visitor]:
    services = random.sample(list(standards().services), random.randint(1, 6))
    few = random.randint(0, len(services) - 1)
    return visitors(random, random.choice(sizes), services, few)


def _judging(random: Random, people: Mapping[str, list[Visitor]]) -> Judging:
    edition = standards().edition(MONTH.last)
    assert isinstance(edition, Edition)
    if random.random() < 0.5:
        return Judging(edition, MONTH, None)
    late = {code: sums_of(one for one in some if one.late) for code, some in people.items()}
    return Judging(edition, LATE, late)


def _found(site: Site, people: list[Visitor], judging: Judging) -> SiteFound:
    return SiteFound(
        site,
        sums_of(people),
        judging,
        _by(people, lambda one: one.service, answers=True),
        _by(people, lambda one: str(one.hour), answers=False),
        {},
        None,
    )


def _by(people: list[Visitor], key: Callable[[Visitor], str], *, answers: bool) -> dict[str, Sums]:
    parts = defaultdict[str, list[Visitor]](list)
    for one in people:
        parts[key(one)].append(one)
    return {part: sums_of(some, visits=False, answers=answers) for part, some in parts.items()}
