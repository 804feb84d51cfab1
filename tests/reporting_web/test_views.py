"""Views: subtraction never gives away fewer than five, whatever the sums are."""

from collections.abc import Collection, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.codes import Dimension
from libs.standards.metrics import Metric
from libs.standards.values import SiteKind
from services.reporting.figures.formulas import Series, figures
from services.reporting.figures.measures import Measure
from services.reporting.figures.sums import StepSums, Sums, total
from services.reporting.figures.views import (
    PILOTS,
    HourRow,
    Row,
    hour_rows,
    judged_row,
    limit_rows,
    rating_rows,
    row,
    totals,
)
from tests.reporting_web.samples import SUMS, Answer, Served, answered_sums, served_sums

PARTS = st.dictionaries(st.sampled_from("abcdef"), SUMS, max_size=5)
HOURS = st.dictionaries(st.sampled_from(["8", "9", "11", "12"]), SUMS, max_size=4)
KINDS = st.fixed_dictionaries({code: st.sampled_from(SiteKind) for code in "abcdef"})


def hours(sums: Mapping[str, Sums]) -> tuple[HourRow, ...]:
    """The rows of an office's hours beside what is shown of the office."""
    whole = row(total(sums.values()))
    return hour_rows(sums, [name for name, one in whole.items() if one.suppressed])


def hidden_people(rows: Mapping[str, Row], sums: Mapping[str, Sums], name: Measure) -> list[int]:
    """How many people each withheld cell of one figure is about."""
    return [
        figures(sums[key])[name].people
        for key, one in rows.items()
        if one[name].suppressed and key in sums
    ]


def tells_of_few(people: Collection[int]) -> bool:
    return 0 < sum(people) < 5


@settings(max_examples=50)
@given(HOURS)
def test_hours_beside_their_total(sums: dict[str, Sums]) -> None:
    rows = {str(one.hour): one.figures for one in hours(sums)}
    whole = row(total(sums.values()))
    for name in (Measure.STEPS, Measure.WAIT_MEAN):
        if any(name not in one for one in rows.values()):
            continue  # not broken down
        hidden = hidden_people(rows, sums, name)
        if not whole[name].suppressed:
            assert not tells_of_few(hidden)
            assert len(hidden) != 1 or not any(
                one[name].n for one in rows.values() if not one[name].suppressed
            )
        for key, one in rows.items():
            assert one[name].suppressed or one[name].n not in (1, 2, 3, 4), key


@settings(max_examples=50)
@given(PARTS, KINDS)
def test_the_nation_less_all_that_is_shown(
    sums: dict[str, Sums], kinds: dict[str, SiteKind]
) -> None:
    kinds = {code: kinds[code] for code in sums}
    pilots, nation = totals(kinds, sums)
    for name in (Measure.STEPS, Measure.WAIT_MEAN, Metric.SATISFACTION_TOP2):
        n = {code: figures(one)[name].n for code, one in sums.items()}
        shown = {code for code, one in sums.items() if not row(one)[name].suppressed}
        members = {code for code, kind in kinds.items() if kind in PILOTS}
        for one, inside in ((pilots, members), (nation, set(kinds))):
            figure = one.figures[name]
            if figure.n is None:
                continue
            rest = figure.n - sum(n[code] for code in inside & shown)
            assert rest >= 0
            assert name is Metric.SATISFACTION_TOP2 or rest not in (1, 2, 3, 4)
        inner, outer = pilots.figures[name].n, nation.figures[name].n
        if inner is not None and outer is not None:
            outside = set(kinds) - members
            rest = outer - inner - sum(n[code] for code in outside & shown)
            assert name is Metric.SATISFACTION_TOP2 or rest not in (1, 2, 3, 4)


def test_a_lone_small_site_is_left_out_and_named() -> None:
    sums = {
        "a": served_sums([Served(60_000, 60_000)] * 3),
        "b": served_sums([Served(120_000, 60_000)] * 20),
    }
    pilots, nation = totals({"a": SiteKind.CENTRAL_PILOT, "b": SiteKind.MODEL}, sums)
    assert nation.figures[Measure.WAIT_MEAN].value == 120_000
    assert nation.left_out[Measure.WAIT_MEAN] == ("a",)
    assert pilots.figures[Measure.VISITS].n == 0


def test_two_small_sites_are_left_out_together() -> None:
    """Nobody left either of them: were they in the total, it would tell that of each."""
    small = served_sums([Served(60_000, 60_000)] * 3)
    sums = {"a": small, "b": small, "c": served_sums([Served(60_000, 60_000)] * 9)}
    pilots, nation = totals(dict.fromkeys(sums, SiteKind.PROVINCIAL_PILOT), sums)
    assert pilots == nation
    assert nation.figures[Measure.STEPS].value == 9
    assert nation.left_out[Measure.STEPS] == ("a", "b")


def test_hours_between_two_others_are_shown_empty() -> None:
    busy = served_sums([Served(60_000, 60_000)] * 6)
    rows = hours({"9": busy, "11": busy})
    assert [one.hour for one in rows] == [9, 10, 11]
    assert empty(rows[1])


def empty(one: HourRow) -> bool:
    return one.figures[Measure.STEPS].value == 0 and one.figures[Measure.WAIT_P50].value is None


def test_the_raw_series_is_withheld_when_few_were_screened() -> None:
    calm = [Answer({Dimension.STAFF: 4})] * 10
    rushed = [Answer({Dimension.STAFF: 1}, screened=True)]
    for screened, shown in ((0, True), (3, False), (5, True)):
        rows = rating_rows(answered_sums(calm + rushed * screened, offers=40))
        staff = [one for one in rows if one.dimension is Dimension.STAFF]
        assert [one.series for one in staff] == [Series.CLEANED, Series.RAW]
        assert [one.mean.suppressed for one in staff] == [False, not shown]


def test_of_few_who_say_it_nobody_is_told_who_issued_their_tickets() -> None:
    silent = [Answer({Dimension.STAFF: 4})] * 10
    said = [Answer({Dimension.STAFF: 4}, staff_issued=True)]
    for few, shown in ((0, True), (4, False), (5, True)):
        figures_shown = row(answered_sums(silent + said * few, offers=40))
        assert figures_shown[Measure.STAFF_ISSUED_SHARE].suppressed is not shown
        assert not figures_shown[Measure.RESPONSES].suppressed


def test_a_dimension_few_have_rated_is_not_left_over_from_the_whole() -> None:
    many = [Answer({Dimension.STAFF: 4, Dimension.PROCESS: 3})] * 10
    few = [Answer({Dimension.FACILITIES: 1})] * 2
    sums = answered_sums(many + few, offers=30)
    assert all(one.mean.suppressed for one in rating_rows(sums))
    shown = row(sums)
    for name in (Metric.FACILITIES_TOP2, Metric.STAFF_TOP2, Metric.SATISFACTION_TOP2):
        assert shown[name].suppressed
    assert shown[Measure.OFFERS].value == 30


def test_the_rest_of_a_period_is_not_left_over_from_what_an_edition_judges() -> None:
    whole = served_sums([Served(60_000, 60_000)] * 20)
    for judged, shown in ((20, True), (17, False), (15, True), (4, False)):
        row = judged_row(served_sums([Served(60_000, 60_000)] * judged), whole)
        assert row[Metric.WAIT_WITHIN_TARGET].suppressed is not shown, judged
    nothing = judged_row(Sums(), whole)
    assert not nothing[Metric.WAIT_WITHIN_TARGET].suppressed


def test_shares_within_published_limits() -> None:
    sums = served_sums([Served(minutes * 60_000, 60_000) for minutes in (1, 2, 5, 6, 20, 31)])
    rows = limit_rows(sums, [300_000, 1_800_000])
    assert [(one.share.numerator, one.share.denominator) for one in rows] == [(3, 6), (5, 6)]
    steps = StepSums(steps=4, served=4, wait_n=4)
    few = limit_rows(Sums(steps=steps, wait_cells={5: 4}), [300_000])
    assert few[0].share.suppressed
