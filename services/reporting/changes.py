"""What a batch changes: visits folded on, answers weighed, offers counted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from libs.events.catalogue import Unknown, read
from libs.events.codes import Stream
from libs.events.responses import FeedbackGiven, FeedbackOffered
from libs.stream.outbox import Connection
from libs.stream.sql import statements
from services.reporting.answers import ANSWER_FIELDS, Answer, AnswerKey, answer_of, counting
from services.reporting.contributions import of_answer, of_offer, of_visit
from services.reporting.fold import (
    STEP_FIELDS,
    Step,
    Visit,
    VisitEvent,
    VisitKey,
    advance,
    fold,
    in_stream_order,
    is_of_visit,
    last_place,
    place,
)
from services.reporting.intake import Arrival
from services.reporting.rollups import Ledger
from services.reporting.yardsticks import Yardsticks

SQL = statements("services.reporting", "sql/ingest.sql")

STEP_COLUMNS = ("site", "visit", *STEP_FIELDS)
ANSWER_COLUMNS = ("site", "reference", *ANSWER_FIELDS)
step_values = attrgetter(*STEP_FIELDS)
answer_values = attrgetter(*ANSWER_FIELDS)


async def fold_visits(
    connection: Connection,
    arrivals: Iterable[Arrival],
    yardsticks: Yardsticks,
    changes: Ledger,
) -> None:
    """Fold new events into their visits; what the visits then contribute goes to ``changes``.

    The events are stored already: a visit that gets one from before its latest is folded anew
    from all of them.
    """
    news = _by_visit(arrivals)
    if not news:
        return
    visits = await _stored_visits(connection, list(news))
    known = list(visits)
    late = [key for key in known if place(news[key][0]) < last_place(visits[key])]
    for key in known:
        changes.subtract(of_visit(key.site, visits[key], yardsticks))
    visits |= await _folded_anew(connection, late)
    for key in news.keys() - set(late):
        visits[key] = advance(visits.get(key, {}), news[key])
    for key, visit in visits.items():
        changes.add(of_visit(key.site, visit, yardsticks))
    if known:
        await connection.execute(SQL.clear_visits, *_columns(known))
    await store_visits(connection, visits.items())


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
        event = read(envelope.encode())
        if not isinstance(event, Unknown) and is_of_visit(event):
            events[VisitKey(site, visit)].append(event)
    return {key: fold(found) for key, found in events.items()}


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
