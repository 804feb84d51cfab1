"""All that follows from one site's stored events, computed anew. Pure.

Rebuilding writes it, checking compares it: both hold the same rows, by table and key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from libs.events.catalogue import Event, Poison, Unknown, read
from libs.events.codes import Stream
from libs.events.envelope import Header, source_of
from libs.events.responses import FeedbackGiven, FeedbackOffered
from libs.stream.watermark import Gap, Moving, Watermark
from services.reporting.ingest.day_totals import (
    EpochDay,
    answer_totals,
    reached_epochs,
    step_totals,
)
from services.reporting.ingest.event_store import (
    DayKey,
    digest,
    manifest_rows,
    reached,
    resolution_rows,
    restoration_rows,
)
from services.reporting.ingest.messages import EpochKey, EventKey
from services.reporting.model.contributions import of_answer, of_offer, of_visit
from services.reporting.model.responses import Answer, AnswerKey, answer_of, counting
from services.reporting.model.rollups import Ledger
from services.reporting.model.targets import Yardsticks
from services.reporting.model.visits import Place, Visit, VisitKey, advance, is_of_visit, place

TableRow: TypeAlias = tuple[object, ...]


class Stored(NamedTuple):
    """A row of the table `events`, of one site."""

    stream: str
    epoch: int
    sequence: int
    id: UUID
    type: str
    subject: UUID | None
    service_day: date
    envelope: str
    digest: bytes
    held: bool
    happened_at: datetime | None
    """Null as an earlier release stored it."""
    recorded_at: datetime | None


class Kept(NamedTuple):
    """A stored event, read."""

    key: EventKey
    header: Header
    event: Event | None


class Fault(NamedTuple):
    """A stored event that is not what its site sent."""

    key: EventKey
    what: str


@dataclass(slots=True)
class Refold:
    """One site's visits, answers and figures, from its events in stream order."""

    site: str
    yardsticks: Yardsticks
    visits: dict[VisitKey, Visit] = field(default_factory=dict[VisitKey, Visit])
    answers: dict[AnswerKey, Answer] = field(default_factory=dict[AnswerKey, Answer])
    arrived: dict[EpochKey, Moving] = field(default_factory=dict[EpochKey, Moving])
    manifests: list[TableRow] = field(default_factory=list[TableRow])
    step_totals: list[TableRow] = field(default_factory=list[TableRow])
    answer_totals: list[TableRow] = field(default_factory=list[TableRow])
    restorations: list[TableRow] = field(default_factory=list[TableRow])
    resolutions: list[TableRow] = field(default_factory=list[TableRow])
    progress: dict[DayKey, Place] = field(default_factory=dict[DayKey, Place])
    epochs: dict[EpochDay, int] = field(default_factory=dict[EpochDay, int])
    held: dict[EventKey, bool] = field(default_factory=dict[EventKey, bool])
    """The events whose mark `held` should change, and to what."""
    faults: list[Fault] = field(default_factory=list[Fault])
    events: int = 0
    figures: Ledger = field(default_factory=Ledger)

    def take(self, rows: Iterable[Stored]) -> None:
        """Fold the next events, in stream order."""
        kept = [event for row in rows if (event := self._read(row))]
        for _, _, event in kept:
            if is_of_visit(event):
                key = VisitKey(self.site, event.subject)
                advance(self.visits.setdefault(key, {}), (event,))
            elif event is not None:
                self._take_answer(event)
        self.manifests += manifest_rows(kept)
        self.step_totals += step_totals(kept, self.yardsticks)
        self.answer_totals += answer_totals(kept, self.yardsticks)
        self.restorations += restoration_rows(kept)
        self.resolutions += resolution_rows(kept)
        for key, at in reached(kept).items():
            self.progress[key] = max(at, self.progress.get(key, at))
        for key, last in reached_epochs(kept).items():
            self.epochs[key] = max(last, self.epochs.get(key, 0))

    def _take_answer(self, event: Event) -> None:
        data = event.data
        if isinstance(data, FeedbackOffered):
            self.figures.add(of_offer(self.site, event.serviceday, data.service, self.yardsticks))
        elif isinstance(data, FeedbackGiven):
            key = AnswerKey(self.site, data.reference)
            answer = answer_of(place(event), event.serviceday, data)
            self.answers[key] = counting(self.answers.get(key), answer)

    def _read(self, row: Stored) -> Kept | None:
        """The event in a stored row, once it is counted; None if it can't be read."""
        self.events += 1
        key = EventKey(EpochKey(self.site, row.stream, row.epoch), row.sequence)
        self._arrived(key.run, row.sequence, row.sequence)
        raw = row.envelope.encode()
        if digest(raw) != row.digest:
            self.faults.append(Fault(key, "the message is not the one that came (digest)"))
        try:
            found = read(raw)
        except Poison as error:
            self.faults.append(Fault(key, f"the message can't be read: {error}"))
            return None
        if isinstance(found, Unknown):
            header, event = found.header, None
        else:
            header = event = found
        said = (
            header.source, header.streamepoch, header.streamseq, header.id, header.type,
            header.subject, header.serviceday,
        )  # fmt: skip
        source = source_of(self.site, Stream(row.stream))
        times = (row.happened_at or header.time, row.recorded_at or header.recordedtime)
        if said != (source, *row[1:7]) or times != (header.time, header.recordedtime):
            self.faults.append(Fault(key, "the columns are not what the message says"))
        if row.held is not (event is None):
            self.held[key] = event is None
        return Kept(key, header, event)

    @property
    def watermarks(self) -> dict[EpochKey, Watermark]:
        """How far each run of numbers has arrived."""
        return {run: moving.mark() for run, moving in self.arrived.items()}

    def pass_over(self, vacancies: Mapping[EpochKey, Iterable[Gap]]) -> None:
        """Take the numbers that have no event, since what had them was refused or lost."""
        for run, ranges in vacancies.items():
            for vacant in ranges:
                self._arrived(run, vacant.first, vacant.last)

    def _arrived(self, run: EpochKey, first: int, last: int) -> None:
        moving = self.arrived.get(run)
        if moving is None:
            moving = self.arrived[run] = Moving(Watermark())
        moving.admit(first, last)

    def finish(self) -> None:
        """Sum up, once every event is in."""
        for key, visit in self.visits.items():
            self.figures.add(of_visit(key.site, visit, self.yardsticks))
        for key, answer in self.answers.items():
            self.figures.add(of_answer(key.site, answer, self.yardsticks))
