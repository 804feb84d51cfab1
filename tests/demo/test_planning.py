"""The generator: the same seed gives the same day, and a day looks like one."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.codes import Channel, VisitorClass
from libs.events.durations import MILLISECOND
from libs.standards import OfficeHours, Standards
from saduak.demo.planning import DayPlan, plan
from saduak.demo.scenario import Scenario

MONDAY = date(2026, 11, 16)
DAYS = [MONDAY + timedelta(weeks=week, days=day) for week in range(12) for day in range(5)]


def planned(scenario: Scenario, standards: Standards, site: str, day: date) -> DayPlan:
    hours = standards.office_hours(site, MONDAY)
    assert hours is not None
    return plan(scenario, site, day, hours)


def every(scenario: Scenario, standards: Standards, site: str) -> list[DayPlan]:
    return [planned(scenario, standards, site, day) for day in DAYS]


def test_the_same_seed_gives_the_same_day(scenario: Scenario, standards: Standards) -> None:
    for site in scenario.sites:
        once = planned(scenario, standards, site, MONDAY)
        assert once == planned(scenario, standards, site, MONDAY)


def test_another_seed_day_or_site_gives_another_day(
    scenario: Scenario, standards: Standards
) -> None:
    reseeded = scenario.model_copy(update={"seed": scenario.seed + 1})
    days = [
        planned(scenario, standards, "pjo-50", MONDAY),
        planned(reseeded, standards, "pjo-50", MONDAY),
        planned(scenario, standards, "pjo-50", MONDAY + timedelta(days=1)),
        planned(scenario, standards, "pjo-41", MONDAY),
    ]
    arrivals = {tuple(visitor.arrives.timetz() for visitor in day.visitors) for day in days}
    assert len(arrivals) == len(days)


def test_what_one_site_is_like_moves_no_other(scenario: Scenario, standards: Standards) -> None:
    fewer = scenario.model_copy(update={"sites": {"pjo-50": scenario.sites["pjo-50"]}})
    assert planned(fewer, standards, "pjo-50", MONDAY) == planned(
        scenario, standards, "pjo-50", MONDAY
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_day_could_have_been(
    scenario: Scenario, standards: Standards, data: st.DataObject
) -> None:
    site = data.draw(st.sampled_from(sorted(scenario.sites)))
    day = data.draw(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
    seed = data.draw(st.integers(0, 2**32))
    its = planned(scenario.model_copy(update={"seed": seed}), standards, site, day)
    assert its.opens < its.closes <= its.stays_until
    assert all(earlier.arrives < later.arrives for earlier, later in pairwise(its.visitors)), (
        "in order, never two at one moment"
    )
    for visitor in its.visitors:
        assert its.opens < visitor.arrives < its.closes
        assert visitor.request.service in standards.sites[site].services
        booked = visitor.request.visitor_class is VisitorClass.APPOINTMENT
        assert booked == (visitor.request.appointment is not None)
        assert booked == (visitor.request.channel is Channel.ONLINE)
        assert visitor.service >= timedelta(seconds=1)
        assert visitor.walk >= timedelta(0)
        for span in (visitor.service, visitor.walk, visitor.patience):
            assert span % MILLISECOND == timedelta(0), "instants are whole milliseconds"
        if visitor.opinion is not None:
            levels, lower = visitor.opinion.levels, visitor.opinion.after_long_wait
            assert levels
            assert levels.keys() == lower.keys()
            assert all(1 <= lower[one] <= levels[one] <= 5 for one in levels)
    _check_shifts(its, standards.sites[site].counters)


def _check_shifts(its: DayPlan, counters: int) -> None:
    for shift in its.shifts:
        assert 1 <= shift.counter <= counters
        assert its.opens < shift.begins < shift.ends <= its.closes
        assert shift.last == (shift.ends == its.closes)
        assert shift.last or not shift.forgets
    by_counter: dict[int, list[tuple[datetime, datetime]]] = {}
    for shift in its.shifts:
        by_counter.setdefault(shift.counter, []).append((shift.begins, shift.ends))
    for spans in by_counter.values():
        assert all(earlier[1] < later[0] for earlier, later in pairwise(sorted(spans)))


def test_as_many_come_as_the_scenario_expects(scenario: Scenario, standards: Standards) -> None:
    for code, site in scenario.sites.items():
        found = fmean(len(day.visitors) for day in every(scenario, standards, code))
        assert abs(found / (site.expected * (1 - site.booked.share * site.booked.miss)) - 1) < 0.1
        assert 60 <= found <= 250


def test_shares_and_times_are_those_of_the_scenario(
    scenario: Scenario, standards: Standards
) -> None:
    for code, site in scenario.sites.items():
        visitors = [one for day in every(scenario, standards, code) for one in day.visitors]
        answers = sum(one.opinion is not None for one in visitors) / len(visitors)
        assert abs(answers - site.answers.share) < 0.03
        services = Counter(one.request.service for one in visitors)
        expected = site.services["INF"] / sum(site.services.values())
        assert abs(services["INF"] / len(visitors) - expected) < 0.03
        usual = scenario.service_times["INF"].median * site.pace
        found = median(
            one.service.total_seconds() for one in visitors if one.request.service == "INF"
        )
        assert abs(found / usual.total_seconds() - 1) < 0.15


def test_lunch_is_staffed_where_the_scenario_says(scenario: Scenario, standards: Standards) -> None:
    for code, site in scenario.sites.items():
        its = planned(scenario, standards, code, MONDAY)
        noon = its.opens.replace(hour=5, minute=30)
        at_noon = sum(shift.begins <= noon < shift.ends for shift in its.shifts)
        assert at_noon == site.counters[12]


def test_a_day_is_cut_to_the_office_hours(scenario: Scenario, standards: Standards) -> None:
    usual = standards.office_hours("pjo-50", MONDAY)
    assert usual is not None
    half = OfficeHours(usual.open, usual.lunch_start, usual.lunch_start, usual.lunch_start)
    its = plan(scenario, "pjo-50", MONDAY, half)
    assert its.visitors
    assert max(one.arrives for one in its.visitors) < its.closes
    assert all(shift.ends <= its.closes for shift in its.shifts)
