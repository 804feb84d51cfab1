"""What a batch changes: visits folded on, answers weighed, offers counted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from libs.database.statements import statements
from libs.database.types import Connection
from libs.events.bounds import VISIT_EVENTS
from libs.events.catalogue import Poison, Unknown, read
from libs.events.codes import Stream
from libs.events.responses import FeedbackGiven, FeedbackOffered
from services.reporting.ingest.messages import Arrival, EpochKey, EventKey
from services.reporting.model.contributions import of_answer, of_offer, of_visit
from services.reporting.model.responses import ANSWER_FIELDS, Answer, AnswerKey, answer_of, counting
from services.reporting.model.rollups import Ledger
from services.reporting.model.targets import Yardsticks
from services.reporting.model.visits import (
    STEP_FIELDS,
    Step,
    Visit,
    VisitEvent,
    VisitKey,
    advance,
    events_of,
    fold,
    in_stream_order,
    is_of_visit,
    last_place,
    place,
)

SQL = statements("services.reporting", "sql/ingest.sql")

STEP_COLUMNS = ("site", "visit", *STEP_FIELDS)
ANSWER_COLUMNS = ("site", "reference", *ANSWER_FIELDS)
step_values = attrgetter(*STEP_FIELDS)
answer_values = attrgetter(*ANSWER_FIELDS)


@dataclass(frozen=True, slots=True)
class Touched:
    """The visits that a batch has events of."""

    news: dict[VisitKey, list[VisitEvent]]
    """The new events, in stream order."""
    stored: dict[VisitKey, Visit]
    """What was known of them before; nothing of a new visit."""


async def touched(connection: Connection, arrivals: Iterable[Arrival]) -> Touched:
    """The visits of these arrivals, as they stand before them."""
    news = _by_visit(arrivals)
    stored = await _stored_visits(connection, list(news)) if news else {}
    return Touched(news, stored)


def surplus(visits: Touched) -> set[EventKey]:
    """Take the events out of ``visits`` that are more than a visit can have; their places."""
    places: set[EventKey] = set()
    for key, events in visits.news.items():
        room = VISIT_EVENTS - events_of(visits.stored.get(key, {}))
        if len(events) > room:
            for event in events[max(room, 0) :]:
                run = EpochKey(key.site, Stream.TICKETING.value, event.streamepoch)
                places.add(EventKey(run, event.streamseq))
            del events[max(room, 0) :]
    for key in [key for key, events in visits.news.items() if not events]:
        del visits.news[key]
        visits.stored.pop(key, None)
    return places


async def fold_visits(
    connection: Connection, visits: Touched, yardsticks: Yardsticks, changes: Ledger
) -> None:
    """Fold new events into their visits; what the visits then contribute goes to ``changes``.

    The events are stored already: a visit that gets one from before its latest is folded anew
    from all of them.
    """
    news, now = visits.news, visits.stored
    if not news:
        return
    known = list(now)
    late = [key for key in known if place(news[key][0]) < last_place(now[key])]
    for key in known:
        changes.subtract(of_visit(key.site, now[key], yardsticks))
    now |= await _folded_anew(connection, late)
    for key in news.keys() - set(late):
        now[key] = advance(now.get(key, {}), news[key])
    for key, visit in now.items():
        changes.add(of_visit(key.site, visit, yardsticks))
    if known:
        await connection.execute(SQL.clear_visits, *_columns(known))
    await store_visits(connection, now.items())


def _by_visit(arrivals: Iterable[Arrival]) -> dict[VisitKey, list[VisitEvent]]:
    """The events of visits, in stream order."""
    found: defaultdict[tuple[str, int], list[VisitEvent]] = defaultdict(list)
    for arrival in arrivals:
        event = arrival.event
        if is_of_visit(event):  # a UUID compares slowly, its number at once
            found[arrival.key.run.site, event.subject.int].append(event)
    for events in found.values():
        events.sort(key=in_stream_order)
    return {VisitKey(site, events[0].subject): events for (site, _), events in found.items()}


async def _stored_visits(connection: Connection, keys: Sequence[VisitKey]) -> dict[VisitKey, Visit]:
    visits: dict[VisitKey, Visit] = {}
    for row in await connection.fetch(SQL.steps_of_visits, *_columns(keys)):
        site, visit, *values = row
        step = Step(*values)
        visits.setdefault(VisitKey(site, visit), {})[step.step] = step
    return visits


async def _folded_anew(connection: Connection, keys: Sequence[VisitKey]) -> dict[VisitKey, Visit]:
    if not keys:
        return {}
    events: dict[VisitKey, list[VisitEvent]] = {key: [] for key in keys}
    for site, visit, envelope in await connection.fetch(SQL.events_of_visits, *_columns(keys)):
        if (event := _stored_event(envelope)) is not None:
            events[VisitKey(site, visit)].append(event)
    return {key: fold(found) for key, found in events.items()}


def _stored_event(envelope: str) -> VisitEvent | None:
    """A stored event of a visit; None for one that this release can't read: `rebuild --check`
    names it."""
    try:
        event = read(envelope.encode())
    except Poison:
        return None
    return event if not isinstance(event, Unknown) and is_of_visit(event) else None


async def store_visits(connection: Connection, visits: Iterable[tuple[VisitKey, Visit]]) -> None:
    """Write the rows of visits that have none."""
    await connection.copy_records_to_table(
        "steps",
        columns=STEP_COLUMNS,
        records=[(*key, *step_values(step)) for key, visit in visits for step in visit.values()],
    )


async def weigh_answers(
    connection: Connection,
    arrivals: Iterable[Arrival],
    yardsticks: Yardsticks,
    changes: Ledger,
) -> None:
    """Let the earliest answer of each reference count; offers all do."""
    answers: dict[AnswerKey, Answer] = {}
    for arrival in arrivals:
        (site, stream, _), event = arrival.key.run, arrival.event
        if stream != Stream.FEEDBACK or event is None:
            continue
        data = event.data
        if isinstance(data, FeedbackOffered):
            changes.add(of_offer(site, event.serviceday, data.service, yardsticks))
        elif isinstance(data, FeedbackGiven):
            key = AnswerKey(site, data.reference)
            answer = answer_of(place(event), event.serviceday, data)
            answers[key] = counting(answers.get(key), answer)
    if answers:
        await _store_earliest(connection, answers, yardsticks, changes)


async def _store_earliest(
    connection: Connection,
    answers: dict[AnswerKey, Answer],
    yardsticks: Yardsticks,
    changes: Ledger,
) -> None:
    replaced: list[AnswerKey] = []
    for row in await connection.fetch(SQL.answers_to, *_columns(list(answers))):
        site, reference, *values = row
        key, stored = AnswerKey(site, reference), Answer(*values)
        if counting(stored, answers[key]) is stored:
            del answers[key]
        else:
            changes.subtract(of_answer(site, stored, yardsticks))
            replaced.append(key)
    for key, answer in answers.items():
        changes.add(of_answer(key.site, answer, yardsticks))
    if replaced:
        await connection.execute(SQL.clear_answers, *_columns(replaced))
    await store_answers(connection, answers.items())


async def store_answers(
    connection: Connection, answers: Iterable[tuple[AnswerKey, Answer]]
) -> None:
    """Write the rows of answers that have none."""
    await connection.copy_records_to_table(
        "responses",
        columns=ANSWER_COLUMNS,
        records=[(*key, *answer_values(answer)) for key, answer in answers],
    )


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
