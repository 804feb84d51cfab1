"""Suppression: whoever subtracts what is shown learns nothing about fewer than five."""

from hypothesis import given
from hypothesis import strategies as st

from libs.standards.metrics import Metric
from services.reporting.disclosure import hidden_beside_total, left_out_of_total, publish, too_few
from services.reporting.figures import figure, figures
from services.reporting.measures import Measure
from tests.reporting_web.samples import Served, served_sums

TABLES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 30), max_size=8
)


def test_four_are_hidden_and_five_are_shown() -> None:
    assert [n for n in range(8) if too_few(n)] == [1, 2, 3, 4]
    four = publish(figure(Measure.WAIT_MEAN, served_sums([Served(60_000, 60_000)] * 4)))
    assert (four.value, four.n, four.suppressed) == (None, None, True)
    assert four.name is Measure.WAIT_MEAN
    five = publish(figure(Measure.WAIT_MEAN, served_sums([Served(60_000, 60_000)] * 5)))
    assert (five.value, five.n, five.suppressed) == (60_000, 5, False)
    assert five.name is Measure.WAIT_MEAN
    share = publish(figure(Metric.SERVED_SHARE, served_sums([Served(60_000, 60_000)] * 5)))
    assert (share.numerator, share.denominator) == (5, 5)


def test_nothing_is_no_secret() -> None:
    nobody = publish(figure(Metric.SERVED_SHARE, served_sums([])))
    assert (nobody.value, nobody.n, nobody.suppressed) == (None, 0, False)


def test_a_lone_small_cell_takes_the_next_smallest_with_it() -> None:
    assert hidden_beside_total({"a": 3, "b": 40, "c": 7}) == {"a", "c"}
    assert hidden_beside_total({"a": 2, "b": 2, "c": 9, "d": 8}) == {"a", "b", "d"}
    assert hidden_beside_total({"a": 3, "b": 4, "c": 9}) == {"a", "b"}
    assert hidden_beside_total({"a": 0, "b": 40}) == set()
    assert hidden_beside_total({"a": 3, "b": 5}) == {"a", "b"}, "five are shown, and can be hidden"
    assert hidden_beside_total({"c": 7, "b": 7, "a": 3}) == {"a", "b"}, "of equals the first by key"


def test_a_total_leaves_a_lone_small_site_out() -> None:
    assert left_out_of_total({"a": 3, "b": 40}) == {"a"}
    assert left_out_of_total({"a": 3, "b": 40, "c": 4}) == set()
    assert left_out_of_total({"a": 2, "b": 40, "c": 2}) == {"a", "c"}


@given(TABLES)
def test_a_total_less_the_shown_cells_tells_of_five_or_more(ns: dict[str, int]) -> None:
    hidden = hidden_beside_total(ns)
    assert all(key in hidden for key, n in ns.items() if too_few(n))
    rest = sum(ns[key] for key in hidden)
    if not too_few(sum(ns.values())):
        assert not too_few(rest)
        assert len(hidden) != 1 or len([n for n in ns.values() if n]) == 1


@given(TABLES)
def test_a_total_of_sites_less_the_shown_ones_tells_of_five_or_more(ns: dict[str, int]) -> None:
    left_out = left_out_of_total(ns)
    assert all(too_few(ns[key]) for key in left_out)
    in_total = {key: n for key, n in ns.items() if key not in left_out}
    rest = [n for n in in_total.values() if too_few(n)]
    assert not too_few(sum(rest))
    assert len(rest) != 1


@given(st.integers(1, 4))
def test_no_number_of_a_withheld_figure_is_left(n: int) -> None:
    for one in figures(served_sums([Served(60_000, 60_000)] * n)).values():
        shown = publish(one)
        if shown.suppressed:
            assert (shown.value, shown.n, shown.numerator, shown.denominator) == (None,) * 4
        else:
            assert not shown.n
