"""Takes a visitor's answer: once, however often it is sent."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from libs.database.statements import statements
from libs.events.durations import cut_to_hour
from libs.events.responses import Rating
from libs.stream.outbox import Transaction
from services.feedback.model.answer import Answer
from services.feedback.office import FeedbackOffice
from services.feedback.usecases.given_event import ratings, tell

SQL = statements("services.feedback", "sql/answering.sql")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the visitor is told: the answer that counts. The same for every retry."""

    response: UUID
    ratings: tuple[Rating, ...]


class AnswerRefused(ValueError):
    """An answer that can't count; each kind says why."""


class NotAsked(AnswerRefused):
    """There is no offer for this visit: it has not ended, or did not end as served."""


class AlreadyAnswered(AnswerRefused):
    """Another answer to this visit counts already."""


class ResponseTaken(AnswerRefused):
    """The response id stands on the answer to another visit: the page must make a new one."""


async def take_answer(office: FeedbackOffice, answer: Answer) -> Receipt:
    """Keep ``answer`` and tell the nation, in one transaction.

    The moment is that of its receipt, cut to the hour: a visitor's clock is not trusted. Raises
    :class:`NotAsked`, :class:`AlreadyAnswered` or :class:`ResponseTaken`.
    """
    async with office.outbox.transaction() as transaction:
        day = await _share_open_day(transaction)
        offer = await transaction.connection.fetchrow(SQL.hold_offer, answer.visit)
        if offer is None:
            raise NotAsked
        reference = office.key.reference(answer.visit)
        standing = await transaction.connection.fetchrow(SQL.answer_to, reference)
        if standing is not None:
            if standing["response"] != answer.response:
                raise AlreadyAnswered
            return _receipt(standing)
        row = await _keep(transaction, office, answer, offer, day)
        if day is not None:
            tell(transaction, row)
        return _receipt(row)


async def _share_open_day(transaction: Transaction) -> date | None:
    """The day that counts an answer given now, shared so that it can't close meanwhile.

    It may have closed while its lock was waited for, so look again. None while no day is open:
    the answer is held, and the next day to open counts it (see :mod:`.following`).
    """
    shared: date | None = None
    while (day := await transaction.connection.fetchval(SQL.open_day)) != shared:
        if day is None:
            return None
        await transaction.share_day(day)
        shared = day
    return shared


async def _keep(
    transaction: Transaction,
    office: FeedbackOffice,
    answer: Answer,
    offer: asyncpg.Record,
    day: date | None,
) -> asyncpg.Record:
    levels = {rating.dimension.value: rating.level for rating in answer.ratings}
    row = await transaction.connection.fetchrow(
        SQL.keep_answer,
        office.key.reference(answer.visit),
        answer.response,
        cut_to_hour(office.clock()),
        offer["service_day"],
        day,
        offer["origin"],
        offer["service"],
        offer["waiting_band"],
        answer.language,
        answer.channel,
        list(answer.screening),
        levels.get("process"),
        levels.get("staff"),
        levels.get("facilities"),
        levels.get("information"),
        offer["staff_issued"],
    )
    if row is None:
        raise ResponseTaken
    await transaction.connection.execute(SQL.mark_answered, answer.visit)
    return row


def _receipt(row: asyncpg.Record) -> Receipt:
    return Receipt(row["response"], ratings(row))
