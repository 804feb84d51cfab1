"""Streams of events as sites send them: realistic, seeded, and counted on the side.

The manifests are summed here from plain records of the visits, not from the events, so that they
agree with the nation's figures only if both are right.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from libs.events.codes import (
    Channel,
    CorrectionReason,
    Dimension,
    FeedbackChannel,
    Language,
    Origin,
    Outcome,
    OutOfOrder,
    Screening,
    Stream,
    TimeQuality,
    VisitorClass,
    WaitingBand,
)
from libs.events.durations import between, cut_to_hour, plausible
from libs.events.envelope import Numbered, render, source_of
from libs.events.payloads import Payload
from libs.events.responses import (
    FeedbackDayClosed,
    FeedbackGiven,
    FeedbackGivenV2,
    FeedbackOffered,
    Rating,
    ResponseTotals,
)
from libs.events.topics import StreamName
from libs.events.visits import (
    CounterClosed,
    CounterOpened,
    DayClosed,
    DayOpened,
    EndCorrection,
    OutcomeCorrection,
    ServiceCorrection,
    ServiceTotals,
    StartCorrection,
    VisitCalled,
    VisitCorrected,
    VisitEnded,
    VisitIssued,
    VisitStarted,
    WaitEstimate,
)

SERVICES = ("ADV", "CMP", "INF", "JF-LIT", "MED")
DIMENSIONS = tuple(Dimension)
NOW_MS = 1_780_000_000_000
"""The broker's clock, unless a test says otherwise: May 2026."""
MINUTE = timedelta(minutes=1)
MS = timedelta(milliseconds=1)


class Message(NamedTuple):
    """A message of Kafka, as the consumer hands it on."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    timestamp: int = NOW_MS
    """When the broker took it, in milliseconds since 1970."""


@dataclass
class Told:
    """A visit as the site remembers it."""

    visit: UUID
    service: str
    entered: datetime
    called: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    outcome: Outcome = Outcome.SERVED


@dataclass
class Writer:
    """One numbered stream of a site, and all that was written to it."""

    site: str
    stream: Stream
    rng: Random
    epoch: int = 1
    sequence: int = 0
    origin: Origin = Origin.DEMO
    sent: list[Message] = field(default_factory=list[Message])

    def emit(self, data: Payload, subject: UUID | None, at: datetime, service_day: date) -> None:
        self.sequence += 1
        moment = cut_to_hour(at) if data.HOURLY else at
        text = moment.isoformat().replace("+00:00", "Z")
        event = Numbered(
            id=str(uuid7(self.rng, moment)),
            type=data.TYPE,
            subject=str(subject) if subject else None,
            time=text,
            recorded=text,
            service_day=str(service_day),
            origin=self.origin,
            epoch=self.epoch,
            sequence=self.sequence,
            data=data.model_dump_json(),
        )
        raw = render(source_of(self.site, self.stream), event)
        topic = StreamName(self.site, self.stream).topic
        self.sent.append(Message(topic, 0, len(self.sent), raw))

    def restore(self) -> None:
        """The database was restored: numbers begin anew, in the next epoch."""
        self.epoch += 1
        self.sequence = 0


def uuid7(rng: Random, moment: datetime) -> UUID:
    milliseconds = int(moment.timestamp() * 1000)
    bits = milliseconds << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62
    return UUID(int=bits | rng.getrandbits(62))


class SiteStreams:
    """Plays the days of one site into its two streams."""

    def __init__(self, site: str, seed: int, services: Sequence[str] = SERVICES) -> None:
        self.rng = Random(f"{site}/{seed}")
        self.site = site
        self.services = services
        self.ticketing = Writer(site, Stream.TICKETING, self.rng)
        self.feedback = Writer(site, Stream.FEEDBACK, self.rng)
        self.visits: dict[date, list[Told]] = defaultdict(list)
        self.offered: dict[date, list[str]] = defaultdict(list)
        self.answered: dict[date, list[tuple[str, int, int]]] = defaultdict(list)
        self.revisions: dict[tuple[Stream, date], int] = defaultdict(int)

    @property
    def messages(self) -> list[Message]:
        """Both streams, as one consumer may see them."""
        return [*self.ticketing.sent, *self.feedback.sent]

    def play(self, day: date, visits: int, corrections: int = 0) -> None:
        """A whole day from its opening to its closing, and corrections afterwards."""
        self.open(day)
        self.serve(day, visits)
        self.close(day)
        for _ in range(corrections):
            self.correct(day)

    def open(self, day: date) -> None:
        opening = local(day, 8, 0)
        self.ticketing.emit(DayOpened(), None, opening, day)
        for counter in (1, 2):
            self.ticketing.emit(CounterOpened(counter=counter), None, opening, day)

    def serve(self, day: date, visits: int) -> None:
        """Visits of the day, their events in the order of time."""
        happenings: list[tuple[datetime, int, UUID, Payload]] = []
        for number in range(visits):
            told, events = self._visit(day, number)
            self.visits[day].append(told)
            happenings += [
                (at, len(happenings) + place, told.visit, data)
                for place, (at, data) in enumerate(events)
            ]
        for at, _, visit, data in sorted(happenings):
            self.ticketing.emit(data, visit, at, day)
            if isinstance(data, VisitEnded) and data.outcome is Outcome.SERVED:
                self._ask(day, visit, at)

    def close(self, day: date) -> None:
        """Both services close the day, or revise its closing."""
        closing = local(day, 17, 0)
        if not self.revisions[Stream.TICKETING, day]:
            for counter in (1, 2):
                self.ticketing.emit(CounterClosed(counter=counter), None, closing, day)
        self.ticketing.emit(self._ticketing_manifest(day), None, closing, day)
        self.feedback.emit(self._feedback_manifest(day), None, closing, day)

    def correct(self, day: date) -> None:
        """A supervisor corrects a closed day; its next revision follows at once."""
        told = self.rng.choice(self.visits[day])
        correction = self._correction(told)
        reason = self.rng.choice(list(CorrectionReason))
        event = VisitCorrected(step=1, correction=correction, reason=reason)
        self.ticketing.emit(event, told.visit, local(day, 18, 0), day)
        self.ticketing.emit(self._ticketing_manifest(day), None, local(day, 18, 0), day)

    def _visit(self, day: date, number: int) -> tuple[Told, list[tuple[datetime, Payload]]]:
        rng = self.rng
        entered = local(day, 8, 30) + rng.random() * 420 * MINUTE // MS * MS
        told = Told(uuid7(rng, entered), rng.choice(self.services), entered)
        told.outcome = rng.choices(list(Outcome), weights=(86, 5, 5, 2, 2), k=1)[0]
        events: list[tuple[datetime, Payload]] = [(entered, self._issued(told, number))]
        at = entered + rng.expovariate(1 / 9) * MINUTE // MS * MS
        if told.outcome in {Outcome.SERVED, Outcome.NO_SHOW, Outcome.FORGOTTEN}:
            told.called = at
            events.append((at, self._called(1)))
            for call in range(2, rng.choice((2, 2, 2, 3, 4))):
                at += MINUTE
                events.append((at, self._called(call)))
        if told.outcome is Outcome.SERVED:
            told.started = at + rng.randrange(60_000) * MS
            events.append((told.started, VisitStarted(step=1, counter=rng.choice((1, 2)))))
            at = told.started + rng.gammavariate(2, 4) * MINUTE // MS * MS
        forgotten = told.outcome is Outcome.FORGOTTEN
        told.ended = local(day, 17, 0) if forgotten else at + MS
        if rng.random() < 0.005:  # a wrong clock
            told.ended -= timedelta(hours=2)
        quality = TimeQuality.ESTIMATED if forgotten else TimeQuality.ACTUAL
        ended = VisitEnded(step=1, outcome=told.outcome, time_quality=quality)
        events.append((max(told.ended, at), ended))
        told.ended = max(told.ended, at)
        return told, events

    def _issued(self, told: Told, number: int) -> VisitIssued:
        rng = self.rng
        visitor_class = rng.choices(list(VisitorClass), weights=(80, 12, 8), k=1)[0]
        booked = visitor_class is VisitorClass.APPOINTMENT
        channel = Channel.ONLINE if booked else rng.choice((Channel.KIOSK, Channel.COUNTER))
        likely = rng.randrange(60_000, 1_200_000)
        return VisitIssued(
            step=1,
            ticket=f"A{number % 1000:03}",
            service=told.service,
            channel=channel,
            visitor_class=visitor_class,
            appointment=told.entered + rng.randrange(-10, 20) * MINUTE if booked else None,
            estimate=WaitEstimate(likely_ms=likely, pessimistic_ms=2 * likely)
            if rng.random() < 0.9
            else None,
            feedback_link=True,
        )

    def _called(self, call: int) -> VisitCalled:
        jumped = call == 1 and self.rng.random() < 0.06
        reason = self.rng.choice(list(OutOfOrder)) if jumped else None
        return VisitCalled(step=1, counter=self.rng.choice((1, 2)), call=call, out_of_order=reason)

    def _ask(self, day: date, visit: UUID, at: datetime) -> None:
        told = next(told for told in reversed(self.visits[day]) if told.visit == visit)
        self.feedback.emit(FeedbackOffered(step=1, service=told.service), visit, at, day)
        self.offered[day].append(told.service)
        if self.rng.random() < 0.4:
            self.answer(day, told.service, at + 5 * MINUTE)

    def answer(self, day: date, service: str, at: datetime, reference: str | None = None) -> None:
        """A visitor rates; a ``reference`` that was used before makes it count for nothing."""
        rng = self.rng
        rated = rng.sample(DIMENSIONS, rng.randint(1, 4))
        ratings = tuple(
            Rating(dimension=dimension, level=rng.choices(range(1, 6), (2, 3, 10, 40, 45))[0])
            for dimension in rated
        )
        known = reference or f"{rng.getrandbits(128):032x}"
        given = FeedbackGiven(
            reference=known,
            visit_day=day,
            service=service,
            waiting_band=rng.choice(list(WaitingBand)),
            language=rng.choice(list(Language)),
            channel=rng.choice(list(FeedbackChannel)),
            ratings=ratings,
            screening=(Screening.TOO_FAST,) if rng.random() < 0.1 else (),
        )
        told = _as_told(given)
        self.feedback.emit(told, uuid7(rng, cut_to_hour(at)), at, day)
        if reference is None:
            levels = sum(rating.level for rating in ratings)
            self.answered[day].append((service, len(ratings), levels))

    def _correction(
        self, told: Told
    ) -> OutcomeCorrection | ServiceCorrection | StartCorrection | EndCorrection:
        rng = self.rng
        match rng.randrange(4):
            case 0:
                old, told.outcome = told.outcome, rng.choice(list(Outcome))
                return OutcomeCorrection(field="outcome", old=old, new=told.outcome)
            case 1:
                before, told.service = told.service, rng.choice(self.services)
                return ServiceCorrection(field="service", old=before, new=told.service)
            case 2:
                was, told.started = told.started, told.entered + rng.randrange(90) * MINUTE
                return StartCorrection(field="started_at", old=was, new=told.started)
            case _:
                was, told.ended = told.ended, told.entered + rng.randrange(180) * MINUTE
                return EndCorrection(field="ended_at", old=was, new=told.ended)

    def _ticketing_manifest(self, day: date) -> DayClosed:
        self.revisions[Stream.TICKETING, day] += 1
        by_service: dict[str, list[Told]] = defaultdict(list)
        for told in self.visits[day]:
            by_service[told.service].append(told)
        return DayClosed(
            revision=self.revisions[Stream.TICKETING, day],
            visits=len(self.visits[day]),
            services=tuple(_totals(code, by_service[code]) for code in sorted(by_service)),
        )

    def _feedback_manifest(self, day: date) -> FeedbackDayClosed:
        self.revisions[Stream.FEEDBACK, day] += 1
        totals: list[ResponseTotals] = []
        for code in sorted({*self.offered[day], *(a[0] for a in self.answered[day])}):
            answers = [answer for answer in self.answered[day] if answer[0] == code]
            totals.append(
                ResponseTotals(
                    service=code,
                    offers=self.offered[day].count(code),
                    responses=len(answers),
                    ratings=sum(answer[1] for answer in answers),
                    levels=sum(answer[2] for answer in answers),
                )
            )
        return FeedbackDayClosed(
            revision=self.revisions[Stream.FEEDBACK, day], services=tuple(totals)
        )


def _as_told(given: FeedbackGiven) -> FeedbackGiven:
    """The answer as a site of this release or of the one before tells it; by its reference."""
    release = int(given.reference[0], 16) % 4
    if release == 0:
        return given
    staff_issued = (None, True, False)[release - 1]
    return FeedbackGivenV2(**given.model_dump(), staff_issued=staff_issued)


def _totals(service: str, visits: Iterable[Told]) -> ServiceTotals:
    visits = list(visits)
    served = [told for told in visits if told.outcome is Outcome.SERVED]
    waits = [between(told.entered, told.called) for told in served if told.called]
    services = [between(told.started, told.ended) for told in served if told.started and told.ended]
    outcomes = [told.outcome for told in visits]
    return ServiceTotals(
        service=service,
        steps=len(visits),
        served=len(served),
        no_show=outcomes.count(Outcome.NO_SHOW),
        left=outcomes.count(Outcome.LEFT),
        removed=outcomes.count(Outcome.REMOVED),
        forgotten=outcomes.count(Outcome.FORGOTTEN),
        wait_ms=sum(filter(plausible, waits)),
        service_ms=sum(filter(plausible, services)),
        implausible=sum(not plausible(duration) for duration in (*waits, *services)),
    )


def local(day: date, hour: int, minute: int) -> datetime:
    """A local time of ``day`` (Asia/Bangkok) as a moment."""
    return datetime.combine(day, time(hour, minute), UTC) - timedelta(hours=7)


def played(
    sites: Sequence[str], days: Sequence[date], visits: int, *, seed: int = 1, corrections: int = 0
) -> Iterator[SiteStreams]:
    """Whole days at several sites."""
    for site in sites:
        streams = SiteStreams(site, seed)
        for day in days:
            streams.play(day, visits, corrections)
        yield streams
