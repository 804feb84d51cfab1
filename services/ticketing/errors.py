"""Why a use case refused. Nothing was changed when one of these is raised.

Each class has a code; :mod:`services.ticketing.error_texts` says in Thai and English what happened,
where, and what to do, with the values in ``where``.
"""

from typing import ClassVar


class Refused(Exception):
    """The ticketing service refused to do it."""

    code: ClassVar[str] = "refused"

    def __init__(self, **where: object) -> None:
        self.where = {name: str(value) for name, value in where.items()}
        """What the words name: tickets, counters, days."""
        super().__init__(f"{(type(self).__doc__ or '').splitlines()[0]} {self.where}")


class NotFound(Refused):
    """There is no such thing."""

    code = "not_found"


class Invalid(Refused):
    """The request cannot be right."""

    code = "invalid"


class UnknownVisit(NotFound):
    """There is no such visit on this day."""

    code = "unknown_visit"


class UnknownDay(NotFound):
    """This service day was never opened."""

    code = "unknown_day"


class ServiceNotOffered(Invalid):
    """This office does not offer the service."""

    code = "service_not_offered"


class UnknownCounter(Invalid):
    """This office has no counter of this number."""

    code = "unknown_counter"


class AppointmentMismatch(Invalid):
    """A booked time goes with a booked visitor, and with nobody else."""

    code = "appointment_mismatch"


class AppointmentOffDay(Invalid):
    """The booked time is not on the open service day."""

    code = "appointment_off_day"


class OutcomeNotGiven(Invalid):
    """Only the day's closing ends a visit as forgotten."""

    code = "outcome_not_given"


class NoOpenDay(Refused):
    """No service day is open."""

    code = "no_open_day"


class DayStillOpen(Refused):
    """Another service day is still open."""

    code = "day_still_open"


class DayKnown(Refused):
    """This service day was opened before."""

    code = "day_known"


class DayClosed(Refused):
    """This service day is closed."""

    code = "day_closed"


class DayNotReopened(Refused):
    """Only a day that was worked here can be reopened, and only on its own date."""

    code = "day_not_reopened"


class DayWorkedLive(Refused):
    """This service day was worked in this system, so that nothing may be imported into it."""

    code = "day_worked_live"


class ImportUnderWay(Refused):
    """An import of this site is under way, or was stopped half-way."""

    code = "import_under_way"


class NothingToResolve(Refused):
    """No records of this day were lost, or somebody has looked into it already."""

    code = "nothing_to_resolve"


class SeriesFull(Refused):
    """All numbers of the series have been given on this day."""

    code = "series_full"


class WishSpent(Refused):
    """The ticket that this wish got no longer waits, or was issued for another request."""

    code = "wish_spent"


class CounterNotOpen(Refused):
    """The counter is not open."""

    code = "counter_not_open"


class CounterOfAnother(Refused):
    """Another member of staff opened the counter."""

    code = "counter_of_another"


class CounterAtAnotherDesk(Refused):
    """The same login opened the counter at another desk."""

    code = "counter_at_another_desk"


class ClerkHasCounter(Refused):
    """The clerk works at another counter already."""

    code = "clerk_has_counter"


class CounterOpenAlready(Refused):
    """The counter is open already."""

    code = "counter_open_already"


class CounterBusy(Refused):
    """The counter still has a visitor."""

    code = "counter_busy"


class NotAtThisCounter(Refused):
    """The visitor is not at this counter."""

    code = "not_at_this_counter"


class WrongState(Refused):
    """The visit is not in the state that this needs."""

    code = "wrong_state"


class CallsUsedUp(Refused):
    """The visitor has been called as often as a visitor is called."""

    code = "calls_used_up"


class NotEnded(Refused):
    """Only a step that has ended can be corrected."""

    code = "not_ended"


class NothingToCorrect(Refused):
    """The record says so already."""

    code = "nothing_to_correct"


class CorrectionImpossible(Refused):
    """A visit that was never called, or whose service has no start, cannot become served."""

    code = "correction_impossible"


class CorrectionOutOfReach(Invalid):
    """Nothing of this service day can have happened at this time."""

    code = "correction_out_of_reach"
