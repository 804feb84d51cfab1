"""The event of one answer, built from the row that keeps it."""

import asyncpg

from libs.events.codes import (
    Dimension,
    FeedbackChannel,
    Language,
    Origin,
    Screening,
    WaitingBand,
)
from libs.events.responses import FeedbackGivenV2, Rating
from libs.stream.outbox import Transaction


def ratings(row: asyncpg.Record) -> tuple[Rating, ...]:
    """The ratings of a row of ``response``, in the order of the dimensions."""
    return tuple(
        Rating(dimension=dimension, level=row[dimension.value])
        for dimension in Dimension
        if row[dimension.value] is not None
    )


def tell(transaction: Transaction, row: asyncpg.Record) -> None:
    """Emit ``feedback.given`` for a row of ``response`` whose counted day is known.

    The envelope's ``serviceday`` is the day whose manifest counts the answer; the visit's own
    day, on which it counts as a metric, is in the data.
    """
    transaction.emit(
        FeedbackGivenV2(
            reference=row["reference"],
            visit_day=row["visit_day"],
            service=row["service"],
            waiting_band=WaitingBand(row["waiting_band"]),
            language=Language(row["language"]),
            channel=FeedbackChannel(row["channel"]),
            ratings=ratings(row),
            screening=tuple(Screening(mark) for mark in row["screening"]),
            staff_issued=row["staff_issued"],
        ),
        subject=row["subject"],
        time=row["given_hour"],
        service_day=row["counted_day"],
        origin=Origin(row["origin"]),
    )
