"""A planned day happens: every step of it through the use cases that the pages call."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from libs.events.codes import Origin
from saduak.demo.agenda import Agenda
from saduak.demo.answers import AnswerDesk
from saduak.demo.clerks import clerk, supervisor
from saduak.demo.planning import DayPlan, dice
from saduak.demo.scenario import Scenario
from saduak.demo.scene import Roster, Scene
from saduak.demo.visitors import visit
from services.ticketing.office import Office
from services.ticketing.usecases import open_day


@dataclass(frozen=True, slots=True)
class Centre:
    """A service centre that days can be played at."""

    office: Office
    desk: AnswerDesk
    roster: Roster


async def play_day(
    centre: Centre, scenario: Scenario, plan: DayPlan, ended: Callable[[], None]
) -> None:
    """Play ``plan`` from the opening of the doors to the last answer of the evening.

    The day must not be known yet. ``ended`` is told of each visitor who has gone.
    """
    agenda = Agenda(plan.opens)
    scene = Scene(
        plan=plan,
        its=scenario.sites[plan.site],
        counter_work=scenario.at_the_counter,
        agenda=agenda,
        office=replace(centre.office, clock=agenda, origin=Origin.DEMO),
        desk=centre.desk.by_clock(agenda),
        roster=centre.roster,
        chance=dice(scenario, plan.site, plan.day, "clerks"),
        ended=ended,
    )
    await open_day(scene.office, plan.day)
    for visitor in plan.visitors:
        agenda.enter(visit(scene, visitor), visitor.arrives)
    for shift in plan.shifts:
        agenda.enter(clerk(scene, shift), shift.begins)
    agenda.enter(supervisor(scene), plan.closes)
    await agenda.run()
