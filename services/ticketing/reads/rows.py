"""Rows of the database as values of the model."""

from asyncpg import Record

from libs.events.codes import Channel, Outcome, TimeQuality, VisitorClass
from services.ticketing.model.queue import Waiting
from services.ticketing.model.visits import State, StepRecord
from services.ticketing.reads.apart import moment, moment_or_none


def waiting_of(row: Record) -> Waiting:
    """A row of the queue. Raises ValueError for one that cannot be shown."""
    return Waiting(
        visit=row["visit"],
        step=row["step"],
        ticket=row["ticket"],
        service=row["service"],
        visitor_class=VisitorClass(row["visitor_class"]),
        queued_at=moment(row, "queued_at"),
        appointment=moment_or_none(row, "appointment"),
        effective_arrival=moment(row, "effective_arrival"),
    )


def record_of(row: Record) -> StepRecord:
    """A row of the day book. Raises ValueError for one that cannot be shown."""
    return StepRecord(
        visit=row["visit"],
        step=row["step"],
        ticket=row["ticket"],
        service=row["service"],
        channel=Channel(row["channel"]),
        visitor_class=VisitorClass(row["visitor_class"]),
        appointment=moment_or_none(row, "appointment"),
        state=State(row["state"]),
        queued_at=moment(row, "queued_at"),
        counter=row["counter"],
        calls=row["calls"],
        first_called_at=moment_or_none(row, "first_called_at"),
        last_called_at=moment_or_none(row, "last_called_at"),
        started_at=moment_or_none(row, "started_at"),
        ended_at=moment_or_none(row, "ended_at"),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        time_quality=TimeQuality(row["time_quality"]) if row["time_quality"] else None,
    )
