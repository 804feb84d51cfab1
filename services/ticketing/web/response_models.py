"""What the API and the live pages show: values at the edge, ready for JSON."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from libs.events.codes import Language, Outcome, VisitorClass
from libs.service.formats import date_and_time, full_date, long_date, wait_range
from libs.standards import Service
from services.ticketing.model.estimate import Estimate
from services.ticketing.model.queue import Place, Placed
from services.ticketing.model.service_day import is_over
from services.ticketing.model.visits import State
from services.ticketing.reads import BoardCall, CounterView, Notice, Odd, Readable, shown
from services.ticketing.usecases.calling import Called
from services.ticketing.web.queue_reasons import UNEXPLAINED, why

Both = Mapping[Language, str]
"""A text in both languages, by code."""


class Shown(BaseModel):
    """An answer; closed, so that nothing slips out unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceShown(Shown):
    """A service that a visitor can choose."""

    code: str
    series: str
    name: Both

    @classmethod
    def of(cls, service: Service) -> Self:
        name = {Language.THAI: service.name_th, Language.ENGLISH: service.name_en}
        return cls(code=service.code, series=service.series, name=name)


class EstimateShown(Shown):
    """A range of waiting time, in milliseconds and in words."""

    likely_ms: int
    pessimistic_ms: int
    text: Both

    @classmethod
    def of(cls, estimate: Estimate | None) -> Self | None:
        if estimate is None:
            return None
        likely, pessimistic = estimate.likely_ms, estimate.pessimistic_ms
        return cls(
            likely_ms=likely,
            pessimistic_ms=pessimistic,
            text={one: wait_range(likely, pessimistic, one) for one in Language},
        )


class TicketShown(Shown):
    """A ticket just issued."""

    visit: UUID
    ticket: str
    service: ServiceShown
    day: date
    issued_at: datetime
    people_ahead: int
    estimate: EstimateShown | None
    token: str
    """The signed link's token: it names the visit to this site's two services."""
    ticket_url: str | None
    """The visitor's own page, where the service has a public address."""
    rating_url: str | None
    """Where the visit can be rated afterwards; None where the ticket carries no such link."""
    qr: str | None
    """The ticket's page as an SVG to scan."""


class StatusShown(Shown):
    """Where a ticket stands, for its visitor."""

    ticket: str
    service: ServiceShown
    day: date
    state: State
    position: int | None
    """1 is next; None when it does not wait."""
    people_ahead: int | None
    estimate: EstimateShown | None
    counter: int | None
    call: int
    outcome: Outcome | None
    rating_url: str | None


class WaitingShown(Shown):
    """A visitor who waits, for the staff."""

    visit: UUID
    step: int
    ticket: str
    service: str
    visitor_class: VisitorClass
    queued_at: datetime
    position: int
    placed: Placed
    passes: tuple[str, ...]
    why: Both

    @classmethod
    def of(cls, place: Place) -> Self:
        waiting = place.waiting
        return cls(
            visit=waiting.visit,
            step=waiting.step,
            ticket=waiting.ticket,
            service=waiting.service,
            visitor_class=waiting.visitor_class,
            queued_at=waiting.queued_at,
            position=place.position,
            placed=place.placed,
            passes=place.passes,
            why=why(place),
        )


class CalledShown(Shown):
    """Who was called, and why this one."""

    visit: UUID
    step: int
    ticket: str
    service: str
    counter: int
    call: int
    out_of_order: str | None
    position: int
    why: Both

    @classmethod
    def of(cls, called: Called) -> Self:
        return cls(
            visit=called.visit,
            step=called.step,
            ticket=called.ticket,
            service=called.service,
            counter=called.counter,
            call=called.call,
            out_of_order=called.out_of_order,
            position=called.position,
            why=UNEXPLAINED if called.place is None else why(called.place),
        )


class VisitorShown(Shown):
    """The visitor at a counter, for the staff."""

    visit: UUID
    step: int
    ticket: str
    service: str
    state: State
    calls: int
    called_at: datetime
    started_at: datetime | None


class CounterShown(Shown):
    """An open counter, for the staff."""

    counter: int
    clerk: UUID
    desk: UUID | None
    """Where it was opened: one login may be signed in at two desks."""
    visitor: VisitorShown | None

    @classmethod
    def of(cls, view: CounterView) -> Self:
        visitor = view.visitor
        return cls(
            counter=view.counter,
            clerk=view.clerk,
            desk=view.desk,
            visitor=None
            if visitor is None
            else VisitorShown(
                visit=visitor.visit,
                step=visitor.step,
                ticket=visitor.ticket,
                service=visitor.service,
                state=visitor.state,
                calls=visitor.calls,
                called_at=visitor.called_at,
                started_at=visitor.started_at,
            ),
        )


class NoticeShown(Shown):
    """What the centre wants the staff to read."""

    notice: UUID
    text: Both
    given: Both
    """When it was given, in words."""
    until: datetime

    @classmethod
    def of(cls, notice: Notice) -> Self:
        return cls(
            notice=notice.id,
            text={Language.THAI: notice.text_th, Language.ENGLISH: notice.text_en},
            given={one: date_and_time(notice.given_at, one) for one in Language},
            until=notice.until,
        )

    @classmethod
    def of_each(cls, notices: Readable[Notice]) -> Readable[Self]:
        """Those of ``notices`` that can be shown."""
        return shown(notices, cls.of, lambda notice: (None, f"notice {notice.id}"))


class OddShown(Shown):
    """A ticket that can't be shown, for the staff."""

    visit: UUID | None
    ticket: str
    text: Both

    @classmethod
    def of(cls, odd: Odd) -> Self:
        return cls(
            visit=odd.visit,
            ticket=odd.ticket,
            text={
                Language.THAI: f"แสดงบัตรคิว {odd.ticket} ไม่ได้: บันทึกของบัตรนี้ผิดปกติ ({odd.reason}) "
                "โปรดแจ้งผู้ดูแลระบบ",
                Language.ENGLISH: f"Ticket {odd.ticket} can't be shown: its record is odd "
                f"({odd.reason}). Tell the administrator.",
            },
        )


class Timed(Shown):
    """What is shown live, with the service's own time: clocks of screens may be wrong."""

    now: datetime | None = None
    """When this was sent; None in the scene, which is the same until something changes."""

    def at(self, moment: datetime) -> Self:
        """The same, sent at ``moment``."""
        return self.model_copy(update={"now": moment})


def in_words(day: date | None) -> Both | None:
    """``day`` in words, for a sentence."""
    return None if day is None else {one: long_date(day, one) for one in Language}


class OfficeShown(Shown):
    """How the office stands, for a kiosk."""

    open: bool
    """Whether tickets of today are given."""
    forgotten: Both | None
    """The open day, where its date is over: its closing was forgotten."""

    @classmethod
    def of(cls, day: date | None, moment: datetime) -> Self:
        forgotten = forgotten_day(day, moment)
        return cls(open=day is not None and forgotten is None, forgotten=in_words(forgotten))


def forgotten_day(day: date | None, moment: datetime) -> date | None:
    """``day``, which is open, where its date is over at ``moment``."""
    return day if day is not None and is_over(day, moment) else None


class QueueShown(Timed):
    """The floor as the staff see it."""

    day: date | None
    today: date
    """The date on the office's wall."""
    forgotten: Both | None
    """The open day, where its date is over: its closing was forgotten."""
    waiting: tuple[WaitingShown, ...]
    """Next first."""
    counters: tuple[CounterShown, ...]
    notices: tuple[NoticeShown, ...]
    """The newest first."""
    odd: tuple[OddShown, ...]
    """Tickets of the open day that can't be shown; whoever waits among them can be called."""


class CallShown(Shown):
    """A number at a counter, for the waiting room. Never the service: it tells too much."""

    ticket: str
    counter: int
    call: int
    called_at: datetime
    serving: bool

    @classmethod
    def of(cls, call: BoardCall) -> Self:
        return cls(
            ticket=call.ticket,
            counter=call.counter,
            call=call.call,
            called_at=call.called_at,
            serving=call.serving,
        )


class Announcement(Shown):
    """One call to announce once; ``id`` grows with every call of this office."""

    id: int
    ticket: str
    counter: int
    call: int
    at: datetime


def today_in_words(today: date) -> Both:
    """``today`` with its weekday, as a board shows it."""
    return {one: full_date(today, one) for one in Language}


class BoardShown(Timed):
    """The waiting room's board."""

    day: date | None
    today: Both
    """The date on the office's wall, in words."""
    forgotten: Both | None
    """The open day, where its date is over: its closing was forgotten."""
    calls: tuple[CallShown, ...]
    """The newest call first."""
    announcements: tuple[Announcement, ...]
    """The newest twenty, oldest first: a board announces those whose id it has not seen."""
    waiting: int
