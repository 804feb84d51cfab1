"""The list of survivors: what it lets live, and what of it is listed in vain."""

from collections import Counter

import pytest

from tests.mutation.survivors import Kind, Mutant, Survivors, survivors

CAST = Kind(r'(?P<left>.*)\bcast\("[^"]+", (?P<right>.*)', r"(?P=left)cast\(.+, (?P=right)")
SPARED = Mutant("model.f", 'return cast("int", value)', "return cast(None, value)")
OTHER = Mutant("model.f", 'return cast("int", value)', 'return cast("int", None)')
SINGLE = Mutant("model.g", "if last > highest:", "if last >= highest:")


def test_a_kind_speaks_for_one_change_of_a_line_and_for_no_other() -> None:
    assert CAST.has(SPARED)
    assert not CAST.has(OTHER)
    assert not CAST.has(SINGLE)
    twice = Mutant("model.f", 'a = cast("int", b)', "a = cast(None, b)\nc = 1")
    assert not CAST.has(twice)


def test_what_is_listed_may_live_as_often_as_it_is_listed() -> None:
    known = Survivors((CAST,), Counter([SINGLE]))
    assert known.unlisted(Counter([SPARED, SPARED, SINGLE])) == Counter()
    assert known.unlisted(Counter([SPARED, OTHER])) == Counter([OTHER])
    assert known.unlisted(Counter([SPARED, SINGLE, SINGLE])) == Counter([SINGLE])
    assert known.by_kind(Counter([SPARED, SPARED, SINGLE])) == {CAST: 2}


def test_what_is_listed_and_does_not_live_is_dead() -> None:
    known = Survivors((CAST,), Counter([SINGLE]))
    assert known.dead(Counter([SPARED, SINGLE])) == []
    assert known.dead(Counter([SPARED])) == [SINGLE.listed()]
    (kind,) = known.dead(Counter([SINGLE]))
    assert repr(CAST.was) in kind
    both = Survivors((CAST,), Counter([SPARED]))
    assert both.dead(Counter([SPARED])) == [SPARED.listed()]


LIST = r"""
kinds:
  - was: was (?P<a>\w)
    now: now (?P=a)
    reason: %s
mutants:
  - where: model.g
    was: 'if last > highest:'
    now: 'if last >= highest:'
    reason: %s
"""


def test_the_list_is_read_and_each_survivor_needs_a_reason() -> None:
    found = survivors(LIST % ("spares time", "the same"))
    assert found == Survivors((Kind(r"was (?P<a>\w)", "now (?P=a)"),), Counter([SINGLE]))
    for reasons in (("…", "the same"), ("spares time", "…")):
        with pytest.raises(ValueError, match="without a reason"):
            survivors(LIST % reasons)


def test_a_mutant_is_printed_as_the_list_has_it() -> None:
    printed = SINGLE.listed().replace("…", "the same")
    single = "kinds: []\nmutants:\n" + printed
    assert survivors(single).mutants == Counter([SINGLE])
