"""Suppression: whoever subtracts what is shown learns nothing about fewer than five."""

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.codes import Dimension
from libs.standards.metrics import Metric
from services.reporting.figures.disclosure import publish, too_few
from services.reporting.figures.families import (
    ANSWERS,
    BY_HOUR,
    BY_SERVICE,
    FAMILIES,
    ISSUERS,
    TIMELINESS,
    VISITORS,
)
from services.reporting.figures.formulas import figure, figures
from services.reporting.figures.measures import Measure
from services.reporting.figures.sums import StepSums, Sums
from services.reporting.figures.suppression import left_out, suppress, withheld
from services.reporting.figures.views import NAMES
from tests.reporting_web.samples import SUMS, Answer, Served, answered_sums, served_sums


def came(n: int, prompt: int | None = None) -> Sums:
    """So many served visitors, of whom ``prompt`` waited no longer than the target."""
    prompt = n if prompt is None else prompt
    waits = [60_000] * prompt + [3_000_000] * (n - prompt)
    return served_sums([Served(wait, 60_000) for wait in waits])


def hidden(**parts: Sums) -> dict[Measure | Metric, set[str]]:
    """The services that each figure is withheld of, beside a total that is shown."""
    found = suppress(BY_SERVICE, parts, frozenset())
    return {
        name: set(keys) for name, keys in found.parts.items() if name not in found.not_broken_down
    }


def test_four_are_hidden_and_five_are_shown() -> None:
    assert [n for n in range(8) if too_few(n)] == [1, 2, 3, 4]
    four = publish(figure(Measure.WAIT_MEAN, came(4)))
    assert (four.value, four.n, four.suppressed) == (None, None, True)
    assert four.name is Measure.WAIT_MEAN
    five = publish(figure(Measure.WAIT_MEAN, came(5)))
    assert (five.value, five.n, five.suppressed) == (60_000, 5, False)
    assert five.name is Measure.WAIT_MEAN
    share = publish(figure(Metric.SERVED_SHARE, came(5)))
    assert (share.numerator, share.denominator) == (5, 5)


def test_nothing_is_no_secret() -> None:
    nobody = publish(figure(Metric.SERVED_SHARE, served_sums([])))
    assert (nobody.value, nobody.n, nobody.suppressed) == (None, 0, False)
    assert withheld(FAMILIES, Sums()) == frozenset()


def test_every_figure_is_of_one_family_and_parents_stand_first() -> None:
    names = [name for family in FAMILIES for name in family.names]
    assert sorted(names) == sorted(NAMES)
    for families in (FAMILIES, BY_SERVICE, BY_HOUR):
        for place, family in enumerate(families):
            assert family.parent is None or family.parent in families[:place]


@settings(max_examples=100)
@given(SUMS)
def test_no_figure_is_withheld_without_its_family(sums: Sums) -> None:
    """What a figure withholds by itself was not looked at for subtraction."""
    names = withheld(FAMILIES, sums)
    alone = {name for name, one in figures(sums).items() if publish(one).suppressed}
    assert alone <= names


def test_what_rests_on_the_same_people_is_withheld_as_one() -> None:
    """Three served of ten: how long they waited is told by neither outcomes nor totals."""
    sums = served_sums([Served(60_000, 60_000)] * 3, left=7)
    assert withheld(FAMILIES, sums) >= set(VISITORS.names)
    few_targets = Sums(
        steps=StepSums(steps=20, served=20, wait_n=20, service_n=20, wait_met=3, service_met=20),
        visits=20,
        visits_ended=20,
    )
    assert withheld(FAMILIES, few_targets) == set(TIMELINESS.names)


def test_satisfaction_and_its_dimensions_are_one() -> None:
    many = [Answer({Dimension.STAFF: 4, Dimension.PROCESS: 3})] * 10
    few = [Answer({Dimension.FACILITIES: 1})] * 2
    sums = answered_sums(many + few, offers=30)
    assert withheld(FAMILIES, sums) == {*ANSWERS.names, *ISSUERS.names}


def test_a_lone_small_part_takes_the_next_smallest_with_it() -> None:
    assert hidden(a=came(3), b=came(40), c=came(7))[Measure.STEPS] == {"a", "c"}
    assert hidden(a=came(20), b=came(40))[Measure.STEPS] == set()
    assert hidden(c=came(7), b=came(7), a=came(3))[Measure.STEPS] == {"a", "b"}, "first by name"


def test_two_that_hold_too_few_together_take_a_third() -> None:
    """Of two that hold three together, neither can hold four."""
    assert hidden(a=came(1), b=came(2), c=came(9), d=came(8))[Measure.STEPS] == {"a", "b", "d"}
    assert hidden(a=came(3), b=came(3), c=came(9))[Measure.STEPS] == {"a", "b"}
    assert hidden(a=came(2), b=came(2), c=came(2), d=came(9))[Measure.STEPS] == {"a", "b", "c"}


def test_five_single_visitors_are_not_broken_down() -> None:
    """Of five services with five visitors together, each had one."""
    parts = {name: came(1) for name in "abcde"}
    found = suppress(BY_SERVICE, parts, frozenset())
    assert found.not_broken_down >= {name for one in BY_SERVICE for name in one.names}


def test_a_share_that_its_total_tells_is_not_broken_down() -> None:
    """Nobody was late at the whole office: then nobody was in any part."""
    parts = {"a": came(3, prompt=0), "b": came(9, prompt=0), "c": came(40, prompt=0)}
    found = suppress(BY_SERVICE, parts, frozenset())
    assert Metric.WAIT_WITHIN_TARGET in found.not_broken_down
    assert Measure.NO_SHOW in found.not_broken_down
    assert Measure.STEPS not in found.not_broken_down


def test_parts_of_a_withheld_whole_are_withheld() -> None:
    parts = {"a": came(2), "b": Sums()}
    found = suppress(BY_SERVICE, parts, withheld(FAMILIES, came(2)))
    assert found.parts[Measure.STEPS] >= {"a"}
    assert found.not_broken_down == frozenset()


def test_a_total_leaves_a_lone_small_office_out() -> None:
    groups = [{"a": came(3), "b": came(40)}]
    assert left_out(FAMILIES, groups)[VISITORS] == {"a"}
    assert left_out(FAMILIES, [{"b": came(40)}])[VISITORS] == frozenset()


def test_answers_that_are_too_few_alone_stay_in_the_total_together() -> None:
    levels = dict.fromkeys(Dimension, 4)
    low = dict.fromkeys(Dimension, 2)

    def office(answers: int) -> Sums:
        given = [Answer(levels if i else low) for i in range(answers)]
        return came(40) + answered_sums(given, offers=30)

    together = {name: office(3) for name in "abc"} | {"d": office(20)}
    out = left_out(FAMILIES, [together])
    assert out[VISITORS] == out[ANSWERS] == frozenset()
    assert left_out(FAMILIES, [{"a": office(3), "d": office(20)}])[ANSWERS] == {"a"}


def test_three_people_of_three_offices_are_few_in_the_total_too() -> None:
    """Each office has one rating of its facilities: together they tell three people's share."""

    def office(level: int) -> Sums:
        others = [one for one in Dimension if one is not Dimension.FACILITIES]
        many = [Answer(dict.fromkeys(others, 2 + i % 3)) for i in range(9)]
        return came(40) + answered_sums([*many, Answer({Dimension.FACILITIES: level})], offers=30)

    group = {"a": office(5), "b": office(1), "c": office(1), "d": came(40)}
    assert left_out(FAMILIES, [group])[ANSWERS] == {"a", "b", "c"}
    more = {name: office(5) + office(1) for name in "abc"}
    assert left_out(FAMILIES, [more])[ANSWERS] == frozenset(), "six are enough"


def test_what_hidden_parts_cannot_hold_is_known_of_them() -> None:
    """Nobody of the two hidden services had booked: all withheld bookings are the others'."""

    def booked(steps: int, online: int) -> Sums:
        return came(steps) + Sums(
            steps=StepSums(online=online, booked_n=online, booked_on_time=online // 2)
        )

    parts = {"a": came(3), "b": came(4), "c": booked(20, 3), "d": booked(40, 10)}
    assert Metric.BOOKED_ON_TIME in suppress(BY_SERVICE, parts, frozenset()).not_broken_down
    parts["b"] = booked(9, 9)
    parts["a"] = booked(3, 2)
    assert Metric.BOOKED_ON_TIME not in suppress(BY_SERVICE, parts, frozenset()).not_broken_down


@given(st.integers(1, 4))
def test_no_number_of_a_withheld_figure_is_left(n: int) -> None:
    for one in figures(came(n)).values():
        shown = publish(one)
        if shown.suppressed:
            assert (shown.value, shown.n, shown.numerator, shown.denominator) == (None,) * 4
        else:
            assert not shown.n
