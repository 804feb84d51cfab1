"""What the office does: each use case is one transaction of rows and events, or changes nothing.

Locks are taken in one order everywhere: day, counter, visit, number, outbox counter.
All raise :class:`services.ticketing.errors.Refused` when the rules do not allow it.
"""

from services.ticketing.usecases.calling import call, call_next, recall
from services.ticketing.usecases.correcting import correct
from services.ticketing.usecases.counters import close_counter, open_counter, take_over
from services.ticketing.usecases.days import close_day, open_day, reopen_day
from services.ticketing.usecases.issuing import issue
from services.ticketing.usecases.resolving import resolve_day
from services.ticketing.usecases.serving import end, no_show, start, withdraw

__all__ = [
    "call",
    "call_next",
    "close_counter",
    "close_day",
    "correct",
    "end",
    "issue",
    "no_show",
    "open_counter",
    "open_day",
    "recall",
    "reopen_day",
    "resolve_day",
    "start",
    "take_over",
    "withdraw",
]
