"""Virtual time: each at its moment, one after the other."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from saduak.demo.agenda import Agenda, Doing

START = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)


async def acts(agenda: Agenda, name: int, pauses: list[int], seen: list[tuple[int, int]]) -> Doing:
    for pause in pauses:
        seen.append(((agenda() - START).seconds, name))
        yield agenda() + timedelta(seconds=pause)
    seen.append(((agenda() - START).seconds, name))


@given(plans=st.lists(st.lists(st.integers(0, 50), max_size=5), min_size=1, max_size=6))
async def test_the_clock_never_runs_back_and_nobody_is_left_out(plans: list[list[int]]) -> None:
    agenda = Agenda(START)
    seen: list[tuple[int, int]] = []
    for name, pauses in enumerate(plans):
        agenda.enter(acts(agenda, name, pauses, seen), START)
    await agenda.run()
    assert [moment for moment, _ in seen] == sorted(moment for moment, _ in seen)
    for name, pauses in enumerate(plans):
        moments = [moment for moment, who in seen if who == name]
        assert moments == [sum(pauses[:count]) for count in range(len(pauses) + 1)]


async def test_who_enters_first_acts_first_at_one_moment() -> None:
    agenda = Agenda(START)
    seen: list[tuple[int, int]] = []
    for name in range(5):
        agenda.enter(acts(agenda, name, [7], seen), START)
    await agenda.run()
    assert seen == [(0, name) for name in range(5)] + [(7, name) for name in range(5)]
