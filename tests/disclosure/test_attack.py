"""Attacks what is published of random countries: nothing that is withheld can be had back."""

from collections import Counter

import pytest

from tests.disclosure.__main__ import attack, tables
from tests.disclosure.attack import Knowledge
from tests.disclosure.countries import ORDINARY, country

COUNTRIES = range(6)
CELLS = 12
"""Withheld cells attacked in each table; `python -m tests.disclosure` attacks more."""


@pytest.mark.parametrize("seed", COUNTRIES)
def test_nothing_withheld_can_be_had_back(seed: int) -> None:
    counted = Counter[str]()
    assert [str(found) for found in attack(seed, CELLS, counted)] == []
    assert counted["tables"] == 8


def test_the_attack_finds_what_a_subtraction_gives() -> None:
    """A total of ten beside a part of seven: the other part had three."""
    known = Knowledge()
    for block in ("all", "shown", "hidden"):
        known.add_block(block, visits=False, answers=False)
    known.adds_up(["shown", "hidden"], "all")
    known.learn({"all": 1}, {"steps": 1}, 10)
    known.learn({"shown": 1}, {"steps": 1}, 7)
    assert known.interval({"hidden": 1}, {"steps": 1}) == pytest.approx((3, 3))
    assert known.interval({"hidden": 1}, {"served": 1}) == pytest.approx((0, 3))


def test_of_ordinary_offices_most_stays_published() -> None:
    """To withhold everything would be safe, and no answer."""
    shown = withheld = 0
    for _, _, cells in tables(country(0, ORDINARY["month"])):
        shown += sum(not cell.shown.suppressed for cell in cells)
        withheld += sum(cell.shown.suppressed for cell in cells)
    assert shown > 10 * withheld
